"""An agenda carried out on phones at hand: one run after the other, then all of them compared."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.agenda import Agenda, Planned, plan
from benchmarks.analysis.metrics import Metric
from benchmarks.comparing.contract import contract_of
from benchmarks.comparing.measured import Measured
from benchmarks.comparing.report import report
from benchmarks.preparation import NotSettled
from benchmarks.safety import SafetyStop
from benchmarks.solo import Outcome, Watcher, run_once
from devices.errors import DeviceError
from devices.phone import Phone

SCHEMA = "simmer.experiment/1"
#: What ends one run and not the others.
PASSING = (NotSettled, SafetyStop, DeviceError)


@dataclass(frozen=True, slots=True)
class Done:
    """One run of an agenda: what it gave, or why it gave nothing."""

    number: int
    planned: Planned
    serial: str
    outcome: Outcome | None = None
    error: Exception | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The result document with the run's seat in the experiment."""
        seat = {
            "id": self.number,
            "section": self.planned.section,
            "agenda_workload": self.planned.workload,
            "repeat": self.planned.repeat,
        }
        if self.outcome is None:
            return seat | {"state": "failed", "failure": str(self.error), "serial": self.serial}
        return self.outcome.document | seat


@dataclass(slots=True)
class Experiment:
    """What an agenda has given so far."""

    agenda: Agenda
    done: list[Done] = field(default_factory=list)

    @property
    def comparison(self) -> dict[str, Any]:
        """All its runs, side by side."""
        return report([_measured(done) for done in self.done])

    @property
    def document(self) -> dict[str, Any]:
        """Everything as JSON."""
        return {
            "schema": SCHEMA,
            "agenda": self.agenda.model_dump(mode="json"),
            "runs": [done.document for done in self.done],
            "comparison": self.comparison,
        }


def carry_out(
    agenda: Agenda,
    phones: Iterable[Phone],
    watcher_of: Callable[[Planned], Watcher],
) -> Iterator[Done]:
    """Yield each run as it ends; one that fails leaves the others standing."""
    number = 0
    for phone in phones:
        for planned in plan(agenda):
            number += 1
            try:
                outcome = run_once(phone, planned.spec, watcher_of(planned))
            except PASSING as error:
                yield Done(number, planned, phone.serial, error=error)
            else:
                yield Done(number, planned, phone.serial, outcome)


def _measured(done: Done) -> Measured:
    spec = done.planned.spec
    document: Mapping[str, Any] = done.outcome.document if done.outcome else {}
    device, workload = document.get("device", {}), document.get("workload", {})
    model = device.get("model") or done.serial
    return Measured(
        run=done.number,
        device=f"{model} ({done.serial})",
        workload=done.planned.workload,
        contract=contract_of(
            benchmark=spec.benchmark.kind,
            params=spec.benchmark.model_dump(mode="json"),
            policy=spec.policy.model_dump(mode="json"),
            preconditions=spec.preconditions.model_dump(mode="json"),
            facts={
                "serial": done.serial,
                "product": device.get("model"),
                "soc": device.get("soc"),
                "os_build": device.get("fingerprint"),
                "device_kind": document.get("device_kind"),
                "speed": document.get("speed"),
                "agent": document.get("agent", {}).get("build"),
                "runtime": document.get("agent", {}).get("runtime"),
                "workload_sha256": workload.get("sha256"),
                "param_sha256": workload.get("param_sha256"),
                "analysis": document.get("analysis"),
            },
        ),
        metrics={m.name: m for m in done.outcome.analysis.metrics} if done.outcome else _NONE,
        verdict=str(document.get("verdict", "")),
        section=done.planned.section,
        experiment=1,
        repeat=done.planned.repeat,
        labels=dict(spec.labels),
        reasons=document.get("reasons", ()),
        details=document.get("details", {}),
        failure="" if done.outcome else f"it failed: {done.error}",
    )


_NONE: Mapping[str, Metric] = {}
