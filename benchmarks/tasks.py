"""What a spec asks of its policy."""

from benchmarks.policies.base import Task
from benchmarks.specs import RunSpec


def task_of(spec: RunSpec) -> Task:
    """Return the task of a spec's first lane."""
    load = spec.benchmark.loads()[0]
    return Task(
        benchmark=spec.benchmark.kind,
        variants=load.workloads,
        period_s=load.period_s,
        deadline_s=load.deadline_s,
        seed=spec.seed,
    )
