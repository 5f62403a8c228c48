"""A metric: one number with its unit, the direction that is better, and where it came from."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

#: Raised whenever a metric of an unchanged trace may change; stored beside every metric.
ANALYSIS_VERSION = 5

Better = Literal["lower", "higher"] | None


@dataclass(frozen=True, slots=True)
class Metric:
    """One result; `value` is None where the trial cannot tell, and `note` says why."""

    name: str
    value: float | None
    unit: str
    better: Better = None
    source: str = "agent"
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what result documents hold."""
        return asdict(self)
