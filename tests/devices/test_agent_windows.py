"""The memory's clock by its traffic: two levels, one look per window, late as memories are."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from devices.agent.messages import OPS
from devices.agent.wire import Line
from devices.virtual.agent.plan_words import are_windows
from devices.virtual.catalog import load
from devices.virtual.userspace.inodes import ROOT
from tests.devices.agents import Talk
from tests.devices.test_agent_plan import PARAM, WEIGHTS, loaded

KNOB, LOW, HIGH = "mem.set_khz", 1_014_000, 3_172_000


def rule(**changes: Any) -> Line:
    return {"k": KNOB, "low": LOW, "high": HIGH, "us": 30_000, "at_pm": 600, **changes}


def talk() -> Talk:
    found = loaded(Talk(uid=ROOT, spec=load("pixel-6")), PARAM, WEIGHTS)
    assert found.ask("knob", set=[{"k": "mem.gov", "v": "userspace"}])["ok"]
    return found


def asked(windows: Line, period_us: int = 0) -> Counter[int]:
    """Run for a while; return how often each memory clock was asked for."""
    phone = talk()
    segments = [{"to": "one"}, {"to": ""}]
    told = phone.ask("plan", id="plan", model="net", segs=segments, windows=windows, every=1)
    assert told["ok"], told
    phone.ask("begin", trial=1)
    phone.ask("start", model="net", threads=1, period_us=period_us, plan="plan", dur_ms=4000)
    phone.wait(0.4)
    phone.ask("end")
    rows = [line["cols"][7] for line in phone.events("data") if line["g"] == OPS]
    return Counter(int(level) for deltas in rows for level in np.cumsum(deltas))


def test_much_traffic_asks_for_the_high_clock_and_little_for_the_low_one() -> None:
    assert set(asked(rule(at_pm=0))) == {HIGH}
    busy = asked(rule(at_pm=1000))
    assert busy[LOW] > 0.9 * busy.total(), "high until the first window has been counted"


def test_windows_of_waiting_count_too() -> None:
    """One inference per 0.2 s: whatever it moved, nothing moved in the window before the next."""
    seen = asked(rule(at_pm=0), period_us=200_000)
    assert seen[LOW] > 0.6 * seen.total()


@pytest.mark.parametrize(
    ("windows", "code", "words"),
    [
        (rule(k="cluster6.set_khz", low=1_426_000, high=2_802_000), "knob", "is no memory"),
        (rule(low=5), "bad_arg", "can be"),
        (rule(us=10), "bad_arg", "a rule such as"),
        (rule(k="cluster6.max_khz"), "knob", "a plan cannot set"),
    ],
)
def test_what_is_no_memory_or_no_clock_is_refused(windows: Line, code: str, words: str) -> None:
    phone = talk()
    phone.ask("knob", set=[{"k": "cluster6.gov", "v": "userspace"}])
    told = phone.ask("plan", id="plan", model="net", segs=[{"to": ""}], windows=windows)
    assert (told["ok"], told["code"]) == (False, code)
    assert words in told["msg"]


def test_segments_and_windows_cannot_both_set_the_memory() -> None:
    segments = [{"to": "", "set": [{"k": KNOB, "v": HIGH}]}]
    told = talk().ask("plan", id="plan", model="net", segs=segments, windows=rule())
    assert "by segments or by windows, not by both" in told["msg"]
    assert not are_windows({**rule(), "more": 1})
    assert not are_windows([])
