"""DRAM and its interconnect: levels that offer bandwidth and cost power."""

from bisect import bisect_left

from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.devfreq import MEMORY_ACTUATION_NS, Domain
from devices.virtual.kernel.spec import Memory

_ROUNDING = 1.0 - 1e-9
_AWAKE = 0.1  # a cluster that is busier than this votes for its share of bandwidth [1] (estimated)


class Dram:
    """The memory of one phone; without levels in its file it always runs at the top."""

    def __init__(self, spec: Memory) -> None:
        self.domain: Domain | None = None
        self.bytes_per_s: tuple[float, ...] = (spec.gb_per_s * 1e9,)  # per level
        self.idle_w: tuple[float, ...] = (0.0,)  # without traffic, per level
        if spec.levels:
            rows = spec.levels.rows
            self.domain = Domain(
                spec.levels.node,
                tuple(row[0] for row in rows),
                spec.levels.governor,
                ("simple_ondemand",),
                MEMORY_ACTUATION_NS,
            )
            peak = rows[-1][1]  # a level offers its share of what inference sustains at the top
            self.bytes_per_s = tuple(spec.gb_per_s * 1e9 * row[1] / peak for row in rows)
            self.idle_w = tuple(row[2] / 1e3 for row in rows)

    @property
    def point(self) -> int:
        """The level of the present interval."""
        return self.domain.point if self.domain else 0

    def follow(self, policies: tuple[Policy, ...], capacities: tuple[float, ...]) -> None:
        """Take the votes of the clusters: a fast core that waits for slow memory gains nothing.

        Phones have such voters under many names (memlat, cpufreq notifiers, PM QoS); here each
        busy cluster asks for the share of bandwidth that its clock is of the fastest core's.
        """
        if self.domain is None:
            return
        share = 0.0
        for policy, capacity in zip(policies, capacities, strict=True):
            clock = policy.khz[policy.point] / policy.khz[-1]
            if policy.util > _AWAKE * clock and share < capacity * clock:
                share = capacity * clock
        enough = bisect_left(self.bytes_per_s, share * self.bytes_per_s[-1] * _ROUNDING)
        self.domain.floor_point = min(enough, len(self.bytes_per_s) - 1)

    def observe(self, bytes_per_s: float) -> None:
        """Take in the traffic of the last interval."""
        if self.domain:
            self.domain.observe(bytes_per_s / self.bytes_per_s[self.domain.point])
