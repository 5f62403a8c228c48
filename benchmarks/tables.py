"""What the command line shows: the catalog, metrics, reasons and a line of progress."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.analysis.metrics import Metric
from benchmarks.catalog import CATALOG
from benchmarks.catalog.base import Analysis
from benchmarks.conversation import Tick
from benchmarks.documentation import Page, policy_page
from benchmarks.newest import Newest
from benchmarks.policies import POLICIES
from benchmarks.rank_tables import show_paces, show_rankings
from benchmarks.workloads import WORKLOADS
from devices.clock import HOST, NS_PER_S
from devices.samples import Event, Item

REDRAW_S = 0.5  # host time


def show_catalog(console: Console) -> None:
    """Print kinds and workloads."""
    table = Table("benchmark", "what it does", box=None)
    for kind in CATALOG.values():
        table.add_row(kind.name, kind.summary)
    console.print(table)
    workloads = Table("workload", "what it is", box=None)
    for workload in WORKLOADS.values():
        workloads.add_row(workload.name, workload.summary)
    console.print()
    console.print(workloads)


def show_page(console: Console, page: Page) -> None:
    """Print the documentation of one kind or policy."""
    console.print(f"{page.name}: {page.summary}", highlight=False)
    for name, value in page.facts:
        console.print(f"{name}: {value}", highlight=False)
    if page.why:
        console.print()
        console.print(page.why, highlight=False)
    console.print()
    table = Table("parameter", "default", "bounds", "unit", "meaning", box=None)
    for parameter in page.parameters:
        table.add_row(
            parameter.name, parameter.default, parameter.bounds, parameter.unit, parameter.meaning
        )
    console.print(table if page.parameters else "It has no parameters.")


def show_policies(console: Console) -> None:
    """Print the policies."""
    table = Table("policy", "for", "what it does", box=None)
    for name in POLICIES:
        page = policy_page(name)
        table.add_row(name, page.facts[0][1], page.summary)
    console.print(table)


def show_metrics(console: Console, metrics: Iterable[Metric]) -> None:
    """Print numbers with units, direction and source."""
    table = Table("metric", "value", "unit", "better", "source", "note", box=None)
    table.columns[1].justify = "right"
    for metric in metrics:
        value = "–" if metric.value is None else f"{metric.value:.5g}"
        table.add_row(
            metric.name, value, metric.unit, metric.better or "", metric.source, metric.note
        )
    console.print(table)


def show_analysis(console: Console, analysis: Analysis) -> None:
    """Print metrics, verdict and reasons."""
    show_metrics(console, analysis.metrics)
    show_paces(console, analysis.details)
    console.print(f"verdict: {analysis.verdict.word.value}")
    for reason in analysis.verdict.reasons:
        touched = f" (touches {', '.join(reason.metrics)})" if reason.metrics else ""
        console.print(f"  {reason.name}: {reason.sentence}{touched}", highlight=False)


def tell(sentence: str) -> None:
    """Say on stderr what is being done, beside results on stdout."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def show_comparison(console: Console, report: Mapping[str, Any]) -> None:
    """Print every metric of every candidate against the reference."""
    kinds = ", ".join(report["device_kinds"])
    reference = report["sides"][0]["name"] if report["sides"] else ""
    for one in report["not_comparable"]:
        keys = "; ".join(f"{key}: {' or '.join(v)}" for key, v in one["keys"].items())
        console.print(f"{one['candidate']} is not comparable with {reference}: {keys}")
    names = ("", "metric", "candidate", "on", reference, "value", "change", "95 %", "why")
    table = Table(*names, box=None)
    for row in report["rows"]:
        table.add_row(
            row["mark"],
            row["metric"],
            row["candidate"],
            " ".join(part for part in (row["device"], row["workload"]) if part),
            *(_five(row[side]) for side in ("reference_value", "candidate_value")),
            *_changes(row),
            row["because"] or row["verdict"],
        )
    console.print(table)
    show_rankings(console, report["rankings"])
    _show_bars(console, report["figures"])
    for one in report["left_out"]:
        console.print(f"run {one['run']} is left out: {one['because']}")
    console.print(
        f"{kinds}; a change matters from {report['threshold']:.0%} on; "
        "+ worse, - better, ~ same, ? inconclusive, x not comparable, ! no data; "
        "nothing is confirmed by new pairs yet",
        highlight=False,
    )


def _show_bars(console: Console, figures: Iterable[Mapping[str, Any]]) -> None:
    """Print the figures whose bars are one number each: gains beside theory, savings."""
    for figure in figures:
        if figure["kind"] == "bars" and len(figure["parts"]) == 1:
            console.print(f"{figure['title']}: {figure['about']}", highlight=False)
            for bar in figure["bars"]:
                console.print(f"  {bar['label']}: {bar['words']}", highlight=False)


def _five(value: float | None) -> str:
    return "–" if value is None else f"{value:.5g}"


def _changes(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the change and its interval as texts."""
    change = row["change"]
    if change is None:
        return "–", "–"
    texts = {
        name: "?" if value is None else f"{value:+.1%}" if change["is_share"] else f"{value:+.3g}"
        for name, value in change.items()
    }
    return texts["estimate"], f"{texts['low']} … {texts['high']}"


class Progress:
    """One line on stderr that says how far a run is."""

    def __init__(self, planned_s: float) -> None:
        self._planned_s = planned_s
        self._newest = Newest()
        self._phase = ""
        self._start_ns: int | None = None
        self._drawn_ns = 0
        self._is_terminal = sys.stderr.isatty()

    def watch(self, phase: str, item: Item | Tick) -> None:
        """Take what came, and redraw now and then."""
        if phase != self._phase:
            self._phase, self._start_ns, self._newest = phase, None, Newest()
            self._say(f"{phase} …", is_last=not self._is_terminal)
        if isinstance(item, Tick):
            return
        self._newest.add(item)
        if self._start_ns is None or (isinstance(item, Event) and item.kind == "started"):
            self._start_ns = self._newest.t_ns or None
        if self._is_terminal and HOST.now_ns() - self._drawn_ns > REDRAW_S * NS_PER_S:
            self._say(self._line())

    def close(self) -> None:
        """Leave the line."""
        if self._is_terminal:
            self._say("", is_last=False)

    def _say(self, text: str, *, is_last: bool = False) -> None:
        self._drawn_ns = HOST.now_ns()
        start = "\r\x1b[2K" if self._is_terminal else ""
        sys.stderr.write(start + text + ("\n" if is_last else ""))
        sys.stderr.flush()

    def _line(self) -> str:
        passed_s = (self._newest.t_ns - (self._start_ns or self._newest.t_ns)) / NS_PER_S
        of = f" of {self._planned_s:.0f}" if self._phase == "measuring" else ""
        parts = [f"{self._phase} {passed_s:.0f}{of} s"]
        zones = [v for n, v in self._newest.values.items() if n.endswith(".temperature")]
        if zones:
            parts.append(f"{max(zones):.1f} °C")
        latency_s = self._newest.values.get("inference.latency")
        if latency_s is not None:
            parts.append(f"{latency_s * 1000:.1f} ms")
        return " · ".join(parts)
