"""A finished run, as far as a comparison is concerned."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.analysis.metrics import Metric
from benchmarks.figures import Subject

USABLE = ("valid", "degraded")


@dataclass(frozen=True, slots=True)
class Measured:
    """One run with its numbers, its contract and its place in an experiment."""

    run: int
    device: str  # as people call it; two phones of one product have different names
    workload: str  # the agenda's row, or the network
    contract: Mapping[str, str]  # what must be equal, unless it is the very thing compared
    metrics: Mapping[str, Metric]
    verdict: str
    section: str = ""
    experiment: int | None = None
    repeat: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    reasons: Sequence[Mapping[str, Any]] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""  # why it has no numbers

    @property
    def is_imported(self) -> bool:
        """Whether another tool measured it: it is shown, and never enters a verdict."""
        return self.contract.get("device_kind") == "imported"

    @property
    def why_not(self) -> str:
        """Why it is left out; empty if it counts."""
        if self.failure:
            return self.failure
        if self.verdict not in USABLE:
            first = next((str(reason.get("sentence", "")) for reason in self.reasons), "")
            return f"its verdict is {self.verdict or 'missing'}. {first}".strip()
        return ""

    def as_subject(self, side: int, label: str) -> Subject:
        """Return what the figures of its kind may know of it."""
        start = len("params.")
        return Subject(
            run=self.run,
            side=side,
            label=label,
            metrics={name: metric.value for name, metric in self.metrics.items()},
            details=self.details,
            device=self.device,
            policy=json.loads(self.contract.get("policy", "{}")),
            params={k[start:]: v for k, v in self.contract.items() if k.startswith("params.")},
        )

    def value(self, metric: str) -> float | None:
        """Return a metric's value; None where it is missing or not to be believed."""
        found = self.metrics.get(metric)
        spoiled = any(
            reason.get("effect") == "invalid" and metric in (reason.get("metrics") or ())
            for reason in self.reasons
        )
        return None if found is None or spoiled else found.value
