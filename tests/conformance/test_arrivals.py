"""Requests come when a list says, to every kind of device; who finds it busy waits."""

from itertools import pairwise

import pytest

from devices.agent.messages import INFER
from devices.clock import HOST
from devices.errors import WorkloadError
from tests.conformance.talk import Heard, Start

GAPS_US = [40_000, 200_000, 1_000, 1_000, 300_000]


def test_requests_come_as_listed_and_wait_for_their_turn(start: Start) -> None:
    start.link.request("arrivals", id="burst", gaps_us=GAPS_US[:3])
    told = start.link.request("arrivals", id="burst", gaps_us=GAPS_US[3:], more=True, span_us=10**9)
    assert told["count"] == len(GAPS_US)
    start.begin()
    ack = start.lane(arrivals="burst", depth=8, n=len(GAPS_US))
    heard = start.hear("idle", Heard())
    start.end(heard)
    starts_ns = heard.times(INFER)
    waits_us, took_us = heard.column("inference.queue"), heard.column("inference.latency")
    due_us = [sum(GAPS_US[: slot + 1]) for slot in range(len(GAPS_US))]
    for slot, due in enumerate(due_us):
        arrived_us = (int(starts_ns[slot]) - ack["at"]) / 1000 - int(waits_us[slot])
        assert arrived_us == pytest.approx(due, abs=2)
    ends_ns = [int(t) + int(us) * 1000 for t, us in zip(starts_ns, took_us, strict=True)]
    for end_ns, (_, next_ns) in zip(ends_ns, pairwise(starts_ns), strict=False):
        assert end_ns <= int(next_ns) + 1000
    assert min(waits_us[2:4]) > 500, "two came while the first of three was computed"
    assert heard.of("idle")[0].data["dropped"] == 0


def test_a_list_that_was_not_told_or_makes_no_sense_is_refused(start: Start) -> None:
    start.begin()
    with pytest.raises(WorkloadError, match="no timetable 'other': send `arrivals` first"):
        start.lane(arrivals="other")
    start.link.request("end")
    with pytest.raises(WorkloadError, match="must come later than at once"):
        start.link.request("arrivals", id="none", gaps_us=[])
    with pytest.raises(WorkloadError, match="gaps_us must be a list of at most 1500"):
        start.link.request("arrivals", id="none", gaps_us=[-1])


def test_a_pace_goes_on_while_settings_change(start: Start) -> None:
    start.begin()
    ack = start.lane(period_us=250_000)
    heard = Heard()
    clock = start.link.sync()
    while clock.device_at(HOST.now_ns()) < ack["at"] + 600_000_000:  # the middle of a period
        for item in start.link.receive(0.01):
            heard.add(item)
    start.link.request("set", lane=0, threads=2)
    start.hear("applied", heard, times=2)
    before = len(heard.times(INFER))
    while len(heard.times(INFER)) < before + 2:  # the first of them may have begun before
        for item in start.link.receive(0.5):
            heard.add(item)
    start.link.request("stop", lane=0)
    start.hear("idle", heard)
    start.end(heard)
    due_ns = heard.times(INFER) - heard.column("inference.queue") * 1000 - ack["at"]
    assert [round(int(ns) / 250e6, 3) for ns in due_ns] == heard.column("inference.slot").tolist()
    assert set(heard.column("inference.threads")) == {1, 2}
