"""The six applications of NestDNN as tenants; their numbers stand in `profile.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from benchmarks.policies.tenancy.tenants import Rung, Tenant

GFLOP_PER_S = 38.0  # of the whole phone, assumed: the paper prints no latency at a full share
MAX_LATENCY_S = 0.1  # assumed; see the sensitivity in the report


class Application(BaseModel):
    """What the paper reports of one application, its variants from small to large."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    network: str
    dataset: str
    size_mb: tuple[float, ...]
    descendant_pct: tuple[float, ...]  # accuracy of the nested variants
    independent_pct: tuple[float, ...]  # accuracy of separate models of the same sizes
    gflops: tuple[float, ...]
    knee: int  # of the independent models' accuracy over size
    footprint_mb: Mapping[str, float]
    upgrade_mb: Mapping[str, float]

    @property
    def status_quo_pct(self) -> float:
        """Accuracy of the one model that it uses today."""
        return self.independent_pct[self.knee]


@cache
def applications() -> Mapping[str, Application]:
    """Read the profile."""
    text = Path(__file__).with_name("profile.toml").read_text()
    return {
        name: Application(**{k: tuple(v) if isinstance(v, list) else v for k, v in facts.items()})
        for name, facts in tomllib.loads(text)["applications"].items()
    }


@cache
def tenants(max_latency_s: float = MAX_LATENCY_S) -> Mapping[str, Tenant]:
    """Return the applications with their nested variants."""
    return {
        name: _tenant(name, application, application.descendant_pct, max_latency_s)
        for name, application in applications().items()
    }


def _tenant(
    name: str, application: Application, accuracies: tuple[float, ...], max_latency_s: float
) -> Tenant:
    rungs = tuple(
        Rung(f"{name}-{at}", accuracy, gflops / GFLOP_PER_S, size_mb)
        for at, (accuracy, gflops, size_mb) in enumerate(
            zip(accuracies, application.gflops, application.size_mb, strict=True)
        )
    )
    return Tenant(name, rungs, application.status_quo_pct, max_latency_s, application.knee)
