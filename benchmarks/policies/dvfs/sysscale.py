"""The SysScale-like policy on a phone: the cores as they are, the memory by its traffic."""

from typing import ClassVar, Literal

from benchmarks.policies.base import Plan, Segment, Windows
from benchmarks.policies.dvfs.phone_policy import TOLD_EVERY, ClockPolicy, static_pair_of
from benchmarks.policies.dvfs.stage import Stage
from benchmarks.policies.dvfs.sysscale_like import PERIOD_S, THRESHOLD
from devices.errors import StableDeviceError

LOW_SHARE = 1.06 / 1.6  # of the highest clock: SysScale's two points of its memory


class SysScale(ClockPolicy):
    """Leaves the cores to their governor, and chooses one of two memory clocks every 30 ms."""

    why: ClassVar[str] = (
        "The memory is often faster than anybody needs. Counting its traffic needs no rehearsal "
        "and knows no layers and no deadline: whether what it saves is worth the time that it "
        "costs is not asked. In the manner of SysScale; of its five counters there is one here, "
        "and its slow point is the rehearsed clock nearest to two thirds of the highest."
    )
    source: ClassVar[str] = "in the manner of SysScale, ISCA 2020, from its abstract and summaries"
    kind: Literal["sysscale_like"] = "sysscale_like"

    def planned(self, stage: Stage) -> Plan:
        """Let the agent watch the traffic.

        Raises:
            StableDeviceError: where the memory's clock cannot be set.
        """
        clocks = stage.table.memory_khz
        if not stage.memory_knob or len(clocks) < 2:
            raise StableDeviceError(
                "policy sysscale_like chooses between two memory clocks, and this phone lets "
                "nobody set one (or grid_memory is 1); use another policy"
            )
        low = min(clocks[:-1], key=lambda clock: abs(clock - LOW_SHARE * clocks[-1]))
        high, thing = clocks[-1], stage.memory_knob.partition(".")[0]
        return Plan(
            knobs={f"{thing}.gov": "userspace"},
            segments=tuple(Segment(to, {}) for to in stage.table.ops),
            windows=Windows(stage.memory_knob, low, high, PERIOD_S, THRESHOLD),
            every=TOLD_EVERY,
            reason=f"memory at {high} above {THRESHOLD:.0%} of what {low} carries, else {low}",
            facts={"static_pair": static_pair_of(stage)},
        )
