"""What all policies about clocks share on a phone: a plan made of the rehearsal's table."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from benchmarks.objections import Lacking
from benchmarks.policies.base import (
    Action,
    Controller,
    Observation,
    Place,
    Plan,
    PolicySpec,
    Segment,
    Task,
)
from benchmarks.policies.dvfs.margin import FIRST_MARGIN
from benchmarks.policies.dvfs.profile_table import interval_energy_j
from benchmarks.policies.dvfs.scheduling import static_pair
from benchmarks.policies.dvfs.stage import Stage, stage_of
from devices.errors import StableDeviceError
from devices.profile import DeviceProfile

RECONSTRUCTED = "algorithm reconstructed from the abstract; the full text was not available"
TOLD_EVERY = 5  # of so many inferences, one is told segment by segment


class ClockPolicy(PolicySpec):
    """Decides before the load begins; the phone carries it out."""

    places: ClassVar[frozenset[Place]] = frozenset({Place.AGENT})
    suits: ClassVar[frozenset[str]] = frozenset({"dvfs"})
    writes_clocks: ClassVar[bool] = True  # it means nothing where no clock can be written

    def refuse(self, profile: DeviceProfile) -> None:
        """Refuse a phone that lets nobody write clocks, if the policy must. Raises Lacking."""
        if self.writes_clocks and not (profile.is_rooted and profile.clusters):
            raise Lacking(
                "policy",
                f"{profile.serial}: policy {self.kind} writes clocks, and this phone gives no root "
                "rights; use `neurobalancer` or `static_pair`, which then choose cores and pace "
                "only, or a rooted phone",
            )

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return a controller that changes nothing: the plan says it all. Raises Lacking."""
        self.refuse(profile)
        return _Still()

    def plan(self, profile: DeviceProfile, task: Task) -> Plan | None:
        """Return the plan for what was rehearsed.

        Raises:
            StableDeviceError: if the run is advisory and the policy writes clocks.
        """
        stage = stage_of(task.facts)
        if stage is None:
            return None
        if stage.mode == "root":
            return self.planned(stage)
        if self.writes_clocks:
            raise StableDeviceError(
                f"policy {self.kind} writes clocks, which mode = 'advisory' does not; "
                "use `neurobalancer` or `static_pair`"
            )
        return advised(stage)

    @abstractmethod
    def planned(self, stage: Stage) -> Plan:
        """Return the plan of a phone whose clocks can be written."""


class _Still:
    def decide(self, seen: Observation) -> tuple[Action, ...]:
        return ()


def constant(stage: Stage, point: int, reason: str) -> Plan:
    """Return a plan that runs everything at one point, and tells its segments."""
    return whole(stage, [point] * len(stage.table.ops), reason)


def whole(stage: Stage, points: Sequence[int], reason: str, **facts: Any) -> Plan:
    """Return a plan of one segment per operator of the table."""
    segments = tuple(
        Segment(to, stage.knobs(point), float(stage.table.time_s[op, point]))
        for op, (to, point) in enumerate(zip(stage.table.ops, points, strict=True))
    )
    told = {"static_pair": static_pair_of(stage), **facts}
    return Plan(
        knobs=stage.governors("userspace"),
        segments=segments,
        every=TOLD_EVERY,
        reason=reason,
        facts=told,
    )


def advised(stage: Stage) -> Plan:
    """Return the cheapest cluster that is in time, where no clock may be written."""
    best = static_pair_of(stage)
    mask = stage.masks[int(best["point"])]
    reason = f"advisory: cores {mask} are the cheapest that end in time; no clock is written"
    return Plan(lane={"mask": mask}, reason=reason, facts={"static_pair": best})


def static_pair_of(stage: Stage) -> dict[str, Any]:
    """Return the cheapest single point that meets the deadline with its predictions, as JSON."""
    point = static_pair(stage.table, stage.period_s, FIRST_MARGIN).point(0, 0.0)
    time_s = float(stage.table.time_s[:, point].sum())
    busy_j = float(stage.table.energy_j[:, point].sum())
    energy_j = interval_energy_j(busy_j, time_s, stage.period_s, stage.table.idle_w)
    core, memory = stage.table.khz(point)
    return {
        "point": point,
        "core": core,
        "memory": memory,
        "time_us": round(time_s * 1e6),
        "energy_uj": round(energy_j * 1e6),
    }
