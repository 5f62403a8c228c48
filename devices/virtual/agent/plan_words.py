"""The shape of a plan's segments and rungs on the wire."""

import re
from typing import Any

MAX_SEGMENTS = 400  # a security limit
MAX_RUNGS = 16
_BLOB = re.compile(r"[A-Za-z0-9_./:-]{0,64}")
_KNOB = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SHORTEST_WINDOW_US = 1000
_LONGEST_US = 3_600_000_000
_HIGHEST = (1 << 53) - 1


def are_segments(value: Any) -> bool:
    """Whether this is a list of segments."""
    is_list = isinstance(value, list) and 0 < len(value) <= MAX_SEGMENTS
    return is_list and all(map(_is_segment, value))


def are_rungs(value: Any) -> bool:
    """Whether this is a list of other ways through the segments."""
    return isinstance(value, list) and len(value) <= MAX_RUNGS and all(map(_is_rung, value))


def are_windows(value: Any) -> bool:
    """Whether this is a rule of windows: a knob, its two values, their length and threshold."""
    return (
        isinstance(value, dict)
        and set(value) == {"k", "low", "high", "us", "at_pm"}
        and isinstance(value["k"], str)
        and _KNOB.fullmatch(value["k"]) is not None
        and all(_is_count(value[name], _HIGHEST) for name in ("low", "high"))
        and _is_count(value["us"], _LONGEST_US)
        and value["us"] >= _SHORTEST_WINDOW_US
        and _is_count(value["at_pm"], 1000)
    )


def _is_segment(value: Any) -> bool:
    if not isinstance(value, dict) or not {"to"} <= set(value) <= {"to", "set", "us"}:
        return False
    settings = value.get("set", [])
    return (
        isinstance(value["to"], str)
        and _BLOB.fullmatch(value["to"]) is not None
        and _is_count(value.get("us", 0), _LONGEST_US)
        and isinstance(settings, list)
        and len(settings) <= 4
        and all(map(_is_setting, settings))
    )


def _is_setting(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"k", "v"}
        and isinstance(value["k"], str)
        and _KNOB.fullmatch(value["k"]) is not None
        and _is_count(value["v"], _HIGHEST)
    )


def _is_rung(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"v", "us"}:
        return False
    rows, us = value["v"], value["us"]
    return (
        isinstance(rows, list)
        and isinstance(us, list)
        and all(_is_count(number, _LONGEST_US) for number in us)
        and all(isinstance(row, list) and all(_is_count(v, _HIGHEST) for v in row) for row in rows)
    )


def _is_count(value: Any, most: int) -> bool:
    return type(value) is int and 0 <= value <= most
