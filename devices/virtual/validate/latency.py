"""DNN latency on catalog phones beside a published benchmark: the cells fitted to, and the rest."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from statistics import median, quantiles

from devices.virtual.catalog import load as load_phone
from devices.virtual.kernel.chip import Chip
from devices.virtual.physics.cpu import Core, Work, demand_of, latency_s
from devices.virtual.validate.cells import Cell, cells, fitted, network
from devices.virtual.validate.published import load
from devices.virtual.validate.rows import Kind, Row

_GROUP = "latency"


def compare() -> Iterator[Row]:
    """Yield every cell, then the errors of both sets, then what was left out and why."""
    facts = load("latency.json")
    chosen = fitted(cells(), facts["fit"]["seed"])
    errors: dict[Kind, list[float]] = {"fitted": [], "predicted": []}
    for i, cell in enumerate(cells()):
        kind: Kind = "fitted" if i in chosen else "predicted"
        ours = predict_ms(cell, network(cell.network))
        errors[kind].append(abs(ours / cell.ms - 1.0))
        what = f"{cell.phone}, {cell.network}, {cell.threads} threads"
        yield Row(_GROUP, what, cell.ms, ours, "ms", None, kind, f"{cell.source}, {cell.chip}")
    yield from spread(_GROUP, "predicted", errors["predicted"], facts["accept"])
    yield from spread(_GROUP, "fitted", errors["fitted"], {})
    for count, reason in facts["excluded"]:
        yield Row(_GROUP, reason, None, count, "", None, "input", "cells that are not compared")


def predict_ms(cell: Cell, work: Work) -> float:
    """Return what the phone's file and the kernels give for a network in a cell's place [ms]."""
    chip = _chip(cell.phone)
    cores = shared(cell, lambda cpu: chip.macs_per_cycle[chip.cluster_of[cpu]])
    demand = demand_of(work, chip.kernels)
    return 1e3 * latency_s(demand, cores, chip.dram.bytes_per_s[-1])


def shared(cell: Cell, macs_per_cycle: Callable[[int], float]) -> list[Core]:
    """Return one core per thread of a cell; threads on the same CPU share it."""
    cpus = [cpu for cpu, _ in cell.cores]
    hz = [1e3 * khz / cpus.count(cpu) for cpu, khz in cell.cores]
    return [Core(cpu, rate, rate * macs_per_cycle(cpu)) for cpu, rate in zip(cpus, hz, strict=True)]


@cache
def _chip(phone: str) -> Chip:
    return Chip(load_phone(phone), 0)


def spread(
    group: str, kind: Kind, errors: Sequence[float], accept: dict[str, float]
) -> Iterator[Row]:
    """Yield the median and the 90th percentile of some errors [1]."""
    for name, value in (
        ("median", median(errors)),
        ("percentile_90", quantiles(errors, n=10, method="inclusive")[-1]),
    ):
        limit = accept.get(name)
        yield Row(
            group, f"{len(errors)} {kind} cells: {name.replace('_', ' ')} of the error", None,
            100 * value, "%", None if limit is None else (0.0, 100 * limit), kind,
            "all cells of catalog phones; seed and share in latency.json",
        )  # fmt: skip
