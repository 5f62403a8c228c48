"""Our generated networks in the place of those that a published benchmark measured."""

from collections.abc import Iterator
from typing import Any

from devices.virtual.catalog import load as load_phone
from devices.virtual.kernel.chip import Chip
from devices.virtual.validate.cells import Cell, cells, fitted, network
from devices.virtual.validate.latency import predict_ms, spread
from devices.virtual.validate.published import load
from devices.virtual.validate.rows import Kind, Row

_GROUP = "latency, generated"
_FILE = "generated.json"


def compare() -> Iterator[Row]:
    """Yield each cell of a network that ours is like, the errors, and what was left out and why.

    A cell to which the kernels were fitted by the benchmark's own network is *fitted* here, too.
    """
    facts = load("same.toml")
    chosen = fitted(cells(), load("latency.json")["fit"]["seed"])
    errors: dict[Kind, list[float]] = {"fitted": [], "predicted": []}
    for i, cell in enumerate(cells()):
        if name := facts["same"].get(cell.network):
            kind: Kind = "fitted" if i in chosen else "predicted"
            ours = predict_ms(cell, network(name, _FILE))
            errors[kind].append(abs(ours / cell.ms - 1.0))
            what = f"{cell.phone}, {name}, {cell.threads} threads"
            yield Row(_GROUP, what, cell.ms, ours, "ms", None, kind, f"{cell.source}, {cell.chip}")
    yield from spread(_GROUP, "predicted", errors["predicted"], facts["accept"])
    yield from spread(_GROUP, "fitted", errors["fitted"], {})
    yield from _others(facts)
    for row in facts["excluded"]:
        source = "cells that are not compared"
        yield Row(_GROUP, row["reason"], None, row["count"], "", None, "input", source)


def _others(facts: dict[str, Any]) -> Iterator[Row]:
    """Yield what another runtime needed beside what ncnn's kernels would; judged by nobody."""
    for other in facts["other"]:
        for phone, published in other["ms"].items():
            fastest = _fastest(phone)
            for name, ms in published.items():
                cell = Cell(phone, "", name, 1, (fastest,), ms, other["source"])
                ours = predict_ms(cell, network(name, _FILE))
                what = f"{phone}, {name}, 1 thread"
                yield Row(_GROUP, what, ms, ours, "ms", None, "predicted", other["source"])


def _fastest(phone: str) -> tuple[int, int]:
    """Return the fastest CPU of a phone and its highest clock [kHz]."""
    chip = Chip(load_phone(phone), 0)
    cpu = max(chip.cluster_of)
    return cpu, chip.policies[chip.cluster_of[cpu]].khz[-1]
