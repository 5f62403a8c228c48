"""The large variant alone and under a policy, on the same phone from the same start."""

from dataclasses import dataclass
from typing import Any

from benchmarks.reproductions.phones import run_near
from benchmarks.reproductions.play_it_cool import paper
from benchmarks.solo import Outcome
from benchmarks.specs import RunSpec, parse

SENSOR = "^cluster2$"  # the zone of the paper's "CPU temperature": that of the fastest cores
_HZ = 2.0  # a policy that decides once a second needs no more


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs to compare."""

    alone: Outcome
    shifted: Outcome

    @property
    def gain(self) -> float:
        """The relative gain in mean response."""
        return 1 - need(self.shifted, "response_mean_ms") / need(self.alone, "response_mean_ms")

    @property
    def closed_form(self) -> float:
        """φ·(1 − 1/k) of the run alone."""
        return closed_form(self.alone)


def need(outcome: Outcome, name: str) -> float:
    """Return a metric that this kind always has a number for here."""
    value = value_of(outcome, name)
    if value is None:
        raise ValueError(f"{name} has no value in this run")
    return value


def value_of(outcome: Outcome, name: str) -> float | None:
    """Return a metric's value; None if the run cannot tell."""
    return next(metric.value for metric in outcome.analysis.metrics if metric.name == name)


def closed_form(alone: Outcome) -> float:
    """Return φ·(1 − 1/k): what holding the cool latency would gain; 0 if it never throttled."""
    return value_of(alone, "possible_gain") or 0.0


def spec(policy: dict[str, Any], seed: int, **benchmark: Any) -> RunSpec:
    """Return the paper's hour under a policy."""
    asked = {
        "kind": "shifting",
        "accuracies": list(paper.ACCURACIES),
        "duration_s": paper.DURATION_S,
        "sample_hz": _HZ,
        **benchmark,
    }
    return parse({"benchmark": asked, "policy": policy, "seed": seed})


def dynamic(**parameters: Any) -> dict[str, Any]:
    """Return dynamic shifting with the paper's thresholds, or others."""
    thresholds = {"t_lim_c": paper.T_LIM_C, "g_lim_c_per_s": paper.G_LIM_C_PER_S}
    return {"kind": "dynamic_shifting", "sensor": SENSOR, **thresholds, **parameters}


def measure_alone(seed: int, phone: str = paper.PHONE) -> Outcome:
    """Return the paper's baseline."""
    return run_near(phone, spec({"kind": "stock"}, seed))


def measure_pair(seed: int) -> Pair:
    """Return the paper's experiment."""
    return Pair(measure_alone(seed), run_near(paper.PHONE, spec(dynamic(), seed)))
