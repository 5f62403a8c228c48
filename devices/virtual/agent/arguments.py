"""What each command may carry; a command is checked wholly before any of it has an effect."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devices.agent.codecs import CODECS
from devices.agent.wire import Line
from devices.virtual.agent.body import Refused
from devices.virtual.agent.plan_words import (
    MAX_SEGMENTS,
    are_rungs,
    are_segments,
    are_windows,
)

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SENSOR = re.compile(r"[A-Za-z0-9_.:#-]{1,128}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ADDRESS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
_MASK = re.compile(r"(0x)?[0-9a-f]{1,16}")
_HOUR_MS = 3_600_000
_HOUR_US = _HOUR_MS * 1000
#: Limits in device time grow with a phone's speed; no phone is faster than this.
_FASTEST = 1000


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: the test it must pass, in words too."""

    fits: Callable[[Any], bool]
    words: str
    is_required: bool = False


def _integer(low: int, high: int, *, required: bool = False) -> Argument:
    def fits(value: Any) -> bool:
        return type(value) is int and low <= value <= high

    return Argument(fits, f"an integer from {low} to {high}", required)


def _matching(pattern: re.Pattern[str], words: str, *, required: bool = False) -> Argument:
    def fits(value: Any) -> bool:
        return isinstance(value, str) and pattern.fullmatch(value) is not None

    return Argument(fits, words, required)


def _list_of(item: Argument, *, required: bool = False, longest: int = 255) -> Argument:
    def fits(value: Any) -> bool:
        return isinstance(value, list) and len(value) <= longest and all(map(item.fits, value))

    return Argument(fits, f"a list of at most {longest}, each {item.words}", required)


def _either(first: Argument, word: str, *, required: bool = False) -> Argument:
    def fits(value: Any) -> bool:
        return value == word or first.fits(value)

    return Argument(fits, f'{first.words}, or "{word}"', required)


def _is_path(value: Any) -> bool:
    if not isinstance(value, str) or not 0 < len(value) <= 256:
        return False
    return all(_NAME.fullmatch(part) and part.strip(".") for part in value.split("/"))


def _is_setting(value: Any) -> bool:
    """A knob's name and what it is to be: a clock [kHz], a bandwidth [MB/s] or a governor."""
    if not isinstance(value, dict) or set(value) != {"k", "v"}:
        return False
    name, wish = value["k"], value["v"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return False
    if type(wish) is int:
        return 0 <= wish <= _ANY_COUNT
    return isinstance(wish, str) and _NAME.fullmatch(wish) is not None


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(number) is int and 0 <= number < 1 << 53 for number in value)
    )


_ANY_COUNT = (1 << 53) - 1
_TRIAL = _integer(0, _ANY_COUNT, required=True)
_BOOLEAN = Argument(lambda value: isinstance(value, bool), "true or false")
_NAMED = _matching(_NAME, "a name of 1 to 64 of A-Z a-z 0-9 _ . -", required=True)
_A_DIGEST = _matching(_DIGEST, "a sha256 in hex", required=True)
_PATH = Argument(_is_path, "a path inside the folder of models", is_required=True)
_A_SENSOR = _matching(_SENSOR, "a sensor id such as thermal:skin")
_LANE = _integer(0, 7)
_THREADS = _integer(1, 64)
_TEXT = Argument(lambda value: isinstance(value, str) and len(value) <= 256, "at most 256 letters")
_PAIRS = _list_of(Argument(_is_pair, "a pair of counts"), required=True, longest=16)
_PROCESSOR = Argument(lambda value: value in ("cpu", "gpu"), '"cpu" or "gpu"')
_CODEC = Argument(lambda value: value in CODECS, f"one of {', '.join(CODECS)}")
_RULES = _list_of(Argument(lambda value: isinstance(value, dict), "a rule"), longest=16)

_SETTINGS: dict[str, Argument] = {
    "lane": _LANE,
    "model": _matching(_NAME, "the id of a loaded model"),
    "threads": _THREADS,
    "processor": _PROCESSOR,
    "mask": _matching(_MASK, "a mask of cores in hex"),
    "period_us": _integer(0, _HOUR_US),
    "depth": _integer(1, 64),
    "idle_us": _integer(0, _HOUR_US),
    "n": _integer(0, _ANY_COUNT),
    "dur_ms": _integer(0, 1000 * _HOUR_MS),
    "deadline_us": _integer(0, _HOUR_US),
    "plan": Argument(
        lambda value: value == "" or (isinstance(value, str) and bool(_NAME.fullmatch(value))),
        'the id of a plan, or ""',
    ),
    "arrivals": Argument(
        lambda value: value == "" or (isinstance(value, str) and bool(_NAME.fullmatch(value))),
        'the id of a timetable, or ""',
    ),
    "share_pm": _integer(1, 1000),
    "reload": _BOOLEAN,
    "cut": Argument(
        lambda value: value == "" or (isinstance(value, str) and bool(_NAME.fullmatch(value))),
        'a blob of the model, or "" for none',
    ),
    "back": Argument(
        lambda value: value == "" or (isinstance(value, str) and bool(_NAME.fullmatch(value))),
        'a blob of the model after the cut, or "" for its output',
    ),
    "fallback": _BOOLEAN,
    "tag": _TEXT,
}

#: op -> its arguments. A command that is not here is unknown.
ARGUMENTS: Mapping[str, Mapping[str, Argument]] = {
    "open": {
        "proto": _integer(0, 1 << 31, required=True),
        "token": _TEXT,
        "deployment": _NAMED,
        "fence": _integer(0, (1 << 63) - 1, required=True),
        "adopt": _BOOLEAN,
        "hb_ms": _integer(1, _FASTEST * _HOUR_MS),
        "lease_ms": _integer(1, _FASTEST * _HOUR_MS),
        "grace_ms": _integer(1, _FASTEST * 10 * _HOUR_MS),
    },
    "ping": {"lease_ms": _integer(1, _FASTEST * _HOUR_MS)},
    "sync": {},
    "sensors": {},
    "sample": {
        "g": _integer(0, 1, required=True),
        "period_us": _integer(10_000, _HOUR_US, required=True),
        "ids": _either(_list_of(_A_SENSOR), "all", required=True),
    },
    "feed": {
        "id": _matching(_SENSOR, "a sensor id", required=True),
        "v": _integer(-(1 << 48), 1 << 48, required=True),
    },
    "begin": {"trial": _TRIAL},
    "end": {},
    "load": {
        "id": _NAMED,
        "param": _PATH,
        "bin": _PATH,
        "bytes": _integer(0, 1 << 34, required=True),
        "sha256": _A_DIGEST,
        "param_sha256": _A_DIGEST,
        "w": _integer(1, 8192, required=True),
        "h": _integer(1, 8192, required=True),
        "c": _integer(1, 8192, required=True),
        "in": _NAMED,
        "out": _NAMED,
        "fp16": _BOOLEAN,
        "threads": _list_of(_THREADS, longest=8, required=True),
    },
    "golden": {
        "id": _NAMED,
        "threads": _THREADS,
        "ref": _PATH,
        "tol_e6": _integer(0, 1_000_000, required=True),
    },
    "warm": {"id": _NAMED, "threads": _THREADS, "n": _integer(1, 32, required=True)},
    "unload": {"id": _NAMED},
    "peer": {
        "host": _matching(_ADDRESS, "a numeric IPv4 address", required=True),
        "port": _integer(1, 65535, required=True),
        "token": Argument(_TEXT.fits, _TEXT.words, is_required=True),
        "model": _NAMED,
        "codec": _CODEC,
        "input_codec": _CODEC,
        "output_codec": _CODEC,
        "timeout_ms": _integer(1, _FASTEST * _HOUR_MS),
    },
    "network": {
        "up_kbps": _integer(1, 100_000_000),
        "down_kbps": _integer(1, 100_000_000),
        "rtt_us": _integer(0, _HOUR_US),
        "loss_pm": _integer(0, 500),
    },
    "set": _SETTINGS,
    "start": {
        **_SETTINGS,
        "seed": _integer(0, (1 << 63) - 1),
        "no_sensors": _BOOLEAN,
    },
    "stop": {"lane": _either(_LANE, "all", required=True)},
    "knob": {
        "set": _list_of(
            Argument(_is_setting, 'a setting such as {"k": "cluster4.max_khz", "v": 1056000}'),
            longest=32,
        ),
        "restore": _BOOLEAN,
    },
    "plan": {
        "id": _NAMED,
        "model": _NAMED,
        "segs": Argument(
            are_segments,
            f"a list of 1 to {MAX_SEGMENTS} segments such as "
            '{"to": "blk3", "set": [{"k": "cluster4.set_khz", "v": 1056000}], "us": 900}',
            is_required=True,
        ),
        "rungs": Argument(are_rungs, 'a list of ways such as {"v": [[1056000]], "us": [900]}'),
        "windows": Argument(
            are_windows,
            'a rule such as {"k": "mem.set_khz", "low": 1014000, "high": 3172000, "us": 30000, '
            '"at_pm": 600}',
        ),
        "budget_us": _integer(0, _HOUR_US),
        "patience_us": _integer(0, _HOUR_US),
        "every": _integer(1, 1000),
    },
    "arrivals": {
        "id": _NAMED,
        "gaps_us": _list_of(_integer(0, _HOUR_US), required=True, longest=1500),
        "span_us": _integer(0, 10 * _HOUR_US),
        "more": _BOOLEAN,
    },
    "limits": {"rules": _RULES, "clear": _BOOLEAN},
    "mark": {
        "text": Argument(_TEXT.fits, _TEXT.words, is_required=True),
    },
    "stored": {"trial": _TRIAL, "rows": _PAIRS, "ev": _integer(0, _ANY_COUNT)},
    "stat": {},
    "quit": {},
}

#: Words of the protocol that need a capability which this agent does not announce.
UNSUPPORTED = frozenset(("blobs", "drop"))


def checked(command: Line) -> Line:
    """Return a command's arguments, or raise Refused naming the first one that does not fit."""
    op = str(command["op"])
    if op in UNSUPPORTED:
        raise Refused("unsupported", f"{op} is not among this agent's capabilities")
    if op not in ARGUMENTS:
        raise Refused("unknown_cmd", f"unknown command {op[:64]!r}")
    known = ARGUMENTS[op]
    given = {key: value for key, value in command.items() if key not in ("op", "seq")}
    for key, value in given.items():
        if key not in known:
            raise Refused(
                "bad_arg", f"{op} has no argument {key[:64]!r}; it has {', '.join(known)}"
            )
        if not known[key].fits(value):
            raise Refused("bad_arg", f"{key} must be {known[key].words}, got {str(value)[:64]!r}")
    for key, argument in known.items():
        if argument.is_required and key not in given:
            raise Refused("bad_arg", f"{op} needs {key}: {argument.words}")
    return given
