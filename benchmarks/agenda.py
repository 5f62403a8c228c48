"""An agenda: sections × workloads × repeats on chosen devices, as one document."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from benchmarks.agenda_places import place_of
from benchmarks.fitness import refuse_unfit
from benchmarks.naming import unknown
from benchmarks.objections import Lacking
from benchmarks.specs import Label, RunSpec, SpecError, parse
from devices.profile import DeviceProfile

MOST_RUNS = 2000  # of one experiment, on all its devices
PAIRS = 10  # of two sections, unless the agenda says otherwise
PRIORITIES = {"low": 25, "medium": 50, "high": 75}

NAME_RULE = "a name has up to 48 letters, digits, dots, dashes and underscores, and no blanks"
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,47}$")]


class AgendaError(SpecError):
    """An agenda was refused; `place` says where in the document."""

    def __init__(self, message: str, place: Sequence[str | int]) -> None:
        super().__init__(message, ".".join(map(str, place)))
        self.place = tuple(place)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Strict):
    """What a section or a workload says about its runs."""

    id: Name = Field(description="What the report calls it.")
    workload: str | None = Field(None, description="Short for `params: {workload: …}`.")
    params: dict[str, Any] = Field({}, description="The benchmark's parameters.")
    policy: dict[str, Any] | None = Field(None, description="What decides while it runs.")
    preconditions: dict[str, Any] = Field({}, description="What must hold before measuring.")
    knobs: dict[str, Any] = Field({}, description="Short for `preconditions: {knobs: …}`.")
    labels: dict[Label, Label] = Field({}, description="What its runs can be found by.")

    @property
    def all_params(self) -> dict[str, Any]:
        """The parameters, the short spelling included."""
        return self.params | ({"workload": self.workload} if self.workload else {})

    @property
    def all_preconditions(self) -> dict[str, Any]:
        """The preconditions, the short spelling included."""
        return _merged(self.preconditions, {"knobs": self.knobs} if self.knobs else {})


class Workload(Part):
    """One row of what is measured."""

    benchmark: str = Field(description="A kind of `python -m benchmarks list`.")


def _priority(value: Any) -> Any:
    return PRIORITIES.get(value, value) if isinstance(value, str) else value


class Config(_Strict):
    """What holds for all runs."""

    order: Literal["interleaved", "by_section", "by_workload", "random"] = Field(
        "interleaved", description="Interleaved turns the order of the sections: AB BA AB …"
    )
    repeats: int | None = Field(
        None, ge=1, le=200, description=f"Runs per cell; {PAIRS} with two sections or more, else 1."
    )
    max_attempts: int = Field(3, ge=1, le=10, description="Tries of each run.")
    priority: Annotated[int, BeforeValidator(_priority)] = Field(
        50, ge=0, le=100, description="low, medium, high or 0 to 100; greater goes first."
    )
    seed: int = Field(1, ge=0, lt=2**31 - 1000, description="Of the first repeat; then one more.")
    preconditions: dict[str, Any] = Field({}, description="What must hold before measuring.")


class Devices(_Strict):
    """Which devices measure: all runs of a pair stay on one."""

    select: dict[str, Any] = Field({}, description="kind, model, soc, tags, host or serial.")
    count: Literal["all"] | Annotated[int, Field(ge=1, le=100)] = Field(
        "all", description="How many of those that match."
    )


class Agenda(_Strict):
    """What an experiment is asked to be."""

    experiment: Annotated[str, Field(min_length=1, max_length=100)]
    config: Config = Config()
    sections: Annotated[tuple[Part, ...], Field(max_length=16)] = (Part(id="stock"),)
    workloads: Annotated[tuple[Workload, ...], Field(min_length=1, max_length=64)]
    devices: Devices = Devices(count=1)

    @property
    def repeats(self) -> int:
        """Runs per cell."""
        return self.config.repeats or (PAIRS if len(self.sections) > 1 else 1)

    @property
    def runs_per_device(self) -> int:
        """How many runs each device gets."""
        return len(self.sections) * len(self.workloads) * self.repeats


@dataclass(frozen=True, slots=True)
class Planned:
    """One run to come, with its place in the experiment."""

    spec: RunSpec
    section: str
    workload: str  # the id of the agenda's row
    repeat: int  # runs of one repeat belong together: same device, same seed


def plan(agenda: Agenda) -> tuple[Planned, ...]:
    """Return the runs of one device in their order. Raises AgendaError before any is made."""
    _check_names("sections", agenda.sections)
    _check_names("workloads", agenda.workloads)
    cells = {
        (section.id, workload.id): _document(agenda, section, workload)
        for section, workload in product(agenda.sections, agenda.workloads)
    }
    for place, document in cells.items():
        _check(agenda, place, document)
    return tuple(
        Planned(
            parse(cells[section, workload] | {"seed": agenda.config.seed + repeat}),
            section,
            workload,
            repeat,
        )
        for section, workload, repeat in _order(agenda)
    )


def why_no_cell(
    agenda: Agenda, planned: Sequence[Planned], profile: DeviceProfile | None
) -> AgendaError | None:
    """Return what a phone lacks for a cell of the agenda; None if it can carry out all of them.

    A phone that nobody has probed yet is given the chance.
    """
    if profile is None:
        return None
    cells = {(one.section, one.workload): one.spec for one in planned}
    for cell, spec in cells.items():
        try:
            refuse_unfit(spec, profile)
        except Lacking as error:
            return AgendaError(str(error), place_of(agenda, cell, error.field))
    return None


def _check(agenda: Agenda, cell: tuple[str, str], document: Mapping[str, Any]) -> None:
    try:
        parse(document)
    except SpecError as error:
        raise AgendaError(str(error), place_of(agenda, cell, error.field)) from error


def _order(agenda: Agenda) -> list[tuple[str, str, int]]:
    sections = [section.id for section in agenda.sections]
    workloads = [workload.id for workload in agenda.workloads]
    repeats = range(agenda.repeats)
    match agenda.config.order:
        case "by_section":
            return [(s, w, r) for s, w, r in product(sections, workloads, repeats)]
        case "by_workload":
            return [(s, w, r) for w, s, r in product(workloads, sections, repeats)]
        case "random":
            return _shuffled(sections, workloads, agenda)
    # Each repeat turns the order, so that a slow drift of phone and room hits both sides alike.
    turned = (sections, sections[::-1])
    return [(s, w, r) for r in repeats for w in workloads for s in turned[r % 2]]


def _shuffled(
    sections: list[str], workloads: list[str], agenda: Agenda
) -> list[tuple[str, str, int]]:
    chance = random.Random(agenda.config.seed)
    order: list[tuple[str, str, int]] = []
    for repeat in range(agenda.repeats):
        block = [(s, w, repeat) for s, w in product(sections, workloads)]
        chance.shuffle(block)
        order += block
    return order


def _document(agenda: Agenda, section: Part, workload: Workload) -> dict[str, Any]:
    """Return the RunSpec of one cell: the section's word counts more than the workload's."""
    params = workload.all_params | section.all_params
    preconditions = _merged(agenda.config.preconditions, workload.all_preconditions)
    return {
        "benchmark": {**params, "kind": workload.benchmark},
        "policy": section.policy or workload.policy or {"kind": "stock"},
        "preconditions": _merged(preconditions, section.all_preconditions),
        "seed": agenda.config.seed,
        "labels": dict(workload.labels) | dict(section.labels),
    }


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return two levels of preconditions as one, name by name."""
    merged = dict(below)
    for name, value in above.items():
        mine = merged.get(name)
        both = isinstance(mine, Mapping) and isinstance(value, Mapping)
        merged[name] = {**mine, **value} if both else value  # type: ignore[dict-item]
    return merged


def _check_names(what: str, parts: Sequence[Part]) -> None:
    seen: set[str] = set()
    for number, part in enumerate(parts):
        if part.id in seen:
            raise AgendaError(f"two {what} are called {part.id!r}", [what, number, "id"])
        seen.add(part.id)


def check_selector(agenda: Agenda, known: Sequence[str]) -> None:
    """Refuse a selector with a key that nobody knows. Raises AgendaError."""
    for key in agenda.devices.select:
        if key not in known:
            message = str(unknown("selector key", key, known))
            raise AgendaError(message, ["devices", "select", key])
