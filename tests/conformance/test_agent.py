"""What an agent is: the same claims about every device, through a real adb server."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from devices.agent.install import install_agent
from devices.agent.link import AgentLink
from devices.agent.loading import check_golden
from devices.agent.messages import INFER
from devices.agent.wire import LineReader, encode_line
from devices.clock import HOST, NS_PER_S
from devices.errors import LaneEndedError, StableDeviceError, TransientDeviceError, WorkloadError
from devices.phone import Phone
from tests.conformance.talk import PATIENCE_S, Heard, Start


class RawAgent:
    """An agent to which a test may say anything."""

    def __init__(self, phone: Phone) -> None:
        self.stream = phone.open_stream([install_agent(phone), "--stdio"])
        self._reader = LineReader()
        self._lines: list[dict[str, object]] = []

    def say(self, data: bytes) -> None:
        self.stream.write(data)

    def hear(self, **wanted: object) -> dict[str, object]:
        """Return the next line that has these values."""
        deadline = HOST.now_ns() + PATIENCE_S * NS_PER_S
        while HOST.now_ns() < deadline:
            for line in self._lines:
                if wanted.items() <= line.items():
                    self._lines.remove(line)
                    return line
            data = self.stream.read(PATIENCE_S)
            assert data, f"the stream ended before {wanted}"
            for frame in self._reader.feed(data):
                assert isinstance(frame, dict), frame
                self._lines.append(frame)
        raise AssertionError(f"no line with {wanted}")

    def exit_code(self) -> int | None:
        while self.stream.read(PATIENCE_S):
            pass
        return self.stream.returncode


@pytest.fixture
def raw(phone: Phone) -> Iterator[RawAgent]:
    """An agent that nobody owns yet."""
    agent = RawAgent(phone)
    yield agent
    agent.stream.close()


OPEN = encode_line({"op": "open", "seq": 0, "proto": 1, "deployment": "raw", "fence": 1})


def test_the_greeting_comes_first_and_names_the_boot(raw: RawAgent, phone: Phone) -> None:
    hello = raw.hear()
    assert (hello["ev"], hello["n"], hello["proto"]) == ("hello", 0, 1)
    boot_id = phone.run(["cat", "/proc/sys/kernel/random/boot_id"]).stdout.strip()
    assert hello["boot_id"] == boot_id


def test_split_and_merged_lines_are_understood(raw: RawAgent) -> None:
    raw.say(OPEN[:10])
    raw.say(OPEN[10:] + encode_line({"op": "sync", "seq": 1}) + b'{"op":"sy')
    raw.say(b'nc","seq":2}\n')
    assert [raw.hear(seq=seq)["ok"] for seq in (0, 1, 2)] == [True, True, True]


def test_unreadable_lines_are_reported_and_ten_of_them_close_the_connection(raw: RawAgent) -> None:
    raw.say(OPEN)
    bad = (b"\xff\xfe\n", b"[]\n", b'{"op":"sync","seq":1.5}\n', b"x" * 20_000 + b"\n")
    for line in bad:
        raw.say(line)
        assert raw.hear(ev="error")["code"] == "bad_frame"
    raw.say(encode_line({"op": "sync", "seq": 1}))
    assert raw.hear(seq=1)["ok"], "what comes after a bad line is read"
    raw.say(b"bad\n" * (10 - len(bad)))
    assert raw.hear(ev="bye")["exit"] == 0
    assert raw.exit_code() == 0


def test_every_command_is_acknowledged_exactly_once(raw: RawAgent) -> None:
    raw.say(OPEN + b"".join(encode_line({"op": "stat", "seq": seq}) for seq in range(1, 51)))
    raw.say(encode_line({"op": "stat", "seq": 50}) + encode_line({"op": "quit", "seq": 51}))
    acks = [raw.hear(ev="ack")["seq"] for _ in range(53)]
    assert acks == [*range(51), 50, 51]
    assert raw.exit_code() == 0


def test_the_end_of_its_input_ends_the_agent(raw: RawAgent) -> None:
    raw.hear(ev="hello")
    raw.stream.close_stdin()
    assert raw.exit_code() == 0


def test_an_unknown_command_and_an_unknown_argument_are_refused(link: AgentLink) -> None:
    with pytest.raises(StableDeviceError, match="dance"):
        link.request("dance")
    with pytest.raises(WorkloadError, match="extra"):
        link.request("sync", extra=1)
    with pytest.raises(StableDeviceError, match="unsupported"):
        link.request("blobs")


def test_a_smaller_fence_is_refused(link: AgentLink) -> None:
    assert link.request("stat")["state"] == "ready"
    with pytest.raises(TransientDeviceError, match="stale_fence"):
        link.open("conformance", 0)


def test_wrong_digests_and_sizes_are_refused(start: Start) -> None:
    files = start.files
    good: dict[str, Any] = {
        "id": "other",
        "param": files.param_sha256,
        "bin": files.bin_sha256,
        "bytes": len(files.bin),
        "sha256": files.bin_sha256,
        "param_sha256": files.param_sha256,
        "w": 224,
        "h": 224,
        "c": 3,
        "in": files.input,
        "out": files.output,
        "threads": [1],
    }
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"sha256": "0" * 64}, "bad_digest"),
        ({"param_sha256": "0" * 64}, "bad_digest"),
        ({"bytes": 17}, "bad_digest"),
        ({"bin": "0" * 64}, "no_model"),
        ({"param": "../../token"}, "bad_arg"),
    )
    for change, code in changes:
        with pytest.raises(WorkloadError) as refusal:
            start.link.request("load", **{**good, **change})
        assert refusal.value.code == code, change
    assert start.link.request("load", **good)["mid"] > start.mid


def test_rows_are_contiguous_and_the_totals_of_end_are_what_arrived(start: Start) -> None:
    start.begin(trial=7)
    start.lane(n=20, period_us=50_000)
    heard = start.hear("idle")
    totals = start.end(heard)
    assert dict(totals["rows"]) == heard.rows()
    assert heard.rows()[INFER] == 20
    assert [event.i for event in heard.events] == list(range(totals["events"]))
    assert {batch.trial for batch in heard.batches} == {7}
    for group in heard.groups:
        if group != INFER:
            assert (np.diff(heard.times(group)) > 0).all()


def test_slots_come_at_their_period(start: Start) -> None:
    start.begin()
    start.lane(n=30, period_us=100_000)
    heard = start.hear("idle")
    start.end(heard)
    period_ns = float(np.median(np.diff(heard.times(INFER))))
    assert period_ns == pytest.approx(100e6, rel=0.01)
    assert heard.column("inference.slot")[0] == 0
    assert (heard.column("inference.latency") > 0).all()


def test_slots_are_done_or_dropped_under_overload(start: Start) -> None:
    start.begin()
    start.lane(period_us=500, dur_ms=1000)
    heard = start.hear("idle")
    start.end(heard)
    (idle,) = heard.of("idle")
    slots = heard.column("inference.slot")
    assert idle.data["done"] == len(slots)
    assert idle.data["dropped"] > 0
    assert slots[-1] + 1 <= idle.data["done"] + idle.data["dropped"]


def test_a_change_under_load_is_in_force_at_the_next_frame(start: Start) -> None:
    start.begin()
    start.lane(period_us=50_000, threads=1)
    heard = start.hear("applied")
    start.link.request("set", threads=2)
    start.hear("applied", heard, times=2)
    start.link.request("stop", lane=0)
    start.hear("idle", heard)
    start.end(heard)
    generations = heard.column("inference.gen")
    threads = heard.column("inference.threads")
    assert set(threads[generations == 1]) == {1}
    assert set(threads[generations == 2]) <= {2}
    assert (np.diff(heard.column("inference.slot")) >= 1).all()


def test_a_change_after_the_end_is_refused_as_late(start: Start) -> None:
    start.begin()
    start.lane(n=2)
    heard = start.hear("idle")
    with pytest.raises(LaneEndedError, match="lane 0 has ended"):
        start.link.request("set", lane=0, threads=1)
    start.end(heard)


def test_two_trials_count_from_zero_each(start: Start) -> None:
    for trial in (1, 2):
        start.begin(trial)
        start.lane(n=3)
        heard = start.hear("idle")
        start.end(heard)
        assert heard.rows()[INFER] == 3
        assert next(b.i0 for b in heard.batches if b.group == INFER) == 0
        assert heard.events[0].i == 0


def test_clocks_agree_within_half_a_round_trip(link: AgentLink) -> None:
    first = link.offset
    before_ns = HOST.now_ns()
    device_ns = int(link.request("sync")["t"])
    after_ns = HOST.now_ns()
    slack_ns = first.error_ns + (after_ns - first.host_ns) * 0.01 * first.rate
    assert first.device_at(before_ns) - slack_ns <= device_ns
    assert device_ns <= first.device_at(after_ns) + slack_ns


def test_the_golden_output_is_reproduced_where_output_is_real(start: Start) -> None:
    result = check_golden(start.link, start.phone, start.files)
    if result is None:
        pytest.skip("this agent has no real output")
    assert result["top"] == result["ref_top"]
    assert result["max_abs_e9"] < 10_000


def test_another_reference_is_refused(start: Start) -> None:
    if "golden" not in start.link.caps:
        pytest.skip("this agent has no real output")
    check_golden(start.link, start.phone, start.files)
    with pytest.raises(WorkloadError) as refusal:
        start.link.request(
            "golden", id=start.files.name, ref=start.files.param_sha256, tol_e6=10, timeout_s=15
        )
    assert refusal.value.code in ("bad_shape", "golden")


def test_silence_stops_the_load(start: Start) -> None:
    rate = start.link.rate
    start.begin()
    start.lane(period_us=50_000)
    start.link.request("ping", lease_ms=max(1, round(500 * rate)))
    heard = start.hear("silent")
    start.hear("idle", heard)
    assert heard.of("idle")[0].data["why"] == "stop"


def test_quitting_under_load_stops_it_and_says_goodbye(start: Start) -> None:
    start.begin()
    start.lane(period_us=20_000)
    start.hear("applied")
    start.link.close()
    with AgentLink.start(start.phone, deployment="conformance", fence=2) as link:
        assert link.request("stat")["state"] == "ready"


def test_what_is_heard_is_in_si_once_its_exponent_is_applied(start: Start) -> None:
    start.begin()
    start.lane(n=2)
    heard: Heard = start.hear("idle")
    start.end(heard)
    names = {channel.name: channel for channel in heard.groups[INFER].channels}
    latency = names["inference.latency"]
    assert (latency.unit, latency.exp) == ("s", -6)
