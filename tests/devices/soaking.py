"""Soaks of one machine for the tests of the silicon: load, run, summarize."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from devices.virtual.catalog import load
from devices.virtual.kernel.inference import Inference
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50

S = 1_000_000_000
TWO_THREADS = LaneSettings(threads=2)


@dataclass(frozen=True)
class Soak:
    """What a soak showed."""

    machine: Machine
    inferences: list[Inference]
    throttled: list[bool]  # one per second: any cooling device in use

    @property
    def first_throttle_s(self) -> float | None:
        """Seconds until anything was capped; None if nothing was."""
        return float(self.throttled.index(True)) if any(self.throttled) else None

    @property
    def throttled_fraction(self) -> float:
        """Share of the time in which anything was capped [1]."""
        return sum(self.throttled) / len(self.throttled)

    def latency_s(self, *, throttled: bool) -> float:
        """Median latency of inferences that started while throttled, or not [s]."""
        start_ns = self.inferences[0].t_ns
        return 1e-6 * median(
            i.lat_us
            for i in self.inferences
            if self.throttled[min((i.t_ns - start_ns) // S, len(self.throttled) - 1)] == throttled
        )


def soak(
    phone: str = "honor-v30-pro",
    *,
    seconds: int = 3600,
    settings: LaneSettings = TWO_THREADS,
    grid_ns: int = 100_000_000,
    before: Callable[[Machine], None] = lambda _machine: None,
) -> Soak:
    """Run ResNet50 on an idle phone of 22 °C for a while; seed 0 is a unit of average power."""
    machine = Machine(load(phone), 0, grid_ns=grid_ns)
    before(machine)
    machine.start_lane(0, RESNET50, settings, machine.now_ns, seed=7)
    cooling = [info.id for info in machine.sensors() if info.id.startswith("cooling:")]
    sample = machine.sampler(cooling)
    start_ns = machine.now_ns
    throttled = []
    for second in range(1, seconds + 1):
        machine.advance(start_ns + second * S)
        throttled.append(any(sample(machine.now_ns)))
    return Soak(machine, machine.take_inferences(), throttled)
