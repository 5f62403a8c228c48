"""What there is to know of a kind or a policy, from its own definition: no second description."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from benchmarks.catalog import CATALOG
from benchmarks.policies import POLICIES
from benchmarks.policies.base import Place, PolicySpec

_UNIT = re.compile(r"\s*\[(?P<unit>[^\]]+)\]\s*$")
_PLACES = {
    Place.HOST: "on the host, at most every {period:g} s of device time",
    Place.AGENT: "on the phone, by a plan that is there before the load begins",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that can be asked for."""

    name: str
    default: str
    bounds: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Page:
    """The documentation of one kind or policy."""

    name: str
    summary: str
    why: str  # one paragraph by hand
    facts: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...]


def kind_page(name: str) -> Page:
    """Return the page of a benchmark kind."""
    kind = CATALOG[name]
    suited = [n for n, spec in POLICIES.items() if not spec.suits or name in spec.suits]
    facts = (("policies", ", ".join(suited)),)
    return Page(name, kind.summary, kind.why, facts, tuple(parameters_of(kind.spec_model)))


def policy_page(name: str) -> Page:
    """Return the page of a policy."""
    spec = POLICIES[name]
    return Page(name, summary_of(spec), spec.why, tuple(_facts(spec)), tuple(parameters_of(spec)))


def summary_of(spec: type[BaseModel]) -> str:
    """Return the first line of a definition's docstring."""
    return (spec.__doc__ or "").strip().partition("\n")[0]


def _facts(spec: type[PolicySpec]) -> Iterator[tuple[str, str]]:
    yield "for", ", ".join(sorted(spec.suits)) or "every benchmark"
    places = [_PLACES[place].format(period=spec.min_period_s) for place in sorted(spec.places)]
    yield "decides", "; ".join(places) or "nothing"
    if spec.source:
        yield "from", spec.source


def parameters_of(spec: type[BaseModel]) -> Iterator[Parameter]:
    """Yield what can be asked for, in the order of the definition."""
    schema = spec.model_json_schema()
    for name, field in schema["properties"].items():
        if name != "kind":
            yield _parameter(name, field, schema.get("$defs", {}))


def _parameter(name: str, field: Mapping[str, Any], known: Mapping[str, Any]) -> Parameter:
    description = str(field.get("description", ""))
    found = _UNIT.search(description)
    unit = found["unit"] if found else ""
    kinds = [one for one in field.get("anyOf", ()) if one.get("type") != "null"]
    bounds = _bounds(_looked_up((kinds or [field])[0], known))
    meaning = _UNIT.sub("", description)
    return Parameter(name, _default(field), bounds, "" if unit == "1" else unit, meaning)


def _looked_up(field: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    target = str(field.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = known.get(target, field)
    return found


def _default(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    if default is None or default == []:
        return "empty"
    if isinstance(default, list):
        return ", ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in default)
    if isinstance(default, float):
        return f"{default:g}"
    return str(default).lower() if isinstance(default, bool) else str(default)


def _bounds(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(map(str, field["enum"]))
    low = field.get("minimum", field.get("exclusiveMinimum", ""))
    high = field.get("maximum", field.get("exclusiveMaximum", ""))
    if low == "" and high == "":
        return "true, false" if field.get("type") == "boolean" else ""
    return f"{low} … {high}"
