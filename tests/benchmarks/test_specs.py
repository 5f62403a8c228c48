"""What may be asked for, and the sentence that answers what may not."""

from typing import Any

import pytest

from benchmarks.catalog import CATALOG
from benchmarks.policies import POLICIES
from benchmarks.policies.stock import Stock
from benchmarks.specs import RunSpec, SpecError, parse


def asked(**benchmark: Any) -> dict[str, Any]:
    return {"benchmark": {"kind": "thermal_soak", **benchmark}}


def test_defaults_make_a_run() -> None:
    spec = parse(asked())
    assert spec.planned_s == 1800
    assert spec.policy == Stock()
    assert spec.benchmark.loads()[0].workload == "resnet50"


def test_a_spec_survives_the_database() -> None:
    spec = parse({**asked(duration_s="600"), "seed": 7, "labels": {"build": "pr-1"}})
    assert RunSpec.model_validate(spec.model_dump(mode="json")) == spec


@pytest.mark.parametrize(
    ("document", "field", "sentence"),
    [
        (
            {"benchmark": {"kind": "termal_soak"}},
            "benchmark",
            "There is no benchmark 'termal_soak'. Did you mean 'thermal_soak'?",
        ),
        (
            asked() | {"preconditions": {"knobs": {"Foo": "1"}}},
            "preconditions.knobs.Foo",
            "Foo = 'Foo': a knob is written as `cluster4.max_khz: 1600000`",
        ),
        (asked(duraton_s=3), "benchmark.duraton_s", "Did you mean 'duration_s'?"),
        (asked(workload="resnet"), "benchmark.workload", "Did you mean 'resnet50'?"),
        (asked(workload="bert"), "benchmark.workload", "resnet50"),
        (asked(duration_s=0), "benchmark.duration_s", "greater than or equal to 1"),
        (asked(duration_s="an hour"), "benchmark.duration_s", "valid number"),
        (asked(duration_s=float("nan")), "benchmark.duration_s", "duration_s = nan"),
        ({**asked(), "policy": {"kind": "stok"}}, "policy", "Did you mean 'stock'?"),
        ({**asked(), "seed": -1}, "seed", "greater than or equal to 0"),
        ({**asked(), "sed": 1}, "sed", "Did you mean 'seed'?"),
        (
            {**asked(), "preconditions": {"start_gate": {"slope": 1}}},
            "preconditions.start_gate.slope",
            "There is no parameter 'slope'.",
        ),
        (
            {**asked(), "preconditions": {"start_gate": {"on_timeout": "shrug"}}},
            "preconditions.start_gate.on_timeout",
            "'fail', 'skip' or 'mark'",
        ),
        ({}, "benchmark", "benchmark is missing."),
    ],
)
def test_a_refusal_names_the_field_and_the_way_out(
    document: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(SpecError) as caught:
        parse(document)
    assert caught.value.field == field
    assert sentence in str(caught.value)


def test_a_gate_must_have_time_to_hold() -> None:
    gate = {"start_gate": {"timeout_s": 30, "hold_s": 60}}
    with pytest.raises(SpecError, match="waits 30 s at most but must hold 60 s"):
        parse({**asked(), "preconditions": gate})


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_every_parameter_says_what_it_is_and_in_which_unit(name: str) -> None:
    properties = CATALOG[name].json_schema()["properties"]
    for field, schema in properties.items():
        if field == "kind":
            continue
        assert schema["description"], field
        is_number = schema["type"] in ("number", "integer")
        assert not is_number or schema["description"].endswith("]"), field
        assert "default" in schema, field


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_policy_says_what_it_does(name: str) -> None:
    assert (POLICIES[name].__doc__ or "").strip()
