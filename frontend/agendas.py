"""The form of a new experiment: a few choices write an agenda, and the agenda is what counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from benchmarks.agenda import Agenda, AgendaError, plan
from benchmarks.agenda_file import read_agenda
from benchmarks.catalog import CATALOG
from benchmarks.naming import UnknownName
from benchmarks.policies import POLICIES
from fleet.experiments import SETTLING_S, choose_devices
from fleet.models import Device
from fleet.submission import Refused

REPEATS = 10
DURATION_S = "600"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will happen: which devices, how many runs, how long."""

    devices: tuple[Device, ...]
    runs: int
    pairs: int
    wall_s: float


class AgendaForm:
    """What was chosen, the agenda it gives, and what is wrong with it."""

    def __init__(self, typed: Mapping[str, str], devices: Sequence[str] = ()) -> None:
        self.typed = typed
        self.chosen = tuple(devices)
        self.error = ""
        self.forecast: Forecast | None = None
        self.agenda: Agenda | None = None
        self.text = typed.get("agenda") or self.composed()

    @property
    def benchmark(self) -> str:
        """The chosen kind."""
        return self.typed.get("benchmark") or next(iter(CATALOG))

    @property
    def parameters(self) -> list[str]:
        """What can be varied between the sections."""
        kind = CATALOG.get(self.benchmark)
        return [name for name in kind.spec_model.model_fields if name != "kind"] if kind else []

    def composed(self) -> str:
        """Return the agenda that the choices give, as YAML."""
        document: dict[str, Any] = {
            "experiment": self.typed.get("name") or "a or b",
            "config": {"repeats": self._repeats()},
            "sections": self._sections(),
            "workloads": [self._workload()],
            "devices": {"select": {"serial": list(self.chosen)}} if self.chosen else {"count": 1},
        }
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=90)

    def check(self) -> Agenda | None:
        """Read the agenda and foretell what it does; None, with an error, if it is refused."""
        try:
            self.agenda = read_agenda(self.text)
            self.forecast = _forecast(self.agenda)
        except (AgendaError, UnknownName) as error:
            self.error = str(error)
        except Refused as refused:
            self.refuse(refused)
        return None if self.error else self.agenda

    def refuse(self, refused: Refused) -> None:
        """Keep a refusal as the sentence that the page shows."""
        place = f"{refused.field}: " if refused.field else ""
        self.error = f"{place}{refused}" + (f"; {refused.hint}" if refused.hint else "")

    def _repeats(self) -> int | str:
        typed = self.typed.get("repeats", str(REPEATS))
        return int(typed) if typed.isdigit() else typed

    def _sections(self) -> list[dict[str, Any]]:
        name = self.typed.get("compare", "policy")
        values = [self.typed.get(side, "").strip() for side in ("first", "second")]
        if name == "policy":
            kinds = [value or "stock" for value in values]
            ids = kinds if kinds[0] != kinds[1] else [f"{kinds[0]}-a", f"{kinds[1]}-b"]
            return [{"id": i, "policy": {"kind": k}} for i, k in zip(ids, kinds, strict=True)]
        return [
            {"id": f"{name}-{value or side}", "params": {name: _number(value)} if value else {}}
            for value, side in zip(values, ("a", "b"), strict=True)
        ]

    def _workload(self) -> dict[str, Any]:
        params = {}
        if "duration_s" in self.parameters:
            params["duration_s"] = _number(self.typed.get("duration_s", DURATION_S))
        return {"id": self.benchmark.replace("_", "-"), "benchmark": self.benchmark} | (
            {"params": params} if params else {}
        )


def policies() -> list[str]:
    """Return the policies that a section can name."""
    return list(POLICIES)


def _forecast(agenda: Agenda) -> Forecast:
    planned = plan(agenda)
    devices = choose_devices(agenda, planned)
    device_s = sum(one.spec.planned_s + SETTLING_S for one in planned)
    speeds = [float((device.profile_json or {}).get("speed") or 1.0) for device in devices]
    return Forecast(
        devices=tuple(devices),
        runs=len(planned) * len(devices),
        pairs=agenda.repeats if len(agenda.sections) > 1 else 0,
        wall_s=max(device_s / speed for speed in speeds),
    )


def _number(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number
