"""The balancer's memory while a phone runs its plan: margin, drift and thermal caps.

About once a second the host looks at the inferences that were told segment by segment, against
what their clocks should have taken, and sends a new plan when what it learned has moved.
"""

from collections.abc import Callable

from benchmarks.policies.base import Action, Observation, Plan, Replan, SegmentRow
from benchmarks.policies.dvfs.balancing import Balancer
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.policies.dvfs.stage import Stage
from benchmarks.policies.dvfs.told import Gathering

PlanOf = Callable[[Schedule], Plan]


class PlanLearner:
    """One trial's learning; `plan_of` words a solved schedule for the phone."""

    def __init__(self, stage: Stage, margin: float, plan_of: PlanOf) -> None:
        self._stage = stage
        self._plan_of = plan_of
        self._balancer = Balancer(stage.table, stage.period_s, stage.actuation, margin=margin)
        self._solved = self._balancer.resolves
        self._gathering = Gathering(stage, len(self._balancer.schedule.segments))
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
        told = self._gathering.add(row)
        if told is not None:
            self._balancer.observe(told.points, told.seconds)
            self.learned += 1
