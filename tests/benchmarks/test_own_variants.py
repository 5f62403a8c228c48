"""A user's own networks as variants: what is refused, and that a phone shifts among them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.catalog.multi_tenant import MultiTenant
from benchmarks.reproductions.phones import run_near
from benchmarks.specs import SpecError, parse
from benchmarks.uploads.library import files_on_disk
from benchmarks.workloads import workload_files
from tests.benchmarks.networks import SMALL_PARAM, small_bin


@pytest.fixture
def brought(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Three networks on disk, by their names: their paths."""
    contents = {"light": (SMALL_PARAM, small_bin())}
    for name, ours in (("mine-large", "mobilenet_v2"), ("mine-small", "mobilenet_v2-0.35")):
        files = workload_files(ours)
        contents[name] = (files.param, files.bin)
    for name, (param, weights) in contents.items():
        (tmp_path / f"{name}.param").write_bytes(param)
        (tmp_path / f"{name}.bin").write_bytes(weights)
    with files_on_disk():
        yield {name: str(tmp_path / f"{name}.param") for name in contents}


def refusal(**params: Any) -> tuple[str, str]:
    with pytest.raises(SpecError) as refused:
        parse({"benchmark": {"kind": "shifting", **params}})
    return refused.value.field, str(refused.value)


def test_what_is_no_row_of_variants_is_refused_at_its_field(brought: dict[str, str]) -> None:
    large, small, light = (brought[name] for name in ("mine-large", "mine-small", "light"))
    for params, field, words in (
        ({"networks": f"{large}"}, "networks", "name two or more, the largest first, each once"),
        ({"networks": f"{large} {large}"}, "networks", "each once"),
        ({"networks": f"{small},{large}"}, "networks",
         "mine-large computes 301 MMAC per inference, not less than the 59"),
        ({"networks": f"{large},nobody"}, "networks", "There is no workload 'nobody'"),
        ({"networks": f"{large},{small}"}, "accuracies", "nobody published one of mine-large"),
        ({"networks": f"{large},{small}", "accuracies": "0.7"}, "accuracies",
         "1 numbers for 2 networks"),
        ({"networks": f"{large},{small}", "accuracies": "0.6,0.7"}, "accuracies",
         "mine-small has 0.7, not less than the 0.6 of mine-large"),
        ({"networks": f"{large},{small}", "accuracies": "70,60"}, "accuracies",
         "write 0.76 for 76 %"),
        ({"networks": f"{large},{small}", "accuracies": "0.7,0.6", "shared_weights": True},
         "shared_weights", "each shift reads its weights; use false"),
        ({"networks": f"{large},{light}", "accuracies": "0.7,0.6"}, "period_ms",
         "a matter of microseconds"),
    ):  # fmt: skip
        place, sentence = refusal(**params)
        assert place.startswith(f"benchmark.{field}"), (place, sentence)
        assert words in sentence


def tenants(*written: str) -> dict[str, Any]:
    return {"kind": "multi_tenant", "tenants": ",".join(written), "fewest": 1, "most": 1,
            "duration_s": 10}  # fmt: skip


def test_a_family_of_own_networks_is_written_in_one_word(brought: dict[str, str]) -> None:
    large, small, light = (brought[name] for name in ("mine-large", "mine-small", "light"))
    spec = parse({"benchmark": tenants(f"{large}=71+{small}=60.5:68:150:2", "resnet50:74:400")})
    benchmark = spec.benchmark
    assert isinstance(benchmark, MultiTenant)
    mine, ours = benchmark.tenants
    assert mine.family == "mine-large=71+mine-small=60.5"
    assert benchmark.names == ("mine-large#0", "resnet50#1")
    assert mine.workloads == ("mine-small", "mine-large")
    seen = mine.described("a")
    assert [rung.accuracy_pct for rung in seen.rungs] == pytest.approx([60.5, 71])
    assert [rung.resident_mb for rung in seen.rungs] == pytest.approx([6.7, 14.0], abs=0.1)
    assert (seen.knee, seen.priority, len(ours.variants)) == (0, 2.0, 4)
    assert parse(spec.model_dump(mode="json")) == spec, "it is stored as it was written"
    for wrong, words in (
        (f"{small}=71+{large}=60:68:150", "mine-large computes 301 MMAC per inference, not less"),
        (f"{large}=0.71+{small}=0.6:68:150", "top-1 = '0.71': give it in %, between 1 and 100"),
        (f"{large}=a+{small}=b:68:150", "top-1 = 'a': give it in %"),
        (f"{large}=60+{small}=71:68:150", "mine-small has 0.71, not less than the 0.6 of"),
        (f"{large}=71:68:150", "name two or more"),
        (f"{large}=71+nobody=60:68:150", "There is no workload 'nobody'"),
        (f"{large}=71+{light}=60:68:150", "a matter of microseconds"),
        ("resnet50=76+resnet50-0.25=65+resnet50-0.5=60:68:150", "name the largest first"),
    ):
        with pytest.raises(SpecError) as refused:
            parse({"benchmark": tenants(wrong)})
        assert refused.value.field.startswith("benchmark.tenants"), refused.value
        assert words in str(refused.value)


def test_tenants_share_a_phone_with_networks_that_a_user_brought(brought: dict[str, str]) -> None:
    row = "+".join(f"{brought[name]}={top1}" for name, top1 in (("mine-large", 71),
                                                                ("mine-small", 60)))  # fmt: skip
    benchmark = tenants(f"{row}:65:150", f"{row}:70:300") | {"fewest": 2, "most": 2}
    policy = {"kind": "min_total", "alpha": 0.2}
    gate = {"start_gate": {"timeout_s": 0}}
    outcome = run_near("honor-v30-pro", parse({"benchmark": benchmark, "policy": policy,
                                               "preconditions": gate}))  # fmt: skip
    found = {metric.name: metric.value for metric in outcome.analysis.metrics}
    assert found["mean_accuracy"] is not None
    assert 0.6 <= found["mean_accuracy"] / (1 if found["mean_accuracy"] <= 1 else 100) <= 0.71
    told = {event.data.get("model") for event in outcome.trace.events_of("applied")}
    assert told <= {"mine-large", "mine-small"}


def test_a_phone_shifts_between_networks_that_a_user_brought(brought: dict[str, str]) -> None:
    networks = [brought["mine-large"], brought["mine-small"]]
    benchmark = {"kind": "shifting", "networks": networks, "accuracies": [0.7, 0.5],
                 "duration_s": 40}  # fmt: skip
    gate = {"start_gate": {"timeout_s": 0}}
    policy = {"kind": "random_shift", "p_large": 0.5, "block_s": 3}
    spec = parse({"benchmark": benchmark, "policy": policy, "preconditions": gate})
    told = spec.benchmark.model_dump(mode="json")
    assert (told["networks"], "family" in told) == (["mine-large", "mine-small"], False)
    assert parse(spec.model_dump(mode="json")) == spec
    outcome = run_near("honor-v30-pro", spec)
    found = {metric.name: metric for metric in outcome.analysis.metrics}
    large = found["fraction_large"].value
    assert large is not None
    assert 0.1 < large < 0.9
    estimate = found["accuracy_estimate"]
    assert estimate.value == pytest.approx(0.5 + 0.2 * large)
    assert "networks of the user's own" in estimate.note
    ran = {event.data.get("model") for event in outcome.trace.events_of("applied")}
    assert ran == {"mine-large", "mine-small"}
