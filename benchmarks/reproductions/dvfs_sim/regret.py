"""What knowing the future would have saved: the oracle of the analytic phone (D9)."""

from benchmarks.policies.dvfs.profile_table import interval_energy_j
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.reproductions.dvfs_sim.disturbance import disturbances
from benchmarks.reproductions.dvfs_sim.networks import NETWORKS
from benchmarks.reproductions.dvfs_sim.sweep import ACTUATION, BALANCER, Cell, seed_of

_SAMPLE = 6  # intervals that the oracle solves; it solves each anew


def regret(cell: Cell, seed: int, intervals: int) -> float:
    """Return by how much the balancer exceeds the oracle's energy on the same intervals [1].

    The oracle solves the true table of each interval and keeps nothing back. It is compared on
    intervals spread over the run, after the balancer has learned.
    """
    factors = disturbances(seed_of(seed, list(NETWORKS).index(cell.network)), intervals,
                           len(cell.table.ops))  # fmt: skip
    chosen = range(intervals // 2, intervals, max(1, intervals // (2 * _SAMPLE)))
    interval_s = cell.table.race_s * cell.slack
    best_j = [
        interval_energy_j(plan.energy_j, plan.time_s, interval_s, cell.table.idle_w)
        for plan in (
            Schedule(cell.table.scaled(factors[number]), interval_s, ACTUATION).plan
            for number in chosen
        )
    ]
    ours_j = [float(cell.outcomes[BALANCER].energy_j[number]) for number in chosen]
    return sum(ours_j) / sum(best_j) - 1.0
