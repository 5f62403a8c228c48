"""A solved schedule in the words of a plan, for the phone to carry out."""

from collections.abc import Sequence

from benchmarks.policies.base import Plan, Segment, Way
from benchmarks.policies.dvfs.ladder import Rung
from benchmarks.policies.dvfs.phone_policy import TOLD_EVERY, static_pair_of
from benchmarks.policies.dvfs.profile_table import interval_energy_j
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.policies.dvfs.stage import Stage

MOST_WAYS = 6


def worded(stage: Stage, schedule: Schedule, note: str) -> Plan:
    """Return a schedule as a plan, with faster rungs of its ladder along.

    note: where the algorithm, or what it stands on, is from; for the record
    """
    plan, segments = schedule.plan, schedule.segments
    ends = [first - 1 for first in segments.first_op[1:]]
    names = [stage.table.ops[end] for end in ends] + [""]
    spent_s = schedule.durations_s(plan.points)
    return Plan(
        knobs=stage.governors("userspace"),
        segments=tuple(
            Segment(to, stage.knobs(point), seconds)
            for to, point, seconds in zip(names, plan.points, spent_s, strict=True)
        ),
        ways=tuple(_way(stage, schedule, rung) for rung in _faster(schedule)),
        budget_s=schedule.budget_s,
        patience_s=schedule.patience_s,
        every=TOLD_EVERY,
        reason=f"planned to end at {plan.time_s / stage.period_s:.0%} of the interval",
        facts={
            "static_pair": static_pair_of(stage),
            "predicted_uj": round(whole_j(stage, schedule) * 1e6),
            "margin": round(stage.period_s / schedule.budget_s - 1.0, 5),
            "note": note,
        },
    )


def whole_j(stage: Stage, schedule: Schedule) -> float:
    """Return what an interval of this schedule costs, waiting included [J]."""
    plan = schedule.plan
    busy_j = plan.energy_j if plan.energy_j != float("inf") else 0.0
    return interval_energy_j(busy_j, plan.time_s, stage.period_s, stage.table.idle_w)


def _way(stage: Stage, schedule: Schedule, rung: Rung) -> Way:
    values = tuple(tuple(stage.knobs(point).values()) for point in rung.points)
    return Way(values, tuple(schedule.durations_s(rung.points)))


def _faster(schedule: Schedule) -> Sequence[Rung]:
    """Return a few rungs between the plan and racing, the fastest last."""
    racing = (schedule.fastest,) * len(schedule.segments)
    seen = {racing}
    rungs = []
    for rung in sorted(schedule.ladder.rungs(), key=lambda rung: -rung.time_s):
        if rung.time_s < schedule.plan.time_s and rung.points not in seen:
            seen.add(rung.points)
            rungs.append(rung)
    step = max(1, len(rungs) // (MOST_WAYS - 1))
    race_s = sum(schedule.durations_s(racing))
    return [*rungs[::step][: MOST_WAYS - 1], Rung(racing, race_s, 0.0)]
