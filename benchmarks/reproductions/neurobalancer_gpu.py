"""The rows of NeuroBalancer's GPU: a virtual phone's GPU under the ordinary kind `dvfs`.

The phone is the catalog's nearest to the Pixel 3a that the authors' earlier work names; it was
chosen before anything was measured on it. Clocks of its GPU are published, power is estimated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.reproductions.options import Say
from benchmarks.reproductions.phones import run_near
from benchmarks.reproductions.table import Row
from benchmarks.specs import parse

PHONE, NETWORK = "pixel-3", "resnet50"
SLACKS = (1.25, 1.5, 2.0)
DURATION_S = 30
DEFAULT, SYSSCALE, BALANCER = "stock", "sysscale_like", "neurobalancer"


@dataclass(frozen=True, slots=True)
class GpuCell:
    """One slack: what each policy came to, by metric."""

    slack: float
    found: Mapping[str, Mapping[str, float]]

    def saving(self, against: str) -> float:
        """Return the share of the interval's energy that the balancer saves [1]."""
        ours = self.found[BALANCER]["energy_mj"]
        return 1.0 - ours / self.found[against]["energy_mj"]


def gpu_cells(seed: int, say: Say) -> tuple[GpuCell, ...]:
    """Run default, SysScale-like and balancer at every slack."""
    cells = []
    for slack in SLACKS:
        say(f"neurobalancer: {NETWORK} on the GPU of a {PHONE} at slack {slack:g}, seed {seed}")
        policies = (DEFAULT, SYSSCALE, BALANCER)
        cells.append(
            GpuCell(slack, {policy: _measured(policy, slack, seed) for policy in policies})
        )
    return tuple(cells)


def _measured(policy: str, slack: float, seed: int) -> dict[str, float]:
    benchmark = {"kind": "dvfs", "workload": NETWORK, "processor": "gpu", "mode": "root",
                 "slack": slack, "duration_s": DURATION_S}  # fmt: skip
    spec = parse({"benchmark": benchmark, "policy": {"kind": policy}, "seed": seed,
                  "preconditions": {"start_gate": {"timeout_s": 0}}})  # fmt: skip
    metrics = run_near(PHONE, spec).analysis.metrics
    return {metric.name: metric.value for metric in metrics if metric.value is not None}


def gpu_rows(cells: tuple[GpuCell, ...]) -> Iterator[Row]:
    """Yield the paper's two numbers beside ours, and whether deadlines were met."""
    yield _largest(cells, DEFAULT, "the default governor", 0.211, (0.10, 0.30))
    yield _largest(cells, SYSSCALE, "SysScale-like", 0.186, (0.05, 0.30))
    hits = [cell.found[BALANCER]["deadline_hit"] for cell in cells]
    yield Row("deadlines met, GPU, worst slack", 1.0, min(hits), (0.99, 1.0), provenance="A",
              note="the paper: meets the requirement")  # fmt: skip


def _largest(
    cells: tuple[GpuCell, ...],
    against: str,
    name: str,
    paper: float,
    accept: tuple[float, float],
) -> Row:
    best = max(cells, key=lambda cell: cell.saving(against))
    note = f"virtual {PHONE}, {NETWORK} at slack {best.slack:g}, of {len(cells)} slacks"
    saving = best.saving(against)
    return Row(
        f"largest saving against {name}, GPU", paper, saving, accept, provenance="A", note=note
    )
