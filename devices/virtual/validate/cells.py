"""The cells of a published latency benchmark, and which of them the constants were fitted to."""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import NamedTuple

from devices.virtual.physics.cpu import FLOAT_BYTES, Layer, Work
from devices.virtual.validate.published import load


class Cell(NamedTuple):
    """One published latency."""

    phone: str
    chip: str
    network: str
    threads: int
    cores: tuple[tuple[int, int], ...]  # (CPU, kHz), one per thread
    ms: float
    source: str


@cache
def cells() -> tuple[Cell, ...]:
    """Return all cells in the order of the file."""
    found = []
    for run in load("latency.json")["runs"]:
        once = tuple((cpu, khz) for cpu, khz in run["cores"])
        cores = tuple(once[i % len(once)] for i in range(run["threads"]))
        found += [
            Cell(run["phone"], run["chip"], network, run["threads"], cores, ms, run["source"])
            for network, ms in run["ms"].items()
        ]
    return tuple(found)


def fitted(all_cells: Sequence[Cell], seed: int) -> frozenset[int]:
    """Return the indexes of the cells to fit to: every third of each phone, drawn by the seed."""
    one_in = load("latency.json")["fit"]["one_in"]
    draw = Random(seed)
    chosen: set[int] = set()
    for phone in dict.fromkeys(cell.phone for cell in all_cells):
        own = [i for i, cell in enumerate(all_cells) if cell.phone == phone]
        chosen.update(draw.sample(own, len(own) // one_in))
    return frozenset(chosen)


@cache
def network(name: str, file: str = "networks.json") -> Work:
    """Return the layers of one of the benchmark's networks, or of ours in `generated.json`."""
    return Work(
        name,
        tuple(
            Layer(kind, macs, FLOAT_BYTES * (moved + weights), FLOAT_BYTES * weights)
            for kind, macs, moved, weights in load(file)["networks"][name]
        ),
    )
