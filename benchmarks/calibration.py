"""Where a phone's own throttling begins, read from a soak of it."""

import re

import numpy as np

from benchmarks.analysis.throttling import detect
from benchmarks.policies.shifting.dynamic_shifting import BEFORE_S, MARGIN_C
from benchmarks.trace import Trace

_ZONE = re.compile(r"zone\.(?P<type>.+)\.temperature")


def t_lim_of(soak: Trace, sensor: str) -> float | None:
    """Return the limit [°C] for a policy that must not let this phone throttle.

    `sensor` finds zones by their type, as a policy's does; None if the soak never throttled or no
    such zone was read.
    """
    spans = detect(soak).spans
    if not spans:
        return None
    zones = [
        signal.between(spans[0].start_s - BEFORE_S, spans[0].start_s).readings.values
        for name, signal in soak.signals.items()
        if (match := _ZONE.fullmatch(name)) and re.search(sensor, match["type"])
    ]
    medians = [float(np.median(values)) for values in zones if values.size]
    return float(np.median(medians)) - MARGIN_C if medians else None
