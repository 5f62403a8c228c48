"""NeuroBalancer on a phone: one solved schedule, with faster ways to end for late inferences."""

from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.policies.base import Controller, Place, Plan, Task
from benchmarks.policies.dvfs.learning import PlanLearner
from benchmarks.policies.dvfs.margin import FIRST_MARGIN
from benchmarks.policies.dvfs.phone_policy import RECONSTRUCTED, ClockPolicy
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.policies.dvfs.stage import Stage, stage_of
from benchmarks.policies.dvfs.wording import worded
from devices.profile import DeviceProfile


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
        return PlanLearner(
            stage, self.margin, lambda schedule: worded(stage, schedule, RECONSTRUCTED)
        )

    def planned(self, stage: Stage) -> Plan:
        """Solve the interval, with what is known before the load."""
        schedule = Schedule(stage.table, stage.period_s, stage.actuation, margin=self.margin)
        return worded(stage, schedule, RECONSTRUCTED)
