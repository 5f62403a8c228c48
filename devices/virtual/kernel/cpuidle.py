"""Idle states: what sleeping cores fall into, what that saves, and what forbidding them costs.

A phone's base load holds what its cores leak in their deepest state, because that is how every
idle phone was measured; a state that somebody disables adds the difference.
"""

from dataclasses import dataclass, field

from devices.virtual.kernel.spec import ClusterSpec

WFI = ("WFI", 1, 1, 1.0)  # clock gated, nothing saved of the leakage
_US_PER_WAKE = 4000  # a core that sleeps is woken by the tick and by work [µs] (estimated)


@dataclass(slots=True)
class Sleeper:
    """One CPU: which states are forbidden, and how long it was in each."""

    states: tuple[tuple[str, int, int, float], ...]  # name, exit and residency [µs], leak share
    disabled: set[int] = field(default_factory=set)
    spent_us: list[int] = field(default_factory=list)
    _counted_us: int = 0  # idle time that stands in `spent_us`

    def __post_init__(self) -> None:
        self.spent_us = [0] * len(self.states)

    @property
    def deepest(self) -> int:
        """The state that long sleeps end in; WFI is always allowed."""
        return max((i for i in range(len(self.states)) if i not in self.disabled), default=0)

    @property
    def extra(self) -> float:
        """Share of the leakage that stays because of what is forbidden [1]."""
        return self.states[self.deepest][3] - self.states[-1][3]

    def account(self, idle_us: int) -> None:
        """Add what has been slept since the last look to the state of now."""
        self.spent_us[self.deepest] += max(idle_us - self._counted_us, 0)
        self._counted_us = max(idle_us, self._counted_us)

    def usage(self, state: int) -> int:
        """Return how often a state was entered, as far as its time tells."""
        return self.spent_us[state] // _US_PER_WAKE


class CpuIdle:
    """The sleeping cores of one chip."""

    def __init__(self, clusters: tuple[ClusterSpec, ...]) -> None:
        self.sleepers: dict[int, Sleeper] = {}
        self._cpus = tuple(cluster.cpus for cluster in clusters)
        for cluster in clusters:
            deeper = cluster.idle.states if cluster.idle else ()
            rows = tuple((s.name, s.exit_us, s.residency_us, s.leak_share) for s in deeper)
            for cpu in cluster.cpus:
                self.sleepers[cpu] = Sleeper((WFI, *rows))
        self.is_hindered = False

    def forbid(self, cpu: int, state: int, *, is_forbidden: bool, idle_us: int) -> None:
        """Forbid or allow a state of a CPU that has slept for `idle_us` so far."""
        sleeper = self.sleepers[cpu]
        sleeper.account(idle_us)
        (sleeper.disabled.add if is_forbidden else sleeper.disabled.discard)(state)
        self.is_hindered = any(one.disabled for one in self.sleepers.values())

    def kept_share(self, cluster: int) -> float:
        """Return the share of a cluster's leakage that stays while it sleeps, because its cores
        may not sleep as they would [1].
        """
        cpus = self._cpus[cluster]
        return sum(self.sleepers[cpu].extra for cpu in cpus) / len(cpus)
