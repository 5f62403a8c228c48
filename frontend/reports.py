"""What the page of one run says in words and numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from benchmarks.catalog import CATALOG
from benchmarks.catalog.signal_figure import signal_figure
from fleet.analysis import earlier, is_outdated
from fleet.lifecycle.run import ENDED, LIVE, State
from fleet.models import Event, Metric, Run
from fleet.reports import measured_of
from fleet.submission import matching
from frontend.cards import Progress, progress_of
from frontend.drawing.figure import Drawn, drawn
from frontend.outcome import sentences_of

_FEW_WORKLOADS = 8  # their digests stand among the other facts of a run
#: The way of a run that goes well.
WAY = (
    State.QUEUED,
    State.LEASED,
    State.PREPARING,
    State.MEASURING,
    State.RESTORING,
    State.ANALYZING,
    State.COMPLETED,
)
#: What a person looks for first, where the analysis has it.
HEADLINE = (
    "sla_hit",
    "answer_p95_ms",
    "cloud_saved",
    "first_throttle_s",
    "throttled_fraction",
    "k",
    "response_mean_ms",
    "accuracy_estimate",
    "shifts_per_hour",
    "sustained_ratio",
    "deadline_hit",
    "punctuality_p50",
    "p50_ms",
    "peak_temperature_c",
    "energy_mj",
)
VERDICTS = {
    "valid": "The start was settled and nothing disturbed the measurement.",
    "degraded": "The numbers stand, but read the reasons before comparing them.",
    "invalid": "These numbers mean something else, or nothing.",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One state on the way of a run."""

    word: str
    tone: str  # done, now, ahead, ended-badly


class Report:
    """A run as its page shows it."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def title(self) -> str:
        """The benchmark and what it runs."""
        networks = " and ".join(self.params.get("networks") or ())
        workload = self.params.get("workload") or networks or self.params.get("family") or ""
        policy = self.run.spec_json.get("policy", {}).get("kind", "stock")
        words = [self.run.benchmark.capitalize(), workload, "" if policy == "stock" else policy]
        return " · ".join(word.replace("_", " ") for word in words if word)

    @property
    def params(self) -> dict[str, Any]:
        """The benchmark's parameters as they were asked for."""
        asked = self.run.spec_json.get("benchmark", {})
        return {name: value for name, value in asked.items() if name != "kind"}

    @property
    def is_live(self) -> bool:
        """Whether anything may still come."""
        return not self.run.has_ended

    @property
    def has_trace(self) -> bool:
        """Whether a phone was ever touched."""
        return self.run.attempt > 0 or self.run.state in (*LIVE, State.ANALYZING)

    @property
    def picture(self) -> str:
        """What the rest of the page depends on; when it changes, the page is loaded anew."""
        return f"{self.run.attempt}.{int(self.has_trace)}.{int(self.is_live)}"

    @property
    def kind(self) -> str:
        """What kind of device is behind the numbers."""
        device = self.run.device or self.run.wanted
        return self.run.device_kind or (device.kind if device else "")

    @property
    def speed(self) -> float:
        """Device seconds per second on the wall."""
        return float(self.run.device_json.get("speed", 1.0))

    @property
    def device_name(self) -> str:
        """Which device, as people call it."""
        if self.run.benchmark == "imported":
            return str(self.run.device_json.get("model") or "something that nobody named")
        device = self.run.device or self.run.wanted
        if device:
            return str(device)
        asked = [
            f"{key} {' or '.join(map(str, wish)) if isinstance(wish, list) else wish}"
            for key, wish in self.run.selector.items()
        ]
        return f"any free device with {', '.join(asked)}" if asked else "any free device"

    @property
    def waits_for_nobody(self) -> bool:
        """Whether no device of this farm is like the one that it waits for."""
        run = self.run
        return run.wanted is None and bool(run.selector) and not matching(run.selector)

    @property
    def word(self) -> str:
        """The state as people read it."""
        asked = self.run.cancel_requested_at is not None and self.is_live
        return "cancelling" if asked else self.run.state

    @property
    def steps(self) -> list[Step]:
        """The way of this run, and where it is on it."""
        state = State(self.run.state)
        if state in ENDED and state != State.COMPLETED:
            return [*(Step(word, "done") for word in self._passed), Step(state, "ended-badly")]
        here = WAY.index(state)
        tones = ["done"] * here + ["now"] + ["ahead"] * (len(WAY) - here - 1)
        if state == State.COMPLETED:
            tones = ["done"] * len(WAY)
        return [Step(word, tone) for word, tone in zip(WAY, tones, strict=True)]

    @property
    def _passed(self) -> list[str]:
        words = {event.word for event in self.history}
        return [word for word in WAY if word in words]

    @property
    def progress(self) -> Progress | None:
        """How far it is, in device time."""
        return progress_of(self.run)

    @property
    def left_host_s(self) -> float | None:
        """Time on the wall until it ends as planned [s]."""
        return self.progress.left_host_s(self.speed) if self.progress else None

    @property
    def tab_title(self) -> str:
        """What the browser's tab says."""
        done = f" {self.progress.percent} %" if self.progress else ""
        return f"{self.word}{done} · run {self.run.pk} · Simmer"

    @cached_property
    def history(self) -> list[Event]:
        """Who moved the run, when and why."""
        return list(self.run.events.all())

    @cached_property
    def metrics(self) -> list[Metric]:
        """The numbers of the newest analysis."""
        if self.run.analysis is None:
            return []
        return list(self.run.metrics.filter(analysis=self.run.analysis))

    @property
    def is_outdated(self) -> bool:
        """Whether there is a newer analysis than the one that judged it."""
        return is_outdated(self.run)

    @cached_property
    def revisions(self) -> list[tuple[Metric, list[tuple[int, float | None]]]]:
        """Numbers that an earlier analysis of the same trace had otherwise, with its version."""
        before, found = earlier(self.run), []
        for metric in self.metrics:
            others = [
                (version, numbers[metric.name])
                for version, numbers in before.items()
                if numbers.get(metric.name, metric.value) != metric.value
            ]
            if others:
                found.append((metric, others))
        return found

    @property
    def headline(self) -> Iterator[Metric]:
        """The few numbers that people look for first."""
        found = {metric.name: metric for metric in self.metrics}
        return (found[name] for name in HEADLINE if name in found)

    @cached_property
    def figures(self) -> list[Drawn]:
        """What its kind draws of it, and what told that it throttled."""
        kind = CATALOG.get(self.run.benchmark)
        if kind is None or self.run.analysis is None:
            return []
        policy = str(self.run.spec_json.get("policy", {}).get("kind", "stock"))
        subject = measured_of(self.run).as_subject(0, policy.replace("_", " "))
        found = (*kind.figures((subject,)), *signal_figure(self.run.details))
        return [drawn(figure.as_dict()) for figure in found]

    @property
    def verdict_sentence(self) -> str:
        """What the verdict means."""
        return VERDICTS.get(self.run.verdict, "")

    @property
    def sentence(self) -> str:
        """The outcome in one sentence with numbers; empty before there are any."""
        found = {metric.name: metric.value for metric in self.metrics}
        if "throttled_fraction" not in found:
            return ""
        return " ".join(sentences_of(found))

    @property
    def provenance(self) -> list[tuple[str, str]]:
        """What ran, by hash; clocks; each as a name and a text."""
        known = self.run.provenance
        agent = known.get("agent", {})
        rows = [
            ("Agent", agent.get("build")),
            ("Agent's sha256", str(agent.get("sha256", ""))[:12]),
            ("Runtime", known.get("runtime")),
            ("Clock rate", known.get("clock_rate")),
        ]
        if not self.many_workloads:
            workload = known.get("workload", {})
            rows += [(f"Workload {name}", value) for name, value in workload.items()]
        # Of an import: what the tool said besides, and what nobody here understood.
        rows += [(f"{known.get('tool')}: {n}", v) for n, v in known.get("facts", {}).items()]
        rows += [("Kept, not understood", line) for line in known.get("unknown", ())]
        return [(name, str(value)) for name, value in rows if value and known]

    @property
    def many_workloads(self) -> dict[str, str]:
        """What ran, by hash, where that is too much to stand among other facts; else nothing."""
        workload: dict[str, str] = self.run.provenance.get("workload", {})
        return workload if len(workload) > _FEW_WORKLOADS else {}

    @property
    def took(self) -> float | None:
        """Time on the wall from its start to its end [s]."""
        started, ended = self.run.started_at, self.run.finished_at
        return _between(started, ended) if started and ended else None


def _between(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()
