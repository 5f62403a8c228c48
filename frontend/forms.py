"""The form of a new run, made from the benchmark's own spec: units, bounds, defaults, errors."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from benchmarks.catalog import CATALOG
from benchmarks.documentation import summary_of
from benchmarks.policies import POLICIES
from benchmarks.specs import RunSpec, StartGate, place_of
from benchmarks.workloads import OWN
from fleet.submission import Refused, Wish

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_UNIT = re.compile(r"\s*\[(?P<unit>[^\]]+)\]\s*$")
_IN_A_ROW = re.compile(r"[^,+:=]+(?==)")  # a network in my-large=76+my-small=65:70:300
_UNIT_SUFFIX = re.compile(r"_(s|ms|hz|c|c_per_min|c_per_s|mj|w)$")
_STOCK = {"kind": "stock"}
_YES_NO = ("true", "false")
SECTIONS: Mapping[str, type[BaseModel]] = {"preconditions.start_gate": StartGate}


@dataclass(frozen=True, slots=True)
class Field:
    """One field as its spec describes it, with what was typed into it."""

    name: str  # params.duration_s
    label: str
    help: str
    unit: str
    kind: str  # number, integer, boolean, choice, text
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    default: Any
    value: str
    error: str = ""

    @property
    def id(self) -> str:
        """The id of its input."""
        return f"id_{self.name.replace('.', '_')}"

    @property
    def bounds(self) -> str:
        """The allowed range in words, empty if there is none."""
        if self.minimum is None or self.maximum is None:
            return ""
        return f"{self.minimum:g} to {self.maximum:g}"

    @property
    def step(self) -> str:
        """What a browser lets people type."""
        return "1" if self.kind == "integer" else "any"


class RunForm:
    """What a person asks for: fields from the spec, values as typed, errors at their fields."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.benchmark = typed.get("benchmark") or next(iter(CATALOG))
        self.policy = typed.get("policy.kind") or "stock"
        self.device = typed.get("device", "")
        self.errors: dict[str, str] = {}
        self._typed = typed

    @property
    def summary(self) -> str:
        """What the chosen benchmark does."""
        return CATALOG[self.benchmark].summary if self.benchmark in CATALOG else ""

    @property
    def parameters(self) -> list[Field]:
        """The fields of the benchmark itself."""
        if self.benchmark not in CATALOG:
            return []
        return list(self._fields("params", CATALOG[self.benchmark].spec_model))

    @property
    def policies(self) -> list[str]:
        """The policies that suit the chosen benchmark."""
        return policies_for(self.benchmark)

    @property
    def policy_summary(self) -> str:
        """What the chosen policy does."""
        return summary_of(POLICIES[self.policy]) if self.policy in POLICIES else ""

    @property
    def policy_parameters(self) -> list[Field]:
        """The fields of the policy."""
        if self.policy not in POLICIES:
            return []
        return list(self._fields("policy", POLICIES[self.policy]))

    @property
    def preconditions(self) -> list[Field]:
        """The fields of the start gate."""
        return [field for name, model in SECTIONS.items() for field in self._fields(name, model)]

    @property
    def others(self) -> list[Field]:
        """What every run has: its seed."""
        return [field for field in self._fields("", RunSpec) if field.name == "seed"]

    @property
    def misplaced(self) -> list[str]:
        """Errors that belong to no field on the page."""
        fields = (*self.parameters, *self.policy_parameters, *self.preconditions, *self.others)
        shown = {field.name for field in fields} | {"benchmark", "policy", "device"}
        return [text for name, text in self.errors.items() if name not in shown]

    def wish(self) -> Wish:
        """Return what was typed as a wish; what was left alone keeps its default."""
        return Wish(
            benchmark=self.benchmark,
            params=self._changed("params", self.parameters),
            policy={"kind": self.policy, **self._changed("policy", self.policy_parameters)},
            preconditions=self._start_gate(),
            device=self.device or None,
            seed=self._changed("", self.others).get("seed", 1),
        )

    def check(self) -> bool:
        """Validate every field against the spec; errors stand at their fields afterwards."""
        wish = self.wish()
        try:
            RunSpec.model_validate(document_of(wish))
        except ValidationError as error:
            for found in error.errors():
                name = _field_of(found)
                self.errors.setdefault(name, _sentence(found["msg"]))
        return not self.errors

    def refuse(self, refused: Refused) -> None:
        """Put a refusal at its field."""
        hint = f" {refused.hint}" if refused.hint else ""
        self.errors[refused.field] = f"{refused}{hint}"

    def as_curl(self, origin: str) -> str:
        """Return the same wish as a command for REST."""
        wish = self.wish()
        body: dict[str, Any] = {"benchmark": wish.benchmark, "params": wish.params}
        if wish.policy != _STOCK:
            body["policy"] = wish.policy
        if wish.device:
            body["device"] = wish.device
        if wish.preconditions:
            body["preconditions"] = wish.preconditions
        if wish.seed != 1:
            body["seed"] = wish.seed
        return (
            f"curl {origin}/api/v1/runs \\\n"
            '  -H "Authorization: Bearer $SIMMER_TOKEN" \\\n'
            '  -H "Content-Type: application/json" \\\n'
            f"  -d {shlex.quote(json.dumps(body, indent=2))}"
        )

    def as_command(self) -> str:
        """Return the same measurement without a farm, for the one phone."""
        wish = self.wish()
        words = ["python -m benchmarks run", shlex.quote(wish.benchmark)]
        words += [
            f"--param {shlex.quote(f'{name}={_on_disk(name, _as_word(value))}')}"
            for name, value in wish.params.items()
        ]
        if wish.policy != _STOCK:
            words.append(f"--policy {shlex.quote(self.policy)}")
        words += [
            f"--param {shlex.quote(f'policy.{name}={_as_word(value)}')}"
            for name, value in wish.policy.items()
            if name != "kind"
        ]
        gate = wish.preconditions.get("start_gate", {})
        words += [f"--param start_gate.{name}={value}" for name, value in gate.items()]
        if wish.seed != 1:
            words.append(f"--seed {wish.seed}")
        words.append(f"--serial {shlex.quote(wish.device or 'SERIAL')}")
        return " \\\n  ".join([" ".join(words[:2]), *words[2:]])

    def _fields(self, prefix: str, model: type[BaseModel]) -> Iterator[Field]:
        for key, schema in model.model_json_schema()["properties"].items():
            if "const" in schema or "$ref" in schema:
                continue
            name = f"{prefix}.{key}" if prefix else key
            typed = self._typed.get(name)
            yield _field(name, key, schema, typed, self.errors.get(name, ""))

    def _start_gate(self) -> dict[str, Any]:
        gate = self._changed("preconditions.start_gate", self.preconditions)
        return {"start_gate": gate} if gate else {}

    def _changed(self, prefix: str, fields: list[Field]) -> dict[str, Any]:
        """Return what differs from its default, by its name in the spec."""
        start = len(prefix) + 1 if prefix else 0
        return {
            field.name[start:]: _read(field)
            for field in fields
            if field.value.strip() != shown(field.default) and field.value.strip()
        }


def policies_for(benchmark: str) -> list[str]:
    """Return the names of the policies that suit a kind of benchmark."""
    return [name for name, spec in POLICIES.items() if not spec.suits or benchmark in spec.suits]


def document_of(wish: Wish) -> dict[str, Any]:
    """Return a wish as the document of a RunSpec."""
    return {
        "benchmark": dict(wish.params) | {"kind": wish.benchmark},
        "policy": dict(wish.policy),
        "preconditions": dict(wish.preconditions),
        "seed": wish.seed,
    }


def _field(name: str, key: str, schema: Mapping[str, Any], typed: str | None, error: str) -> Field:
    description = schema.get("description", "")
    found = _UNIT.search(description)
    unit = found["unit"] if found else ""
    default = schema.get("default")
    # What may be left empty is described by its one kind that is not null.
    schema = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    kind = "choice" if "enum" in schema else schema.get("type", "text")
    choices = _YES_NO if kind == "boolean" else tuple(schema.get("enum", ()))
    return Field(
        name=name,
        label=_UNIT_SUFFIX.sub("", key).replace("_", " ").capitalize(),
        help=_UNIT.sub("", description),
        unit="" if unit == "1" else unit,
        kind="choice" if choices else kind,
        choices=choices,
        minimum=schema.get("minimum", schema.get("exclusiveMinimum")),
        maximum=schema.get("maximum"),
        default=default,
        value=typed if typed is not None else shown(default),
        error=error,
    )


def shown(value: Any) -> str:
    """Return a value as it stands in its input."""
    if isinstance(value, list | tuple):
        return ", ".join(shown(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str("" if value is None else value)


def _as_word(value: Any) -> str:
    """Return a value as the command line takes it."""
    return shown(value).replace(" ", "")


def _on_disk(name: str, word: str) -> str:
    """Return a word as a machine without this farm knows it: an upload is a file there."""
    if name in ("workload", "networks", "beside"):
        return ",".join(map(_path_of, word.split(",")))
    if name == "tenants":
        return _IN_A_ROW.sub(lambda found: _path_of(found[0]), word)
    return word


def _path_of(workload: str) -> str:
    return f"path/to/{workload}.param" if workload and workload not in OWN else workload


def _read(field: Field) -> Any:
    """Return what was typed as the number it is; text that is none goes to the spec as it is."""
    if field.choices == _YES_NO:
        return field.value == "true"
    if field.kind in ("number", "integer"):
        try:
            number = float(field.value)
        except ValueError:
            return field.value
        return int(number) if number.is_integer() else number
    return field.value


def _sentence(message: str) -> str:
    """Return a complaint of the spec as people read it beside their own input."""
    message = message.removeprefix("Value error, ").replace("Input should be", "Must be")
    return f"{message[:1].upper()}{message[1:]}"


def _field_of(found: "ErrorDetails") -> str:
    """Return the form's name of the place in a RunSpec that is wrong: a list is one field."""
    parts = list(takewhile(lambda part: not part.isdecimal(), place_of(found)))
    if parts[:1] == ["benchmark"]:
        parts[0] = "params"
    return ".".join(parts)
