"""The three signals of throttling beside what is made of them."""

from collections.abc import Mapping
from typing import Any

from benchmarks.figures import Gantt, Lane, Stretch

_SIGNALS = (
    ("T1: a cap below that of the start", "capped"),
    ("T2: a slower clock under load", "slowed"),
    ("T3: latency above 1.10 × the first minute's", "delayed"),
)


def signal_figure(details: Mapping[str, Any]) -> tuple[Gantt, ...]:
    """Return when each signal was seen in one run; nothing where none ever was."""
    signs = details.get("signs") or {}
    rows = [(label, signs[name]) for label, name in _SIGNALS if name in signs]
    rows.append(("throttled: T1, or T2 and T3", details.get("throttled") or []))
    if not any(spans for _, spans in rows):
        return ()
    lanes = tuple(
        Lane(label, 0 if k < len(rows) - 1 else 1, tuple(_stretch(*span) for span in spans))
        for k, (label, spans) in enumerate(rows)
    )
    about = (
        "A clock that fell alone is a governor, and latency that rose alone is something else; a "
        "signal that this phone cannot tell has no row."
    )
    return (Gantt("What tells that it throttled", about, "minutes under load", lanes),)


def _stretch(start_s: float, end_s: float) -> Stretch:
    words = f"{start_s:.0f} to {end_s:.0f} s"
    return Stretch(start_s / 60, end_s / 60, 1.0, 1.0, words)
