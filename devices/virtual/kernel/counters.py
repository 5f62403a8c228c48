"""What the kernel counts since boot: busy time, time at each clock, load averages."""

from dataclasses import dataclass
from math import exp

from devices.virtual.kernel.cpufreq import Policy

_LOAD_S = (60.0, 300.0, 900.0)  # the spans of the three load averages [s]


@dataclass(slots=True)
class Counters:
    """Totals in ns of device time, load averages in runnable threads."""

    busy_ns: list[float]  # per CPU
    point_ns: list[list[int]]  # per policy, per operating point
    switches: list[int]  # per policy: changes of clock
    load: list[float]

    @classmethod
    def at_boot(cls, cpus: int, policies: tuple[Policy, ...]) -> "Counters":
        """Return counters that stand at zero."""
        return cls(
            [0.0] * cpus,
            [[0] * len(policy.khz) for policy in policies],
            [0] * len(policies),
            [0.0] * len(_LOAD_S),
        )

    def copy(self) -> "Counters":
        """Return an independent copy."""
        points = [times.copy() for times in self.point_ns]
        return Counters(self.busy_ns.copy(), points, self.switches.copy(), self.load.copy())

    def before(self, busy: tuple[float, ...], points: tuple[int, ...], ns: int) -> "Counters":
        """Return what the totals were `ns` earlier within the interval that ended here."""
        then = self.copy()
        for cpu, share in enumerate(busy):
            then.busy_ns[cpu] -= share * ns
        for i, point in enumerate(points):
            then.point_ns[i][point] -= ns
        return then

    def run(
        self, busy: tuple[float, ...], points: tuple[int, ...], was: tuple[int, ...], dt_ns: int
    ) -> None:
        """Count one grid interval; `was` are the operating points of the one before."""
        for cpu, share in enumerate(busy):
            if share:
                self.busy_ns[cpu] += share * dt_ns
        for i, point in enumerate(points):
            self.point_ns[i][point] += dt_ns
            if point != was[i]:
                self.switches[i] += 1
        running = sum(busy)
        for i, span_s in enumerate(_LOAD_S):
            self.load[i] += (running - self.load[i]) * (1.0 - exp(-dt_ns / 1e9 / span_s))
