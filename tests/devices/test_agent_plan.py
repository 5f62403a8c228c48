"""The command `plan`: clocks that change inside one inference, told segment by segment."""

from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from devices.agent.messages import INFER, OPS
from devices.agent.wire import Line
from devices.virtual.agent.plan_words import are_rungs, are_segments
from devices.virtual.agent.shelf import MODELS
from devices.virtual.userspace.inodes import ROOT
from tests.devices.agents import Talk

KNOB = "cluster6.set_khz"
FAST, SLOW = 2_861_000, 1_460_000
PARAM = b"""7767517
4 4
Input data 0 1 data 0=112 1=112 2=3
Convolution one 1 1 data one 0=32 1=3 3=1 4=1 5=0 6=864
Convolution two 1 1 one two 0=64 1=3 3=1 4=1 5=0 6=18432
Softmax prob 1 1 two prob 0=0
"""
WEIGHTS = bytes(4 * (1 + 864 + 1 + 18432))


def planned(*, uid: int = ROOT, governor: str = "userspace") -> Talk:
    """Return a talk with a loaded network of two convolutions, before any trial."""
    talk = loaded(Talk(uid=uid), PARAM, WEIGHTS)
    if uid == ROOT:
        talk.ask("knob", set=[{"k": "cluster6.gov", "v": governor}])
    return talk


def loaded(talk: Talk, network: bytes, numbers: bytes) -> Talk:
    """Open a talk and load a network of 112 x 112 pixels as `net`."""
    talk.files |= {f"{MODELS}/{sha256(data).hexdigest()}": data for data in (network, numbers)}
    talk.open()
    param, weights = sha256(network).hexdigest(), sha256(numbers).hexdigest()
    assert talk.load(
        param=param, param_sha256=param, bin=weights, sha256=weights, bytes=len(numbers),
        w=112, h=112,
    )["ok"]  # fmt: skip
    talk.ask("sample", g=0, period_us=100_000, ids="all")
    return talk


def segments(first: int, second: int, **us: int) -> list[Line]:
    return [
        {"to": "one", "set": [{"k": KNOB, "v": first}], "us": us.get("one", 0)},
        {"to": "", "set": [{"k": KNOB, "v": second}], "us": us.get("two", 0)},
    ]


def plan(talk: Talk, segs: list[Line], **more: Any) -> Line:
    return talk.ask("plan", id="plan", model="net", segs=segs, every=1, **more)


def run(talk: Talk, *, with_plan: bool = True) -> dict[int, list[list[int]]]:
    """Run a few paced inferences and return the columns of each group, first values absolute."""
    assert talk.ask("begin", trial=1)["ok"]
    lane: dict[str, Any] = {"plan": "plan"} if with_plan else {}
    ack = talk.ask("start", model="net", threads=1, mask="40", period_us=200_000, n=20, **lane)
    assert ack["ok"], ack
    talk.wait(2.0)
    talk.ask("end")
    columns: dict[int, list[list[int]]] = {}
    for line in talk.events("data"):
        for number, column in enumerate(line["cols"]):
            of_group = columns.setdefault(line["g"], [[] for _ in line["cols"]])
            total = 0
            for delta in column:
                total += delta or 0
                of_group[number].append(total)
    return columns


def latency_us(columns: dict[int, list[list[int]]]) -> float:
    values = sorted(columns[INFER][6])
    return values[len(values) // 2]


def test_each_segment_runs_at_its_own_clock() -> None:
    took = {}
    for first, second in ((FAST, FAST), (SLOW, FAST), (FAST, SLOW), (SLOW, SLOW)):
        talk = planned()
        assert plan(talk, segments(first, second))["ok"]
        took[first, second] = latency_us(run(talk))
    assert took[FAST, FAST] < took[SLOW, FAST] < took[FAST, SLOW] < took[SLOW, SLOW]
    # Most of the time is computing, which goes as 1/f; the rest is memory.
    assert took[SLOW, SLOW] / took[FAST, FAST] == pytest.approx(FAST / SLOW, rel=0.12)


def test_tells_time_energy_and_clock_of_each_segment() -> None:
    talk = planned()
    plan(talk, segments(FAST, SLOW))
    columns = run(talk)
    _, _, slot, seg, us, uj, core, mem = columns[OPS]
    assert seg == [0, 1] * 20
    assert core == [FAST, SLOW] * 20
    assert set(mem) == {-1}
    assert min(uj) > 0
    pairs = {n: sum(t for t, s in zip(us, slot, strict=True) if s == n) for n in set(slot)}
    whole = dict(zip(columns[INFER][4], columns[INFER][6], strict=True))
    assert all(abs(pairs[n] - whole[n]) <= 2 for n in pairs)


def test_slow_clocks_need_less_energy() -> None:
    joules = []
    for khz in (FAST, SLOW):
        talk = planned()
        plan(talk, segments(khz, khz))
        joules.append(sum(run(talk)[INFER][-1]))
    assert joules[1] < 0.8 * joules[0]


def test_a_late_segment_takes_the_laziest_way_that_ends_in_time() -> None:
    talk = planned()
    # The plan believes that the first segment takes no time at all, so it is late at once.
    lazy = segments(SLOW, SLOW, one=1, two=1_000_000)
    race = {"v": [[FAST], [FAST]], "us": [1, 1000]}
    assert plan(talk, lazy, rungs=[race], budget_us=100_000, patience_us=100)["ok"]
    core = run(talk)[OPS][6]
    assert core == [SLOW, FAST] * 20


def test_a_plan_without_knobs_only_measures_and_needs_no_root() -> None:
    talk = planned(uid=2000)
    assert plan(talk, [{"to": "one"}, {"to": ""}])["ok"]
    columns = run(talk)
    assert columns[OPS][3] == [0, 1] * 20
    assert set(columns[OPS][6]) == {-1}


def test_trials_without_a_plan_have_no_group_for_it() -> None:
    talk = planned()
    assert OPS not in run(talk, with_plan=False)
    assert [line["name"] for line in talk.events("group")] == ["fast", "infer"]


@pytest.mark.parametrize(
    ("segs", "more", "code", "words"),
    [
        (segments(FAST, SLOW)[:1], {}, "no_blob", "must end with the output"),
        ([{"to": "nowhere"}, {"to": ""}], {}, "no_blob", "no layer that makes 'nowhere'"),
        ([{"to": "two"}, {"to": "one"}], {}, "no_blob", "has no layer in it"),
        (segments(FAST, 123), {}, "bad_arg", "can be"),
        ([segments(FAST, FAST)[0], {"to": ""}], {}, "bad_arg", "segment 1 does not set"),
        (segments(FAST, FAST), {"rungs": [{"v": [[FAST]], "us": [1]}]}, "bad_arg", "2 rows"),
        (
            [{"to": "", "set": [{"k": "cluster6.max_khz", "v": FAST}]}],
            {},
            "knob",
            "a plan cannot set cluster6.max_khz; it can set",
        ),
        ([{"to": "", "set": [{"k": "cluster9.set_khz", "v": FAST}]}], {}, "knob", "no knob"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_words(
    segs: list[Line], more: dict[str, Any], code: str, words: str
) -> None:
    ack = plan(planned(), segs, **more)
    assert (ack["ok"], ack["code"]) == (False, code)
    assert words in ack["msg"]


def test_clocks_that_a_governor_owns_are_refused() -> None:
    ack = plan(planned(governor="schedutil"), segments(FAST, SLOW))
    assert ack["code"] == "knob"
    assert "set cluster6.gov first" in ack["msg"]


def test_without_root_no_clock_can_be_planned() -> None:
    ack = plan(planned(uid=2000), segments(FAST, SLOW))
    assert (ack["code"], "may write no clock" in ack["msg"]) == ("knob", True)


@pytest.mark.parametrize("starts_with", ["plan", ""])
def test_another_plan_can_take_over_while_the_load_runs(starts_with: str) -> None:
    talk = planned()
    plan(talk, segments(FAST, FAST))
    talk.ask("begin", trial=1)
    ack = talk.ask("start", model="net", threads=1, mask="40", period_us=100_000, n=20,
                   plan=starts_with)  # fmt: skip
    talk.host.advance(0.0475)  # 0.95 s of device time
    talk.session.turn()
    assert talk.ask("plan", id="lazy", model="net", segs=segments(SLOW, SLOW), every=1)["ok"]
    assert talk.ask("set", plan="lazy")["ok"]
    talk.wait(2.0)
    talk.ask("end")
    rows = [line["cols"] for line in talk.events("data") if line["g"] in (INFER, OPS)]
    starts, took, clocks = [], [], []
    for columns in rows:
        wide = np.cumsum([[delta or 0 for delta in column] for column in columns], axis=1)
        if len(columns) > 10:
            starts += (wide[0] - ack["at"]).tolist()
            took += wide[6].tolist()
        else:
            clocks += wide[6].tolist()
    assert [round(start / 1e8, 2) for start in starts] == list(range(20)), "the pace goes on"
    assert clocks[-4:] == [SLOW] * 4
    if starts_with:
        assert clocks[:4] == [FAST] * 4
        assert np.median(took[-5:]) > 1.5 * np.median(took[:5])


def test_a_plan_comes_before_its_trial() -> None:
    talk = planned()
    talk.ask("begin", trial=1)
    assert plan(talk, segments(FAST, SLOW))["code"] == "busy"
    assert talk.ask("start", model="net", threads=1, plan="other")["code"] == "bad_arg"


@pytest.mark.parametrize(
    "wrong",
    [[], [{"set": []}], [{"to": 3}], [{"to": "a", "us": -1}], [{"to": "a", "set": [{"k": "b"}]}],
     [{"to": "a", "more": 1}], [{"to": "a"}] * 401],
)  # fmt: skip
def test_segments_have_one_shape(wrong: list[Any]) -> None:
    assert not are_segments(wrong)
    assert are_segments([{"to": "a"}])
    assert not are_rungs([{"v": [[1]], "us": [-1]}])
    assert not are_rungs([{"v": [1], "us": [1]}])


def test_writes_from_outside_do_not_change_how_a_plan_goes_on() -> None:
    rows = []
    for writes in (False, True):
        talk = planned()
        plan(talk, segments(FAST, SLOW))
        talk.ask("begin", trial=1)
        talk.ask("start", model="net", threads=1, mask="40", plan="plan")
        talk.wait(1.0)
        talk.host.advance(0.0013)  # 26 ms of device time: into the middle of a step …
        talk.session.turn()
        if writes:  # … which a write takes back
            assert talk.ask("knob", set=[{"k": "cluster0.max_khz", "v": 1_220_000}])["ok"]
        talk.wait(1.0)
        talk.ask("end")
        data = [line["cols"] for line in talk.events("data") if line["g"] == OPS]
        slots, numbers = (
            [total for columns in data for total in np.cumsum(columns[place]).tolist()]
            for place in (2, 3)
        )
        told = list(zip(slots, numbers, strict=True))
        assert told == [(slot, number) for slot in range(len(told) // 2) for number in (0, 1)]
        rows.append(told)
    assert abs(len(rows[0]) - len(rows[1])) <= 2
