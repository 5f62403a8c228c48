"""NeuroBalancer on a phone: one solved schedule, with faster ways to end for late inferences."""

from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.policies.base import Controller, Place, Plan, Segment, Task, Way
from benchmarks.policies.dvfs.ladder import Rung
from benchmarks.policies.dvfs.learning import PlanLearner
from benchmarks.policies.dvfs.margin import FIRST_MARGIN
from benchmarks.policies.dvfs.phone_policy import (
    RECONSTRUCTED,
    TOLD_EVERY,
    ClockPolicy,
    static_pair_of,
)
from benchmarks.policies.dvfs.profile_table import interval_energy_j
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.policies.dvfs.stage import Stage, stage_of
from devices.profile import DeviceProfile

MOST_WAYS = 6


class NeuroBalancer(ClockPolicy):
    """Spreads each inference over its interval, with the clocks that suit each stretch of layers.

    The algorithm is reconstructed from the abstract; the full text was not available.
    """

    why: ClassVar[str] = (
        "An inference that ends early has wasted energy, because the last megahertz are the "
        "dearest. Layers differ: convolutions want the cores, fully connected ones the memory, so "
        "the slack is best spent where a slower clock hurts least. Reconstructed from the "
        "abstract: prices on time and a shortest path over the layers, segments that outlast the "
        "time a clock needs, and a faster way to end when an inference is late. About once a "
        "second it looks at how far its plans were off: the slowest one percent decide how much "
        "is kept back, and operators that drift, or a thermal cap, give a new plan. Without root "
        "it is advisory: it chooses cores, never clocks."
    )
    source: ClassVar[str] = f"Bin et al., NeuroBalancer, IEEE TMC 24(5), 2025; {RECONSTRUCTED}"
    writes_clocks: ClassVar[bool] = False  # without root it chooses among clusters
    kind: Literal["neurobalancer"] = "neurobalancer"
    places: ClassVar[frozenset[Place]] = frozenset({Place.AGENT, Place.HOST})
    margin: float = Field(
        FIRST_MARGIN, ge=0, le=0.5, description="Share of the interval that is kept back, until "
        "more is known. [1]",
    )  # fmt: skip
    learns: bool = Field(
        True, description="Learn margin and drift while the load runs, and plan anew."
    )

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return what learns while the plan is carried out, or something that never does."""
        still = super().start(profile, task)
        stage = stage_of(task.facts)
        if stage is None or stage.mode != "root" or not self.learns:
            return still
        return PlanLearner(stage, self.margin, lambda schedule: self._worded(stage, schedule))

    def planned(self, stage: Stage) -> Plan:
        """Solve the interval, with what is known before the load."""
        schedule = Schedule(stage.table, stage.period_s, stage.actuation, margin=self.margin)
        return self._worded(stage, schedule)

    def _worded(self, stage: Stage, schedule: Schedule) -> Plan:
        """Return a schedule as a plan, with faster rungs of its ladder along."""
        plan, segments = schedule.plan, schedule.segments
        ends = [first - 1 for first in segments.first_op[1:]]
        names = [stage.table.ops[end] for end in ends] + [""]
        spent_s = schedule.durations_s(plan.points)
        busy_j = plan.energy_j if plan.energy_j != float("inf") else 0.0
        whole_j = interval_energy_j(busy_j, plan.time_s, stage.period_s, stage.table.idle_w)
        return Plan(
            knobs=stage.governors("userspace"),
            segments=tuple(
                Segment(to, stage.knobs(point), seconds)
                for to, point, seconds in zip(names, plan.points, spent_s, strict=True)
            ),
            ways=tuple(self._way(stage, schedule, rung) for rung in _faster(schedule)),
            budget_s=schedule.budget_s,
            patience_s=schedule.patience_s,
            every=TOLD_EVERY,
            reason=f"planned to end at {plan.time_s / stage.period_s:.0%} of the interval",
            facts={
                "static_pair": static_pair_of(stage),
                "predicted_uj": round(whole_j * 1e6),
                "margin": round(stage.period_s / schedule.budget_s - 1.0, 5),
                "note": RECONSTRUCTED,
            },
        )

    @staticmethod
    def _way(stage: Stage, schedule: Schedule, rung: Rung) -> Way:
        values = tuple(tuple(stage.knobs(point).values()) for point in rung.points)
        return Way(values, tuple(schedule.durations_s(rung.points)))


def _faster(schedule: Schedule) -> list[Rung]:
    """Return a few rungs between the plan and racing, the fastest last."""
    racing = (schedule.fastest,) * len(schedule.segments)
    seen = {racing}
    rungs = []
    for rung in sorted(schedule.ladder.rungs(), key=lambda rung: -rung.time_s):
        if rung.time_s < schedule.plan.time_s and rung.points not in seen:
            seen.add(rung.points)
            rungs.append(rung)
    step = max(1, len(rungs) // (MOST_WAYS - 1))
    race_s = sum(schedule.durations_s(racing))
    return [*rungs[::step][: MOST_WAYS - 1], Rung(racing, race_s, 0.0)]
