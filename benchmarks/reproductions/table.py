"""The table of a reproduction: a paper's number, ours, and whether ours may stand beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.table import Table as Grid


class Provenance(StrEnum):
    """Where a reference value is from."""

    PAPER = "P"  #: the paper's full text
    DIGITIZED = "G"  #: read off a figure of the paper
    ABSTRACT = "A"  #: the abstract, or what others say about the paper
    CODE = "C"  #: public source code or its documentation
    SIMULATED = "S"  #: our own simulation or fit
    DERIVED = "D"  #: arithmetic from other rows
    UNVERIFIED = "U"  #: from memory


class Verdict(StrEnum):
    """What a row says."""

    IN = "in range"
    OUT = "out of range"
    REPORT = "report"  #: there is no range
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was measured there and here, and which of our values are accepted."""

    name: str
    paper: float | None
    ours: float | None
    accept: tuple[float, float] | None = None  # both ends belong to it
    unit: str = "1"
    provenance: str = ""  # tags of Provenance, such as "P" or "P/G"
    not_applicable: str = ""  # why this row says nothing here
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Return ours ÷ the paper's."""
        return self.ours / self.paper if self.paper and self.ours is not None else None

    @property
    def verdict(self) -> Verdict:
        """Return the verdict; a value that is missing without a reason is out of range."""
        if self.not_applicable:
            return Verdict.NOT_APPLICABLE
        if self.accept is None:
            return Verdict.REPORT
        low, high = self.accept
        is_in = self.ours is not None and low <= self.ours <= high
        return Verdict.IN if is_in else Verdict.OUT

    @property
    def verdict_text(self) -> str:
        """Return the verdict as the table prints it."""
        reason = f": {self.not_applicable}" if self.not_applicable else ""
        return f"{self.verdict}{reason}"

    def as_dict(self) -> dict[str, Any]:
        """Return the row as JSON."""
        return {
            "row": self.name,
            "paper": self.paper,
            "ours": self.ours,
            "ratio": self.ratio,
            "accept": list(self.accept) if self.accept else None,
            "unit": self.unit,
            "verdict": self.verdict_text,
            "provenance": self.provenance,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one experiment, from one seed."""

    title: str
    rows: tuple[Row, ...]
    seed: int | None = None
    #: A table of a negative control is right when this row is out of range.
    breaks: str = ""

    @property
    def is_good(self) -> bool:
        """Whether every row that has a range and applies is in it, or the control has broken."""
        if self.breaks:
            return any(r.name == self.breaks and r.verdict is Verdict.OUT for r in self.rows)
        return all(row.verdict is not Verdict.OUT for row in self.rows)

    @property
    def summary(self) -> str:
        """Return one line that says how it went."""
        if self.breaks:
            word = "leaves its range, as it must" if self.is_good else "stays in its range: WRONG"
            return f"{self.title}: {self.breaks!r} {word}"
        counts = dict.fromkeys(Verdict, 0)
        for row in self.rows:
            counts[row.verdict] += 1
        told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        return f"{self.title}{_seeded(self.seed)}: {told}"

    def as_dict(self) -> dict[str, Any]:
        """Return the table as JSON."""
        return {
            "title": self.title,
            "seed": self.seed,
            "breaks": self.breaks or None,
            "ok": self.is_good,
            "rows": [row.as_dict() for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure for the page: a heading, what to see in it, and its SVG."""

    title: str
    caption: str
    svg: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a reproduction says."""

    name: str  # play-it-cool
    paper: str  # authors, title, year
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()  # such as: reconstructed from the abstract
    figures: tuple[Figure, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)  # JSON that belongs to no row

    @property
    def is_good(self) -> bool:
        """Whether every table is."""
        return bool(self.tables) and all(table.is_good for table in self.tables)

    @property
    def summary(self) -> str:
        """Return the last line of the report."""
        bad = [table.title for table in self.tables if not table.is_good]
        if not self.tables:
            return f"{self.name}: nothing was measured"
        if bad:
            return f"{self.name}: NOT reproduced: {', '.join(bad)}"
        rows = [row for table in self.tables if not table.breaks for row in table.rows]
        ranged = sum(row.verdict is Verdict.IN for row in rows)
        return f"{self.name}: reproduced, {ranged} of {ranged} rows with a range are in it"

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON, without its figures."""
        return {
            "schema": "simmer.reproduction/1",
            "name": self.name,
            "paper": self.paper,
            "ok": self.is_good,
            "summary": self.summary,
            "notes": list(self.notes),
            "tables": [table.as_dict() for table in self.tables],
            "facts": dict(self.facts),
        }


def show(console: Console, report: Report) -> None:
    """Print a report; its summary is the last line."""
    console.print(report.paper, highlight=False)
    for note in report.notes:
        console.print(f"note: {note}", highlight=False)
    for table in report.tables:
        console.print()
        console.print(grid_of(table))
        console.print(table.summary, highlight=False)
    for name, value in report.facts.items():
        console.print(f"{name}: {value}", highlight=False)
    console.print()
    console.print(report.summary, highlight=False)


def grid_of(table: Table) -> Grid:
    """Return the printed form of one table."""
    title = f"{table.title}{_seeded(table.seed)}"
    grid = Grid(*HEADINGS, title=title, title_justify="left", box=None)
    for index in (1, 2, 3):
        grid.columns[index].justify = "right"
    for row in table.rows:
        grid.add_row(*cells_of(row))
    return grid


HEADINGS = ("row", "paper", "ours", "ratio", "accept", "unit", "verdict", "from", "note")


def cells_of(row: Row) -> Sequence[str]:
    """Return what a table shows of a row, in the order of HEADINGS."""
    accept = f"{row.accept[0]:g} … {row.accept[1]:g}" if row.accept else ""
    numbers = (_shown(row.paper), _shown(row.ours), _shown(row.ratio, 3))
    unit = "" if row.unit == "1" else row.unit
    return (row.name, *numbers, accept, unit, row.verdict_text, row.provenance, row.note)


def _shown(value: float | None, digits: int = 4) -> str:
    return "–" if value is None else f"{value:.{digits}g}"


def _seeded(seed: int | None) -> str:
    return "" if seed is None else f", seed {seed}"
