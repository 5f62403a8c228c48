"""A GPU: its clock, its power, and what it computes."""

from devices.virtual.kernel.blocks import Gpu as GpuSpec
from devices.virtual.kernel.devfreq import GPU_ACTUATION_NS, Domain

#: Where each driver says how busy it is.
BUSY_FILE = {
    "kgsl": "/sys/class/kgsl/kgsl-3d0/gpu_busy_percentage",
    "mali": "/sys/class/misc/mali0/device/utilization",
}


class Gpu:
    """The GPU of one phone."""

    def __init__(self, spec: GpuSpec) -> None:
        self.spec = spec
        steps = tuple(hertz for hertz, _ in spec.opps)
        self.domain = Domain(
            spec.node, steps, spec.governor, ("simple_ondemand",), GPU_ACTUATION_NS
        )
        self.busy_w = tuple(mw / 1e3 for _, mw in spec.opps)
        self.busy = 0.0  # share of the last interval [1]

    @property
    def macs_per_s(self) -> float | None:
        """What it computes at its present clock [MAC/s]; None where nobody has told."""
        rate = self.spec.macs_per_cycle
        return None if rate is None else rate * self.domain.steps[self.domain.point]

    def power_w(self, busy: float) -> float:
        """Return what it draws at its present clock [W]; without any work it is switched off."""
        if not busy:
            return 0.0
        idle_w = (1.0 - busy) * self.spec.idle_mw / 1e3
        return busy * self.busy_w[self.domain.point] + idle_w

    def observe(self, busy: float) -> None:
        """Take in how busy it was in the last interval."""
        self.busy = busy
        self.domain.observe(busy)
