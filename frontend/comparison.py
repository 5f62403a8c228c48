"""What the page of a comparison says, from the object that REST answers."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fleet.models import Metric
from frontend.drawing.chart import COLORS, DASHES
from frontend.drawing.figure import Drawn, drawn
from frontend.drawing.interval import Interval, interval_of, reach_of
from frontend.drawing.slope import Slope, slope_of
from frontend.templatetags.units import metric_label, number, words

#: What people look for first; a wide comparison shows these in its overview.
HEADLINE = (
    "sla_hit",
    "answer_p50_ms",
    "cloud_saved",
    "response_mean_ms",
    "mean_fps",
    "mean_accuracy",
    "fairness",
    "p50_ms",
    "p90_ms",
    "mean_ms",
    "steady_p50_ms",
    "sustained_throughput",
    "first_throttle_s",
    "throttled_fraction",
    "peak_temperature_c",
    "energy_mj",
    "accuracy_estimate",
    "deadline_hit",
)
ORDER = ("worse", "better", "same", "inconclusive", "not_comparable", "no_data")


@dataclass(frozen=True, slots=True)
class Line:
    """One metric of one candidate in one place."""

    row: Mapping[str, Any]
    interval: Interval

    @property
    def word(self) -> str:
        """The verdict."""
        return str(self.row["verdict"])

    @property
    def label(self) -> str:
        """The metric as people say it."""
        return metric_label(self.row["metric"])

    @property
    def is_share(self) -> bool:
        """Whether the metric itself is a share, read in percent."""
        change = self.row["change"]
        return self.row["unit"] == "1" and bool(change) and not change["is_share"]

    @property
    def unit(self) -> str:
        """Its unit."""
        return "%" if self.is_share else str(self.row["unit"]).removesuffix("1")

    @property
    def reference(self) -> str:
        """The median of the reference's runs."""
        return self._value(self.row["reference_value"])

    @property
    def candidate(self) -> str:
        """The median of the candidate's runs."""
        return self._value(self.row["candidate_value"])

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to show but that there is nothing."""
        return self.row["change"] is None and self.word == "no_data"

    @property
    def change(self) -> str:
        """How much more or less the candidate has: `+8.1 %`."""
        change = self.row["change"]
        return "" if change is None else self._shown(change["estimate"])

    @property
    def range(self) -> str:
        """The interval: `+6.2 … +9.9 %`."""
        change = self.row["change"]
        if change is None or change["low"] is None or change["high"] is None:
            return ""
        return f"{self._shown(change['low'], bare=True)} … {self._shown(change['high'])}"

    @property
    def detectable(self) -> str:
        """What would have been found in 4 of 5 comparisons."""
        value = self.row["detectable"]
        return "" if value is None else self._shown(value).lstrip("+±")

    @property
    def noise(self) -> str:
        """By how much this device differs from itself, where enough repeats are stored."""
        floor = self.row["noise_floor"]
        return "" if floor is None else f"noise floor {self._shown(floor).lstrip('+±')}"

    @property
    def bootstrap(self) -> str:
        """The bootstrap interval, in the same words."""
        found = self.row["bootstrap"]
        if found is None or found[0] is None or found[1] is None:
            return ""
        return f"{self._shown(found[0], bare=True)} … {self._shown(found[1])}"

    @property
    def p(self) -> str:
        """The probability of such a difference without a cause."""
        p = self.row["p"]
        return "" if p is None else f"{p:.2g}"

    @property
    def counted(self) -> str:
        """What the verdict stands on."""
        count = self.row["count"]
        if self.row["design"] == "paired":
            return f"{count} pair" if count == 1 else f"{count} pairs"
        return f"{count} run a side" if count == 1 else f"{count} runs a side"

    def _value(self, value: float | None) -> str:
        return number(value * 100 if value is not None and self.is_share else value)

    def _shown(self, value: float, *, bare: bool = False) -> str:
        is_ratio = self.row["change"]["is_share"]
        text = number(abs(value) * 100 if is_ratio or self.is_share else abs(value))
        sign = "±" if float(text) == 0 else ("+" if value > 0 else "−")
        unit = " %" if is_ratio else " points" if self.is_share else f" {self.unit}".rstrip()
        return f"{sign}{text}" + ("" if bare else unit)


@dataclass(frozen=True, slots=True)
class Meeting:
    """All metrics of one candidate against the reference, on one device and workload."""

    candidate: str
    device: str
    workload: str
    lines: tuple[Line, ...]

    @property
    def place(self) -> str:
        """Where it was measured."""
        return " · ".join(part for part in (self.device, words(self.workload)) if part)

    @property
    def shown(self) -> list[Line]:
        """The metrics that have something to show."""
        return [line for line in self.lines if not line.is_blank]

    @property
    def blank(self) -> list[Line]:
        """The metrics that no pair, or one side only, has."""
        return [line for line in self.lines if line.is_blank]

    @property
    def shared_reason(self) -> str:
        """What stands in the way of most metrics alike; said once instead of in every row."""
        found = Counter(line.row["because"] for line in self.shown if line.row["because"])
        reason, count = found.most_common(1)[0] if found else ("", 0)
        return str(reason) if count > len(self.shown) / 2 else ""

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many metrics have each verdict."""
        found = Counter(line.word for line in self.lines)
        return [(word, found[word]) for word in ORDER if found[word]]

    def line_of(self, metric: str) -> Line | None:
        """Return the line of one metric."""
        return next((line for line in self.lines if line.row["metric"] == metric), None)


@dataclass(frozen=True, slots=True)
class Side:
    """One side as the page names it."""

    name: str
    is_reference: bool
    runs: list[int]
    usable: int
    color: int
    dash: str


class ComparisonPage:
    """A comparison as its page shows it."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self.report = report

    @property
    def title(self) -> str:
        """What stands against what."""
        sides = self.report["sides"]
        if not sides:
            return "Imported numbers"
        if len(sides) == 1:
            return str(words(sides[0]["name"])) or "Runs"
        if len(sides) == 2:
            return f"{sides[1]['name']} against {sides[0]['name']}"
        return f"{len(sides) - 1} against {sides[0]['name']}"

    @property
    def kind(self) -> str:
        """What stood behind the numbers: every kind that did."""
        return " + ".join(self.report["device_kinds"])

    @property
    def kinds(self) -> list[tuple[str, float | None]]:
        """Each kind with its speed, where it is only one."""
        speeds = self.report["speeds"]
        speed = speeds[0] if len(speeds) == 1 else None
        kinds = self.report["device_kinds"]
        return [(kind, None if kind == "imported" else speed) for kind in kinds]

    @property
    def imported(self) -> list[tuple[Mapping[str, Any], list[Metric]]]:
        """What other tools said: each run with its numbers."""
        return [
            (one, [Metric(**metric) for metric in one["metrics"]])
            for one in self.report["imported"]
        ]

    @property
    def sides(self) -> list[Side]:
        """The sides with their colors."""
        return [
            Side(
                side["name"],
                side["is_reference"],
                side["runs"],
                side["usable"],
                k % COLORS + 1,
                DASHES[k % len(DASHES)],
            )
            for k, side in enumerate(self.report["sides"])
        ]

    @cached_property
    def meetings(self) -> list[Meeting]:
        """Candidates against the reference, place by place."""
        reach = reach_of(self.report["rows"])
        found: dict[tuple[str, str, str], list[Line]] = {}
        for row in self.report["rows"]:
            key = (row["candidate"], row["device"], row["workload"])
            found.setdefault(key, []).append(Line(row, interval_of(row, reach)))
        return [Meeting(*key, tuple(_sorted(lines))) for key, lines in found.items()]

    @property
    def overview(self) -> list[tuple[str, list[Line | None]]]:
        """The first metrics across all meetings, if there are several."""
        if len(self.meetings) < 2:
            return []
        rows = [(name, [one.line_of(name) for one in self.meetings]) for name in HEADLINE]
        return [(metric_label(name), lines) for name, lines in rows if any(lines)]

    @property
    def sentences(self) -> list[str]:
        """What came of it, in words."""
        return list(_sentences(self))

    @property
    def charts(self) -> list[Drawn]:
        """The figures."""
        return [drawn(figure) for figure in self.report["figures"]]

    @property
    def slopes(self) -> list[Slope]:
        """The rankings."""
        return [slope_of(ranking) for ranking in self.report["rankings"]]


def _sorted(lines: list[Line]) -> list[Line]:
    """Return headline metrics first, the others as they come."""
    places = {name: place for place, name in enumerate(HEADLINE)}
    return sorted(lines, key=lambda line: places.get(line.row["metric"], len(places)))


def _sentences(page: ComparisonPage) -> Iterator[str]:
    if len(page.report["sides"]) < 2:
        yield "All of these runs are the same thing: there is nothing to compare, only to look at."
    for ranking in page.report["rankings"]:
        yield from _order(ranking)
    for one in page.meetings:
        where = f" on {one.device}" if one.device else ""
        counts = ", ".join(f"{words(word)} in {count}" for word, count in one.counts)
        yield f"{one.candidate}{where}: of {len(one.lines)} metrics {counts}."
        first = next((line for line in one.lines if line.word in ("worse", "better")), None)
        if first:
            again = "confirmed" if first.row["confirmed"] else "not confirmed by new pairs yet"
            yield f"{first.label} {first.change} ({first.range}, {first.counted}, {again})."


def _order(ranking: Mapping[str, Any]) -> Iterator[str]:
    """Say who changes places under heat."""
    first, last = (
        [one["label"] for one in ranking["contenders"] if one[rank] == 1]
        for rank in ("first_rank", "late_rank")
    )
    late, verb = ranking["minute"], "is" if len(first) == 1 else "are"
    if first == last and ranking["minutes_apart"]:
        yield (
            f"At minute {late} the order is that of minute 1, but in "
            f"{ranking['minutes_apart']} of the minutes between it was another."
        )
    if first != last:
        yield (
            f"At minute 1 {' and '.join(first)} {verb} first, at minute {late} "
            f"{' and '.join(last)}: the order changes under heat."
        )
