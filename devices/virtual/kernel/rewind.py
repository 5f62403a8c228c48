"""The last grid interval, kept so that a write in its middle can cut it short."""

from typing import Any

from devices.virtual.kernel.gauge import Gauge
from devices.virtual.kernel.inference import Told
from devices.virtual.kernel.load import Load
from devices.virtual.kernel.remote_lane import RemoteLane
from devices.virtual.kernel.warmth import Warmth


class Rewind:
    """What one interval changes, as it was at the interval's start."""

    def __init__(self, start_ns: int, warmth: Warmth, gauge: Gauge, load: Load) -> None:
        self.start_ns = start_ns
        self._warmth, self._gauge, self._load = warmth, gauge, load
        self._warm, self._charged = warmth.now, (gauge.charge, gauge.reading)
        self._lanes: list[tuple[RemoteLane, dict[str, Any]]] = [
            (lane, vars(lane).copy()) for lane in load.lanes.values()
        ]
        self._courses = [(c, c.saved()) for lane, _ in self._lanes if (c := lane.course)]
        self._taken = load.taken.copy()

    def back(self, done: list[Told]) -> None:
        """Put everything back, and take out of `done` what was completed since."""
        self._warmth.now = self._warm
        self._gauge.charge, self._gauge.reading = self._charged
        for lane, state in self._lanes:
            vars(lane).update(state)
        for course, saved in self._courses:
            course.put_back(saved)
        self._load.put_back([lane for lane, _ in self._lanes], self._taken)
        done[:] = [told for told in done if told.end_ns <= self.start_ns]
