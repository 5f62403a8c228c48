"""What a spec asks of its policy."""

from collections.abc import Mapping
from typing import Any

from benchmarks.policies.base import Task
from benchmarks.specs import RunSpec

NOTHING: Mapping[str, Any] = {}


def task_of(spec: RunSpec, findings: Mapping[str, Any] = NOTHING) -> Task:
    """Return the task of a spec's first lane, with what its preparation found out."""
    load = spec.benchmark.loads_after(findings)[0]
    return Task(
        benchmark=spec.benchmark.kind,
        variants=load.workloads,
        period_s=load.period_s,
        deadline_s=load.deadline_s,
        seed=spec.seed,
        facts=findings,
    )
