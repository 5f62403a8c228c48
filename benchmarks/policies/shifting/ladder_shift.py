"""Dynamic shifting over more than two variants, one rung at a time."""

from typing import ClassVar, Literal

from benchmarks.policies.base import Controller, Task
from benchmarks.policies.shifting.base import PAPER, Ladder
from benchmarks.policies.shifting.dynamic_shifting import ShiftingController, TrendPolicy
from benchmarks.policies.shifting.sensing import CpuTemperature
from devices.profile import DeviceProfile


class LadderShift(TrendPolicy):
    """Shifts one variant down above t_lim, and one up when the cooling levels off."""

    why: ClassVar[str] = (
        "A step down to the next variant costs less accuracy than a step to the last one, and "
        "often rests the phone enough. The paper names it as future work. With two variants it is "
        "dynamic shifting."
    )
    source: ClassVar[str] = f"{PAPER}, named there as future work"
    kind: Literal["ladder_shift"] = "ladder_shift"

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return a controller of all variants."""
        ladder = Ladder(self, task, ends_only=False)
        return ShiftingController(self, ladder, CpuTemperature(profile, self.sensor))
