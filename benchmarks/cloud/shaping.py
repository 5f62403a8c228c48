"""The network of a run: as it is, as fast as told, or as a trace says; read strictly, pure."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from statistics import median_low

MAX_ROWS = 7200
WIDEST_GAP = 3.0  # times the usual step of a trace
_FASTEST_MBIT_S = 100_000.0
_COLUMNS = ("time [s]", "up [Mbit/s]", "down [Mbit/s]", "round trip [ms]", "loss [%]")
_HELP = 'write "UP DOWN RTT [LOSS]" in Mbit/s, ms and %, or one such line per time in front [s]'


@dataclass(frozen=True, slots=True)
class Condition:
    """What a network is like from some time on."""

    t_s: float
    up_mbit_s: float
    down_mbit_s: float
    rtt_ms: float
    loss_percent: float = 0.0

    def as_command(self) -> Mapping[str, int]:
        """Return the arguments of the agent's `network`."""
        return {
            "up_kbps": max(1, round(self.up_mbit_s * 1e3)),
            "down_kbps": max(1, round(self.down_mbit_s * 1e3)),
            "rtt_us": round(self.rtt_ms * 1e3),
            "loss_pm": round(self.loss_percent * 10),
        }


@dataclass(frozen=True, slots=True)
class Network:
    """The conditions of a run, the earliest first; none: the network as it is."""

    conditions: tuple[Condition, ...] = ()

    def at(self, t_s: float) -> Condition | None:
        """Return the condition in force at a time of the load [s]."""
        starts = [condition.t_s for condition in self.conditions]
        index = bisect_right(starts, t_s) - 1
        return self.conditions[max(index, 0)] if self.conditions else None


def read_network(text: str) -> Network:
    """Return the network that a text describes; ValueError with the line and the way out."""
    lines = [line.strip() for line in text.replace(";", "\n").splitlines() if line.strip()]
    if not lines:
        return Network()
    if len(lines) > MAX_ROWS:
        raise ValueError(f"{len(lines)} lines; at most {MAX_ROWS} are read")
    if len(lines) == 1 and len(_words(lines[0])) in (3, 4):
        return Network((_condition(1, ["0", *_words(lines[0])]),))
    rows = [_condition(number, _words(line)) for number, line in enumerate(lines, start=1)]
    _refuse_gaps(rows)
    return Network(tuple(rows))


def _words(line: str) -> list[str]:
    return line.split(",") if "," in line else line.split()


def _condition(number: int, words: list[str]) -> Condition:
    if not 4 <= len(words) <= 5:
        raise ValueError(f"line {number} has {len(words)} values: {_HELP}")
    numbers = [_number(number, name, word) for name, word in zip(_COLUMNS, words, strict=False)]
    found = Condition(*numbers)
    for name, rate in (("up", found.up_mbit_s), ("down", found.down_mbit_s)):
        if not 0 < rate <= _FASTEST_MBIT_S:
            raise ValueError(
                f"line {number}: {name} is {rate:g} Mbit/s; a rate lies above 0 and "
                f"below {_FASTEST_MBIT_S:g}: for a network that is gone, stop the server"
            )
    if found.rtt_ms > 60_000 or found.loss_percent > 50:
        raise ValueError(f"line {number}: at most 60000 ms and 50 % loss")
    return found


def _number(number: int, name: str, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        missing = "is missing" if not word.strip() else f"is {word.strip()[:20]!r}, no number"
        raise ValueError(f"line {number}: {name} {missing}: {_HELP}") from None
    if not isfinite(value) or value < 0:
        raise ValueError(f"line {number}: {name} is {word.strip()}; it must be 0 or more")
    return value


def _refuse_gaps(rows: list[Condition]) -> None:
    """Refuse a trace that does not say what the network was like all the time."""
    if rows[0].t_s != 0:
        raise ValueError(
            f"line 1 begins at {rows[0].t_s:g} s: nobody knows the network before; begin at 0"
        )
    steps = [after.t_s - before.t_s for before, after in pairwise(rows)]
    usual = median_low(steps) if steps else 0.0
    for number, step in enumerate(steps, start=2):
        if step <= 0:
            raise ValueError(f"line {number} is not later than line {number - 1}: sort by time")
    for number, step in enumerate(steps, start=2):
        if step > WIDEST_GAP * usual:
            before_s = rows[number - 2].t_s
            raise ValueError(
                f"a gap of {step:g} s after {before_s:g} s (line {number}), the usual step is "
                f"{usual:g} s: fill it in, or cut the trace there"
            )
