"""What a power_allocator asks the cooling devices: how much they want, and what they get for it."""

from collections.abc import Sequence
from typing import Protocol

from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.gpu import Gpu
from devices.virtual.kernel.power_allocator import Share
from devices.virtual.kernel.thermal import CoolingDevice


class Actor(Protocol):
    """A cooling device that can be given power."""

    device: CoolingDevice

    @property
    def min_mw(self) -> int:
        """What it draws fully busy in its deepest state [mW]."""

    def share(self) -> Share:
        """Return what it asks for now."""

    def state_for(self, granted_mw: int) -> int:
        """Return the state in which it keeps to what it was granted."""


def state_for(granted_mw: int, core_mw: Sequence[int], load: int) -> int:
    """Return the state of a cluster under a grant; state 0 is the fastest clock.

    Args:
        granted_mw: for the whole cluster [mW].
        core_mw: of one fully busy core at each clock, slowest first [mW].
        load: summed over the CPUs [%]; the same power pays for a higher clock at half the load.
    """
    normalized_mw = granted_mw * 100 // (load or 1)
    paid = [point for point, mw in enumerate(core_mw) if mw <= normalized_mw]
    return len(core_mw) - 1 - max(paid, default=0)


class CpuActor:
    """A cluster: asks for the power of its present clock at its present load.

    The load is that of each CPU relative to its top clock [%], as the scheduler sees it.
    """

    def __init__(
        self, device: CoolingDevice, policy: Policy, core_w: Sequence[float], weight: int
    ) -> None:
        self.device = device
        self._policy = policy
        self._core_mw = tuple(round(watts * 1e3) for watts in core_w)  # of one core, slowest first
        self._weight = weight
        self._load = 0  # summed over CPUs [%]

    @property
    def min_mw(self) -> int:
        """What all cores draw at the slowest clock [mW]."""
        return self._core_mw[0] * len(self._policy.cpus)

    def share(self) -> Share:
        """Return what it asks for: more while it is busy, nothing while it sleeps."""
        self._load = sum(round(100 * util) for util in self._policy.cpu_utils)
        request_mw = self._core_mw[self._policy.point] * self._load // 100
        return Share(request_mw, self._core_mw[-1] * len(self._policy.cpus), self._weight)

    def state_for(self, granted_mw: int) -> int:
        """Return the state of the fastest clock that the grant pays for at the present load."""
        return state_for(granted_mw, self._core_mw, self._load)


class GpuActor:
    """A GPU: asks for the power of its present clock at its present load."""

    def __init__(self, device: CoolingDevice, gpu: Gpu, weight: int) -> None:
        self.device = device
        self._gpu = gpu
        self._busy_mw = tuple(round(watts * 1e3) for watts in gpu.busy_w)
        self._weight = weight
        self._load = 0  # [%]

    @property
    def min_mw(self) -> int:
        """What it draws busy at the slowest clock [mW]."""
        return self._busy_mw[0]

    def share(self) -> Share:
        """Return what it asks for."""
        self._load = round(100 * self._gpu.busy)
        request_mw = self._busy_mw[self._gpu.domain.point] * self._load // 100
        return Share(request_mw, self._busy_mw[-1], self._weight)

    def state_for(self, granted_mw: int) -> int:
        """Return the state of the fastest clock that the grant pays for at the present load."""
        return state_for(granted_mw, self._busy_mw, self._load)
