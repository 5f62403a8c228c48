"""How our side of the agent's wire takes what a stream may bring."""

from collections import deque
from typing import Any

import pytest

from devices.agent.link import AgentLink
from devices.agent.messages import PROBLEMS, refusal
from devices.agent.wire import encode_line
from devices.errors import (
    DeviceError,
    StableDeviceError,
    TransientDeviceError,
    WorkloadError,
)
from devices.samples import Batch, Event, Group, Item

HELLO = {"ev": "hello", "n": 0, "t": 0, "proto": 1, "kind": "virtual", "caps": ["infer"]}
GROUP = {
    "ev": "group",
    "trial": 1,
    "g": 0,
    "name": "fast",
    "period_us": 100_000,
    "cols": [
        {"ch": 0, "name": "t", "unit": "ns"},
        {"ch": 1, "name": "cur", "id": "cluster4.cur_khz", "unit": "kHz"},
    ],
}


class Script:
    """A stream whose far end answers each command at once, from a list of lines."""

    def __init__(self, *lines: dict[str, Any]) -> None:
        self.sent: list[bytes] = []
        self.is_closed = False
        self.returncode: int | None = None
        self._n = 0
        self._pieces: deque[bytes] = deque()
        self.bring(HELLO)
        self._after_open = lines

    def bring(self, *lines: dict[str, Any]) -> None:
        """Let these lines arrive, numbered unless they bring a number."""
        for line in lines:
            self._pieces.append(encode_line({"n": self._n, "t": 0, **line}))
            self._n += 1

    def end(self) -> None:
        """Let the stream end."""
        self._pieces.append(b"")

    def write(self, data: bytes) -> None:
        self.sent.append(data)
        if b'"op":"open"' in data:
            self.bring({"ev": "ack", "seq": 0, "ok": True})
        elif b'"op":"sync"' in data:
            self.bring({"ev": "ack", "seq": len(self.sent) - 1, "ok": True, "t": 10**9})
            if len(self.sent) == 9:
                self.bring(*self._after_open)

    def read(self, timeout_s: float) -> bytes:
        if not self._pieces:
            raise TimeoutError
        return self._pieces.popleft()

    def stderr(self) -> bytes:
        return b"last words"

    def close(self) -> None:
        self.is_closed = True


def opened(*lines: dict[str, Any]) -> tuple[AgentLink, Script]:
    """Return an open link and the script at its far end."""
    script = Script(*lines)
    link = AgentLink(script, name="phone-1", clusters={4: "big"})
    link.open("test", 1)
    return link, script


def receive_all(link: AgentLink) -> list[Item]:
    """Return everything that has arrived."""
    items: list[Item] = []
    while more := link.receive(0.01):
        items += more
    return items


def data(i0: int, **changes: Any) -> dict[str, Any]:
    """Return a data line of two rows."""
    cols = [[1000, 10], [500, 1]]
    return {"ev": "data", "trial": 1, "g": 0, "i0": i0, "rows": 2, "cols": cols, **changes}


def test_items_come_out_in_order_and_named() -> None:
    link, _ = opened(GROUP, data(0), {"ev": "mark", "trial": 1, "i": 0, "text": "x"}, data(2))
    group, first, mark, second = receive_all(link)
    assert isinstance(group, Group)
    assert group.channels[0].name == "cpu.big.frequency"
    assert isinstance(first, Batch)
    assert isinstance(second, Batch)
    assert (first.i0, second.i0) == (0, 2)
    assert mark == Event(1, 0, 0, "mark", {"text": "x"})
    assert link.received_rows(1) == {0: 4}


def test_nothing_within_the_timeout_is_an_empty_list() -> None:
    link, _ = opened()
    assert link.receive(0.01) == []


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((data(0), data(3)), "continues at row 3, expected 2"),
        ((data(1),), "continues at row 1, expected 0"),
        (({"ev": "mark", "trial": 1, "i": 4},), "event 4 of trial 1, expected 0"),
        (({"ev": "stat", "n": 99},), "line 10 is missing, got 99"),
        ((data(0, cols=[[1]]),), "malformed line"),
        (({"ev": "mark"},), "malformed line"),
        (({"no": "ev"},), "malformed line"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_breaks_the_count_breaks_the_link(
    lines: tuple[dict[str, Any], ...], words: str
) -> None:
    link, _ = opened(*lines)
    with pytest.raises(TransientDeviceError, match=words):
        receive_all(link)


def test_the_end_of_the_stream_tells_the_agents_last_words() -> None:
    link, script = opened()
    script.end()
    with pytest.raises(
        TransientDeviceError, match=r"phone-1: the agent went away: last words .*its link broke"
    ):
        link.receive(1)


def test_an_agent_of_another_protocol_is_refused() -> None:
    script = Script()
    script._pieces.clear()
    script._pieces.append(encode_line({**HELLO, "proto": 2}))
    with pytest.raises(StableDeviceError, match="protocol 1"):
        AgentLink(script, name="phone-1", clusters={}).open("test", 1)


def test_a_refused_request_is_raised_by_its_code() -> None:
    link, script = opened()
    script.bring({"ev": "ack", "seq": 9, "ok": False, "code": "bad_digest", "msg": "no such file"})
    with pytest.raises(WorkloadError, match=r"load: no such file \(bad_digest\)") as refused:
        link.request("load")
    assert refused.value.code == "bad_digest"


def test_a_refusal_that_nobody_waits_for_is_raised_when_it_is_met() -> None:
    link, script = opened()
    link.post("ping", lease_ms=1)
    script.bring({"ev": "ack", "seq": 9, "ok": False, "code": "host_silent", "msg": "too late"})
    with pytest.raises(TransientDeviceError, match="too late"):
        link.receive(1)


def test_no_answer_within_the_time_is_transient() -> None:
    link, _ = opened()
    with pytest.raises(TransientDeviceError, match=r"no answer to stat within 0\.01 s"):
        link.request("stat", timeout_s=0.01)


def test_closing_says_quit_and_closes_the_stream_whatever_happens() -> None:
    link, script = opened()
    script.end()
    link.close()
    assert b'"op":"quit"' in script.sent[-1]
    assert script.is_closed


def test_every_error_of_the_table_is_one_of_our_exceptions() -> None:
    assert [problem.number for problem in PROBLEMS.values()] == list(range(1, 31))
    for code in PROBLEMS:
        assert isinstance(refusal(code, "x"), DeviceError)
    assert isinstance(refusal("of the future", "x"), StableDeviceError)
