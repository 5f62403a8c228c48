"""A figure: what we take, what the baseline takes beside it in the same run, and the target."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report."""

    name: str
    ours: str
    baseline: str
    value: float  # what the target is about: a ratio, or bytes per sample, or seconds
    unit: str  # ×, B/sample, s
    target: float | None  # None: printed beside the others
    is_floor: bool = False  # the value must be at least the target, else at most
    rounds: tuple[float, ...] = field(default=())  # the value of each round

    @property
    def is_met(self) -> bool:
        """Whether the target is reached."""
        if self.target is None:
            return True
        return self.value >= self.target if self.is_floor else self.value <= self.target

    @property
    def goal(self) -> str:
        """The target as text."""
        if self.target is None:
            return "–"
        return f"{'≥' if self.is_floor else '≤'} {self.target:g} {self.unit}"

    @property
    def spread(self) -> str:
        """The smallest and largest round."""
        return f"{min(self.rounds):.3g}–{max(self.rounds):.3g}" if self.rounds else ""


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def table(figures: Sequence[Figure]) -> str:
    """Return the report for people; a line that misses its target ends in MISSED."""
    lines = [("what", "ours", "baseline", "value", "rounds", "target", "")]
    lines += [
        (
            figure.name,
            figure.ours,
            figure.baseline,
            f"{figure.value:.3g} {figure.unit}",
            figure.spread,
            figure.goal,
            "" if figure.is_met else "MISSED",
        )
        for figure in figures
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def machine() -> dict[str, str | int | None]:
    """Return what the figures were measured on."""
    return {
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def write(figures: Sequence[Figure], path: Path) -> None:
    """Write the report for programs."""
    rows = [asdict(figure) | {"is_met": figure.is_met} for figure in figures]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": machine(), "figures": rows}, indent=1) + "\n")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
