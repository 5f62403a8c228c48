"""A user's own networks as variants: what is refused, and that a phone shifts among them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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


def test_a_phone_shifts_between_networks_that_a_user_brought(brought: dict[str, str]) -> None:
    networks = [brought["mine-large"], brought["mine-small"]]
    benchmark = {"kind": "shifting", "networks": networks, "accuracies": [0.7, 0.5],
                 "duration_s": 40}  # fmt: skip
    gate = {"start_gate": {"timeout_s": 0}}
    policy = {"kind": "random_shift", "p_large": 0.5, "block_s": 3}
    outcome = run_near("honor-v30-pro", parse({"benchmark": benchmark, "policy": policy,
                                               "preconditions": gate}))  # fmt: skip
    found = {metric.name: metric for metric in outcome.analysis.metrics}
    large = found["fraction_large"].value
    assert large is not None
    assert 0.1 < large < 0.9
    estimate = found["accuracy_estimate"]
    assert estimate.value == pytest.approx(0.5 + 0.2 * large)
    assert "networks of the user's own" in estimate.note
    told = {event.data.get("model") for event in outcome.trace.events_of("applied")}
    assert told == {"mine-large", "mine-small"}
