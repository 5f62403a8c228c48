"""Soaks of one simulated phone: load it, let it run, keep what the comparisons need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple, cast

from devices.virtual.kernel.inference import Inference
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.physics.thermal import DIE

S = 1_000_000_000
TWO_THREADS = LaneSettings(threads=2)
_SEED = 7


class HeatAccount(NamedTuple):
    """Where the heat of a soak came from and went [J]."""

    in_j: float
    lost_j: float
    stored_j: float


@dataclass(frozen=True, slots=True)
class Soak:
    """What a soak showed."""

    inferences: Sequence[Inference]
    throttled: Sequence[bool]  # one per second: anything capped
    die_c: Sequence[float]  # one per second
    heat: HeatAccount

    @property
    def first_throttle_s(self) -> float | None:
        """Seconds until anything was capped; None if nothing was."""
        return float(self.throttled.index(True)) if any(self.throttled) else None

    @property
    def throttled_fraction(self) -> float:
        """Share of the time in which anything was capped [1]."""
        return sum(self.throttled) / len(self.throttled)

    @property
    def hottest_c(self) -> float:
        """The hottest die of all seconds [°C]."""
        return max(self.die_c)

    @property
    def mean_s(self) -> float:
        """Mean latency of all inferences [s]."""
        return sum(i.lat_us for i in self.inferences) / len(self.inferences) * 1e-6

    def latency_s(self, *, throttled: bool) -> float:
        """Median latency of inferences that started in a throttled second, or not [s]."""
        start_ns = self.inferences[0].t_ns
        last = len(self.throttled) - 1
        return 1e-6 * median(
            i.lat_us
            for i in self.inferences
            if self.throttled[min((i.t_ns - start_ns) // S, last)] == throttled
        )


def soak(
    spec: PhoneSpec,
    *,
    seconds: int,
    settings: LaneSettings = TWO_THREADS,
    grid_ns: int = 100_000_000,
    before: Callable[[Machine], None] = lambda _machine: None,
    each_second: Callable[[Machine, int], None] = lambda _machine, _second: None,
) -> Soak:
    """Run ResNet50 without a pause on a unit of average power, unplugged, in air of 22 °C."""
    machine = Machine(spec, 0, grid_ns=grid_ns)
    machine.set_charger(False)
    before(machine)
    machine.start_lane(0, RESNET50, settings, machine.now_ns, seed=_SEED)
    throttled, die_c = [], []
    for second in range(1, seconds + 1):
        each_second(machine, second - 1)
        machine.advance(second * S)
        throttled.append(any(machine.moment.states))
        die_c.append(machine.moment.temps_c[DIE])
    truth = machine.truth()
    heat = HeatAccount(
        *(cast(float, truth[key]) for key in ("heat_in_j", "heat_lost_j", "heat_stored_j"))
    )
    return Soak(machine.take_inferences(), throttled, die_c, heat)
