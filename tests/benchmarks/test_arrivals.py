"""When requests come: drawn from a seed, refused with a way out, the same for every policy."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from benchmarks.arrivals import MOST, Arrivals, read_times, tell
from benchmarks.reproductions.phones import run_near
from benchmarks.solo import Outcome
from benchmarks.specs import SpecError, parse
from benchmarks.trace import Trace
from devices.errors import StableDeviceError

CLOUD = {"kind": "offload", "workload": "regnet"}


def at_s(arrivals: Arrivals, seed: int = 1, duration_s: float = 2000.0) -> np.ndarray[Any, Any]:
    waits, _ = arrivals.table(1.0, duration_s, seed)
    return np.cumsum(waits) / 1e6


def test_random_arrivals_are_a_poisson_process() -> None:
    gaps = np.diff(at_s(Arrivals("poisson")))
    assert gaps.mean() == pytest.approx(1.0, rel=0.05)
    assert gaps.std() / gaps.mean() == pytest.approx(1.0, abs=0.05)  # a fixed pace has 0
    assert np.mean(gaps < 0.1) == pytest.approx(1 - np.exp(-0.1), abs=0.02)
    assert (at_s(Arrivals("poisson")) == at_s(Arrivals("poisson"))).all()
    assert (at_s(Arrivals("poisson"), seed=2)[:5] != at_s(Arrivals("poisson"))[:5]).all()


def test_jitter_is_lateness_within_its_share_and_never_adds_up() -> None:
    late = at_s(Arrivals(jitter=0.3)) - np.arange(2001)
    assert late.min() >= 0
    assert 0.29 < late.max() <= 0.3
    assert np.corrcoef(np.arange(2001), late)[0, 1] < 0.1
    assert not Arrivals().are_listed


def test_a_list_that_is_too_long_repeats_where_its_pace_goes_on() -> None:
    waits, span_us = Arrivals(jitter=0.5).table(0.001, 3600.0, 1)
    assert len(waits) == MOST
    assert span_us == MOST * 1000


def test_a_trace_comes_as_written_and_once() -> None:
    waits, span_us = Arrivals("trace", at_s=read_times("0.5\n0.75;0.75\n9")).table(1.0, 60.0, 1)
    assert waits == [500_000, 250_000, 0, 8_250_000]
    assert span_us > 3600e6


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"arrivals": "trace"}, "needs arrival_times_s"),
        ({"arrivals": "trace", "arrival_times_s": "1\ntwo"}, "line 2 is 'two'"),
        ({"arrivals": "trace", "arrival_times_s": "2;1"}, "line 2 is earlier than line 1: sort"),
        ({"arrivals": "trace", "arrival_times_s": "0;0"}, "all requests come at 0 s"),
        ({"arrival_times_s": "1"}, "take arrivals = 'trace', or leave it empty"),
        ({"arrivals": "poisson", "period_ms": 0}, "needs a mean distance"),
        ({"arrivals": "bursts"}, "arrivals"),
    ],
)
def test_what_nobody_could_draw_is_refused_in_words(params: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse({"benchmark": {**CLOUD, **params}})
    assert words in str(refused.value)


def jittered(policy: str, seed: int = 3) -> Outcome:
    benchmark = {"kind": "dvfs", "workload": "mobilenet_v2", "mode": "advisory", "duration_s": 20,
                 "jitter": 0.6, "slack": 1.3, "repeats": 3}  # fmt: skip
    gate = {"start_gate": {"timeout_s": 0}}
    spec = parse({"benchmark": benchmark, "policy": {"kind": policy}, "preconditions": gate,
                  "seed": seed})  # fmt: skip
    return run_near("honor-v30-pro", spec)


@dataclass(frozen=True)
class Served:
    """The inferences of a load."""

    slot: np.ndarray[Any, Any]
    release_s: np.ndarray[Any, Any]
    waited_s: np.ndarray[Any, Any]
    taken_s: np.ndarray[Any, Any]


def served(trace: Trace) -> Served:
    latency = trace.signals["inference.latency"]
    load = latency.t_s >= 0  # before it came the rehearsal
    queue, slot = (trace.signals[f"inference.{name}"].values[load] for name in ("queue", "slot"))
    return Served(slot.astype(int), latency.t_s[load] - queue, queue, queue + latency.values[load])


def test_policies_meet_the_same_jitter_and_deadlines_count_from_the_release() -> None:
    outcomes = [jittered(policy) for policy in ("stock", "static_pair")]
    one, two = (served(outcome.trace) for outcome in outcomes)
    _, mine, theirs = np.intersect1d(one.slot, two.slot, return_indices=True)
    assert mine.size > 900
    assert np.abs(one.release_s[mine] - two.release_s[theirs]).max() < 1e-5
    (told,) = outcomes[0].trace.events_of("arrivals")
    period_s = told.data["period_s"]
    late = (one.release_s - one.slot * period_s) / period_s
    assert late.min() >= -1e-6
    assert 0.59 < late.max() < 0.601
    assert two.waited_s.max() > 0.001, "an early release finds the phone busy"
    missed = int((two.taken_s > period_s).sum())
    assert missed > (two.taken_s - two.waited_s > period_s).sum(), "who waited has less time left"
    events = outcomes[1].trace.events_of("idle")
    dropped = sum(event.data["dropped"] for event in events)
    hit = next(m for m in outcomes[1].analysis.metrics if m.name == "deadline_hit")
    assert hit.note.startswith(f"{missed + dropped} of ")


def test_an_agent_that_knows_only_a_pace_is_told_so() -> None:
    class Old:
        caps = ("infer",)

    with pytest.raises(StableDeviceError, match="knows no arrivals but periodic ones"):
        tell(Old(), Arrivals("poisson"), 1.0, 10.0, 1)  # type: ignore[arg-type]
