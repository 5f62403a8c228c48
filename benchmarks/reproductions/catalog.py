"""The reproductions there are: one explicit table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.reproductions import nestdnn
from benchmarks.reproductions.options import Options, Say
from benchmarks.reproductions.table import Report


@dataclass(frozen=True, slots=True)
class Reproduction:
    """One paper."""

    name: str
    summary: str
    run: Callable[[Options, Say], Report]


_ALL = (
    Reproduction(
        "nestdnn",
        "six applications share a phone: accuracy and frames against the status quo",
        nestdnn.reproduce,
    ),
)
REPRODUCTIONS: Mapping[str, Reproduction] = {entry.name: entry for entry in _ALL}
