"""The reproductions there are: one explicit table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.reproductions.table import Report

Say = Callable[[str], None]  # told what is being measured, for people who wait


@dataclass(frozen=True, slots=True)
class Options:
    """How much to measure, and where."""

    seed: int = 1
    fast: bool = False  # one seed, no figures; never a shorter experiment
    adb: str | None = None  # also measure one row on the phone with this serial


@dataclass(frozen=True, slots=True)
class Reproduction:
    """One paper."""

    name: str
    summary: str
    run: Callable[[Options, Say], Report]


_ALL: tuple[Reproduction, ...] = ()
REPRODUCTIONS: Mapping[str, Reproduction] = {entry.name: entry for entry in _ALL}
