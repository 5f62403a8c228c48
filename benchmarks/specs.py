"""What is asked for: one definition for form, API, command line and database column."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from benchmarks.catalog import CATALOG, Benchmark
from benchmarks.catalog.base import Grid
from benchmarks.naming import UnknownName, unknown
from benchmarks.objections import Objection
from benchmarks.policies import POLICIES, Policy
from benchmarks.policies.stock import Stock

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

KnobName = Annotated[str, Field(pattern=r"^[a-z]+[0-9]{0,3}\.[a-z_]{1,32}$")]
KnobValue = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,32}$"), BeforeValidator(str)]
Label = Annotated[str, Field(max_length=200)]


class SpecError(ValueError):
    """A spec was refused; `field` says where, the message says why and what there is."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class StartGate(BaseModel):
    """How settled a phone must be before it is measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    relative_c: float = Field(
        3.0, gt=0, le=30, description="Each zone this close to its idle state, both ways. [°C]"
    )
    slope_c_per_min: float = Field(
        1.2, gt=0, le=60, description="Each zone changes less than this. [°C/min]"
    )
    hold_s: float = Field(
        60.0, ge=5, le=600, description="For so long, in device time, before the start. [s]"
    )
    timeout_s: float = Field(
        1200.0, ge=0, le=7200, description="Longest wait, in device time; 0 does not wait. [s]"
    )
    on_timeout: Literal["fail", "skip", "mark"] = Field(
        "mark",
        description="When the wait was in vain: fail the run, skip it, or measure and mark it.",
    )


class Preconditions(BaseModel):
    """What must hold before a phone is measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    start_gate: StartGate = StartGate()
    knobs: dict[KnobName, KnobValue] = Field(
        default_factory=dict,
        max_length=32,
        description="What is set before it settles and put back after it, such as "
        "`cluster4.max_khz: 1600000`; needs root.",
    )


def _named_kind(what: str, known: Mapping[str, object]) -> BeforeValidator:
    """Refuse an unknown `kind` with a sentence that says which ones there are."""

    def check(value: Any) -> Any:
        if isinstance(value, Mapping) and value.get("kind") not in known:
            raise unknown(what, str(value.get("kind", "")), known)
        return value

    return BeforeValidator(check)


class RunSpec(BaseModel):
    """One run on one phone."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    benchmark: Annotated[Benchmark, _named_kind("benchmark", CATALOG)]
    policy: Annotated[Policy, _named_kind("policy", POLICIES)] = Stock()
    preconditions: Preconditions = Preconditions()
    seed: int = Field(1, ge=0, lt=2**31, description="Repeats what chance decides on the phone.")
    labels: dict[Label, Label] = Field(default_factory=dict, max_length=32)

    @property
    def planned_s(self) -> float:
        """How long the load will run [s of device time]."""
        return self.benchmark.planned_s

    @property
    def longest_s(self) -> float:
        """When a load that still runs is given up [s of device time]."""
        return self.benchmark.longest_s

    @property
    def sets_knobs(self) -> bool:
        """Whether the agent must run with the right to write clocks, where the phone gives it."""
        return self.benchmark.sets_knobs or bool(self.preconditions.knobs)

    def grid(self) -> Grid | None:
        """Return what must be rehearsed before the run; None if nothing must."""
        grid = self.benchmark.grid()
        return grid.thorough() if grid and self.policy.rehearses_all else grid

    @model_validator(mode="after")
    def _policy_suits(self) -> Self:
        suits, kind = self.policy.suits, self.benchmark.kind
        if suits and kind not in suits:
            fit = [name for name, spec in POLICIES.items() if not spec.suits or kind in spec.suits]
            raise Objection(
                "policy",
                f"policy {self.policy.kind} is for {', '.join(sorted(suits))}, not for {kind}; "
                f"for {kind} there is: {', '.join(fit)}",
            )
        self.benchmark.refuse_policy(self.policy)
        return self

    @model_validator(mode="after")
    def _gate_fits(self) -> Self:
        gate = self.preconditions.start_gate
        if 0 < gate.timeout_s < gate.hold_s:
            raise Objection(
                "preconditions.start_gate.timeout_s",
                f"start_gate waits {gate.timeout_s:g} s at most but must hold {gate.hold_s:g} s: "
                "raise timeout_s, or write 0 not to wait",
            )
        return self


def parse(document: Mapping[str, Any]) -> RunSpec:
    """Return the spec of a JSON-like document, or raise SpecError with one clear sentence."""
    try:
        return RunSpec.model_validate(document)
    except ValidationError as error:
        raise explain(error) from error


def explain(error: ValidationError) -> SpecError:
    """Return the first thing that is wrong with a RunSpec, in words."""
    first = error.errors()[0]
    place = place_of(first)
    field = ".".join(place)
    if first["type"] == "extra_forbidden":
        known = _fields_at([str(part) for part in first["loc"][:-1]])
        return SpecError(str(unknown("parameter", place[-1], known)), field)
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, UnknownName | Objection):
        return SpecError(str(cause), field)
    return SpecError(f"{_called(place)} {_complaint(first)}", field)


def place_of(found: "ErrorDetails") -> list[str]:
    """Return the names of the place in a RunSpec that is wrong, without the tags of its unions."""
    names = [str(part) for part in found["loc"] if part != "[key]"]
    if len(names) > 1 and names[0] in _UNIONS and names[1] in _UNIONS[names[0]]:
        del names[1]
    cause = found.get("ctx", {}).get("error")
    return [*names, *cause.field.split(".")] if isinstance(cause, Objection) else names


def _called(place: Sequence[str]) -> str:
    """Return what a person calls a place: its last word, with the list in which it stands."""
    numbered = [at for at, part in enumerate(place) if part.isdecimal()]
    if not numbered:
        return place[-1] if place else "spec"
    parts = place[max(0, numbered[0] - 1) :]
    return "".join(f"[{part}]" if part.isdecimal() else f".{part}" for part in parts).lstrip(".")


def _complaint(first: "ErrorDetails") -> str:
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        return "is missing."
    if first["type"] == "string_pattern_mismatch" and "knobs" in first["loc"]:
        return f"= {first['input']!r:.80}: {_KNOB_RULE}."
    if not first["loc"]:
        return f"does not fit together: {message[:1].lower()}{message[1:]}."
    return f"= {first['input']!r:.80}: {message[:1].lower()}{message[1:]}."


_KNOB_RULE = "a knob is written as `cluster4.max_khz: 1600000`, its value one word without blanks"
_UNIONS: Mapping[str, Mapping[str, type[BaseModel]]] = {
    "benchmark": {name: kind.spec_model for name, kind in CATALOG.items()},
    "policy": POLICIES,
}


def _fields_at(place: list[str]) -> list[str]:
    """Return what may stand at a place of a RunSpec, its unions' tags included."""
    model: type[BaseModel] = RunSpec
    if len(place) > 1 and place[0] in _UNIONS:
        model, place = _UNIONS[place[0]][place[1]], place[2:]
    for part in place:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return list(model.model_fields)
