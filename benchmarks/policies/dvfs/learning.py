"""The balancer's memory while a phone runs its plan: margin, drift and thermal caps.

About once a second the host looks at the inferences that were told segment by segment, against
what their clocks should have taken, and sends a new plan when what it learned has moved.
"""

from collections.abc import Callable, Sequence

from benchmarks.policies.base import Action, Observation, Plan, Replan, SegmentRow
from benchmarks.policies.dvfs.balancing import Balancer
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.policies.dvfs.stage import Stage

PlanOf = Callable[[Schedule], Plan]


class PlanLearner:
    """One trial's learning; `plan_of` words a solved schedule for the phone."""

    def __init__(self, stage: Stage, margin: float, plan_of: PlanOf) -> None:
        self._stage = stage
        self._plan_of = plan_of
        self._balancer = Balancer(stage.table, stage.period_s, stage.actuation, margin=margin)
        self._solved = self._balancer.resolves
        self._rows: list[SegmentRow] = []  # of the inference that is being told
        self.learned = 0

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Return a new plan if margin, drift or a cap have moved far enough."""
        self._balancer.clamp(self._cap_khz(seen))
        for row in seen.segments:
            self._take(row)
        if self._balancer.resolves == self._solved:
            return ()
        self._solved = self._balancer.resolves
        reason = (
            f"{self._balancer.margin:.1%} kept back after {self.learned} told inferences, "
            f"operators at {self._balancer.slowdown:.3f} of their rehearsed times"
        )
        return (Replan(self._plan_of(self._balancer.schedule), self._solved, reason),)

    def _cap_khz(self, seen: Observation) -> int | None:
        """Return the thermal cap of what computes, where it lies below what was rehearsed [kHz]."""
        thing = "gpu" if self._stage.processor == "gpu" else f"cpu.{self._stage.cluster}"
        hertz = seen.newest.get(f"{thing}.frequency_cap")
        top_khz = self._stage.table.core_khz[-1]
        return None if hertz is None or hertz >= top_khz * 1e3 - 500 else round(hertz / 1e3)

    def _take(self, row: SegmentRow) -> None:
        if row.number == 0:
            self._rows = []
        self._rows.append(row)
        rows, count = self._rows, len(self._balancer.schedule.segments)
        if len(rows) != count or [each.number for each in rows] != list(range(count)):
            return
        points = self._points(rows)
        if points is not None:
            self._balancer.observe(points, [each.seconds for each in rows])
            self.learned += 1

    def _points(self, rows: Sequence[SegmentRow]) -> list[int] | None:
        """Return the pairs that were asked for; None for clocks that nobody rehearsed."""
        table, points = self._stage.table, []
        for row in rows:
            memory = row.memory if self._stage.memory_knob else table.memory_khz[0]
            if row.core not in table.core_khz or memory not in table.memory_khz:
                return None
            point = table.point(table.core_khz.index(row.core), table.memory_khz.index(memory))
            points.append(point)
        return points
