"""Spans of time as people write them: 500ms, 5s, 2m."""

import re

_DURATION = re.compile(r"(\d{1,7}(?:\.\d{1,6})?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """Return how many seconds a text means.

    Raises:
        ValueError: if it means none; the message says what would.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"a duration such as 500ms, 5s or 2m is expected, not {text!r}")
    return float(match[1]) * _SECONDS[match[2]]
