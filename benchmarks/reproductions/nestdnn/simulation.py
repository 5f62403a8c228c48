"""One policy over many traces, beside the status quo on the same traces."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean

from benchmarks.policies.tenancy.base import TenancyPolicy
from benchmarks.policies.tenancy.churn import Timeline
from benchmarks.policies.tenancy.status_quo import StatusQuo
from benchmarks.policies.tenancy.tenants import Allotment, Tenant

MEMORY_MB = 400.0


@dataclass(frozen=True, slots=True)
class Score:
    """What a policy gave on the same traces as the status quo."""

    gain_points: float  # accuracy over the status quo's, mean over applications
    speedup: float  # frames over the status quo's, mean over applications
    energy_ratio: float  # the status quo's energy per inference over the policy's


def score(
    policy: TenancyPolicy, tenants: Mapping[str, Tenant], timelines: Sequence[Timeline]
) -> Score:
    """Run a policy over every second of every trace; means per application, then over all."""
    gains: dict[str, list[float]] = defaultdict(list)
    our_fps: dict[str, list[float]] = defaultdict(list)
    their_fps: dict[str, list[float]] = defaultdict(list)
    our_j, their_j = [], []
    for timeline in timelines:
        sharing, rival = policy.sharing(), StatusQuo().sharing()
        for present, seconds in groupby(timeline):
            there = [tenants[name] for name in present]
            ours, theirs = sharing.allot(there, MEMORY_MB), rival.allot(there, MEMORY_MB)
            for _ in seconds:
                for tenant in there:
                    gains[tenant.name].append(_gain_points(tenant, ours, theirs))
                    our_fps[tenant.name].append(_fps(tenant, ours))
                    their_fps[tenant.name].append(_fps(tenant, theirs))
                our_j.append(1 / sum(_fps(tenant, ours) for tenant in there))
                their_j.append(1 / sum(_fps(tenant, theirs) for tenant in there))
    return Score(
        gain_points=fmean(fmean(values) for values in gains.values()),
        speedup=fmean(fmean(our_fps[name]) / fmean(their_fps[name]) for name in our_fps),
        # The whole processor is always busy, so a frame's energy is the time between two frames.
        energy_ratio=fmean(their_j) / fmean(our_j),
    )


def _gain_points(tenant: Tenant, ours: Allotment, theirs: Allotment) -> float:
    mine, usual = tenant.at(ours[tenant.name]), tenant.at(theirs[tenant.name])
    return mine.accuracy_pct - usual.accuracy_pct


def _fps(tenant: Tenant, places: Allotment) -> float:
    place = places[tenant.name]
    return place.share / tenant.at(place).latency_s
