"""Finished experiments without traces: two sections, ten pairs, a difference that we know."""

from typing import Any

from benchmarks.analysis.metrics import ANALYSIS_VERSION
from fleet.models import Device, Experiment, Metric, Run
from tests.frontend import farm

NOISE = (0.98, 1.01, 1.0, 0.99, 1.02, 1.005, 0.995, 1.015, 0.985, 1.001)
AGENDA = {"sections": [{"id": "two"}, {"id": "four"}], "workloads": [{"id": "rn50"}]}


def experiment_of(
    phone: Device, slow_down: float = 1.08, pairs: int = 10, **columns: Any
) -> Experiment:
    """Add a finished experiment of two sections whose latencies differ by a factor."""
    experiment = Experiment.objects.create(name="threads", agenda_json=AGENDA)
    for repeat in range(pairs):
        for section, factor in (("two", 1.0), ("four", slow_down)):
            run = farm.run_on(
                phone,
                2400,
                state="completed",
                fence=None,
                experiment=experiment,
                section=section,
                workload="rn50",
                repeat=repeat,
                wanted=phone,
                analysis=ANALYSIS_VERSION,
                verdict="valid",
                details={"latency_by_minute_ms": _minutes(100 * factor, section)},
                **columns,
            )
            run.spec_json["benchmark"]["threads"] = 2 if section == "two" else 4
            run.save(update_fields=["spec_json"])
            value = 100 * factor * NOISE[(repeat + (section == "four") * 3) % 10]
            _add(
                run, p50_ms=(value, "ms", "lower"), peak_skin_c=(41.0 + repeat / 10, "°C", "lower")
            )
    return experiment


def _minutes(value: float, section: str) -> list[float]:
    """Return forty minutes; the one with two threads is slower at the end."""
    return [value * (1.0 + (0.4 if section == "two" else 0.0) * (m > 20)) for m in range(40)]


def _add(run: Run, **metrics: tuple[float, str, str]) -> None:
    for name, (value, unit, better) in metrics.items():
        Metric.objects.create(
            run=run, analysis=run.analysis or 0, name=name, value=value, unit=unit, better=better
        )
