"""A phone inside the process goes through the same loop, and repeats itself exactly."""

import numpy as np
import pytest

from benchmarks.reproductions.phones import run_near
from benchmarks.solo import Outcome
from benchmarks.specs import parse
from devices.errors import StableDeviceError

GATE = {"start_gate": {"timeout_s": 0}}


def shifting(seed: int = 1, duration_s: float = 90, **policy: object) -> Outcome:
    benchmark: dict[str, object] = {
        "kind": "shifting",
        "family": "mobilenet_v2",
        "widths": [1.0, 0.35],
    }
    benchmark |= {"duration_s": duration_s, "sample_hz": 2}
    asked = {"benchmark": benchmark, "policy": policy, "preconditions": GATE, "seed": seed}
    return run_near("honor-v30-pro", parse(asked))


def test_a_policy_shifts_down_when_hot_and_up_when_the_cooling_levels_off() -> None:
    outcome = shifting(kind="dynamic_shifting", t_lim_c=55, sensor="cluster2")
    actions = [event.data for event in outcome.trace.events_of("action")]
    assert [action["variant"] for action in actions[:2]] == ["mobilenet_v2-0.35", "mobilenet_v2"]
    assert "is above 55.0 °C" in actions[0]["reason"]
    assert "°C/s is above -0.07" in actions[1]["reason"]
    applied = outcome.trace.events_of("applied")[1].data
    assert applied["reloaded"]
    assert applied["us"] > 50_000  # the weights were read
    assert applied["period_us"] > 0  # and the small one waits for the large one's period


def test_the_same_seed_gives_the_same_trace_and_another_seed_another() -> None:
    one, again, other = (shifting(seed, 20, kind="stock") for seed in (1, 1, 2))
    latencies = [run.trace.signals["inference.latency"].values for run in (one, again, other)]
    np.testing.assert_array_equal(latencies[0], latencies[1])
    assert not np.array_equal(latencies[0][:100], latencies[2][:100])
    assert one.document["device_kind"] == "virtual"


def test_a_sensor_that_the_phone_lacks_is_refused_with_what_it_has() -> None:
    with pytest.raises(StableDeviceError, match=r"policy.sensor = 'nose'.*system_h"):
        shifting(kind="dynamic_shifting", sensor="nose")
