"""Every policy over every network and slack, on the same disturbed intervals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.policies.dvfs.balancing import Balancer
from benchmarks.policies.dvfs.predjoule_like import PredJouleLike
from benchmarks.policies.dvfs.profile_table import Actuation, Floats, ProfileTable
from benchmarks.policies.dvfs.scheduling import Scheduler, governed, race_to_idle, static_pair
from benchmarks.policies.dvfs.sysscale_like import SysScaleLike
from benchmarks.reproductions.dvfs_sim.disturbance import disturbances
from benchmarks.reproductions.dvfs_sim.execution import Outcome, Run
from benchmarks.reproductions.dvfs_sim.networks import NETWORKS
from benchmarks.reproductions.dvfs_sim.silicon import MEMORY_GB_S, table_of

SLACKS = (1.1, 1.25, 1.5, 2.0, 3.0)
LOW = 2  # SysScale's slow memory point, 5.2 GB/s: a guess that its rows depend on
STATIC_MARGIN = 0.05  # what the best static pair keeps back, as the balancer does at first [1]
ACTUATION = Actuation()

GOVERNED, RACE, STATIC, SYSSCALE, PREDJOULE, BALANCER = (
    "governed", "race_to_idle", "static_pair", "sysscale_like", "predjoule_like", "neurobalancer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One network at one slack."""

    network: str
    slack: float
    table: ProfileTable
    outcomes: Mapping[str, Outcome]  # per policy
    high_share: float  # of SysScale's windows [1]

    def saving(self, against: str, policy: str = BALANCER) -> float:
        """Return the share of energy that a policy saves against another [1]."""
        return 1.0 - self.outcomes[policy].mean_j / self.outcomes[against].mean_j


def sweep(seed: int, intervals: int, *, has_plan: bool = True) -> tuple[Cell, ...]:
    """Run every cell; without its plan, the balancer leaves the phone to its governors."""
    cells = []
    for number, (name, network) in enumerate(NETWORKS.items()):
        table = table_of(network)
        factors = disturbances(seed_of(seed, number), intervals, len(network))
        traffic = [op.bytes for op in network]
        cells += [_cell(name, table, traffic, slack, factors, has_plan) for slack in SLACKS]
    return tuple(cells)


def seed_of(seed: int, network: int) -> int:
    """Return the seed of one network's disturbances."""
    return seed * len(NETWORKS) + network


def _cell(
    name: str,
    table: ProfileTable,
    traffic: list[float],
    slack: float,
    factors: Floats,
    has_plan: bool,
) -> Cell:
    interval_s = table.race_s * slack
    low_bytes_per_s = float(MEMORY_GB_S[LOW]) * 1e9
    sysscale = SysScaleLike(table, interval_s, low=LOW, low_bytes_per_s=low_bytes_per_s)
    makers: dict[str, Callable[[], Scheduler]] = {
        GOVERNED: lambda: governed(table, interval_s),
        RACE: lambda: race_to_idle(table),
        STATIC: lambda: static_pair(table, interval_s, STATIC_MARGIN),
        SYSSCALE: lambda: sysscale,
        PREDJOULE: lambda: PredJouleLike(table, interval_s, ACTUATION),
        BALANCER: lambda: (
            Balancer(table, interval_s, ACTUATION) if has_plan else governed(table, interval_s)
        ),
    }
    outcomes = {
        policy: Run(table, make(), interval_s, ACTUATION, traffic).perform(factors)
        for policy, make in makers.items()
    }
    windows = sysscale.windows
    return Cell(name, slack, table, outcomes, windows[len(MEMORY_GB_S) - 1] / sum(windows.values()))
