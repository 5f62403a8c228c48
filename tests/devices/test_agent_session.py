"""What an agent answers: framing, ownership, acks, generations, groups and counts."""

import json
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.agent.digest import RowDigest
from devices.agent.messages import DATA_LINE_BYTES, INFER, MAX_BAD_FRAMES
from devices.agent.wire import decode_data, encode_line
from tests.devices.agents import PARAM, Talk, ready


def test_the_first_line_is_a_greeting_with_speed_and_capabilities() -> None:
    hello = Talk(speed=20.0).lines[0]
    assert (hello["ev"], hello["n"], hello["proto"]) == ("hello", 0, 1)
    assert hello["speed_pm"] == 20_000
    assert {"infer", "battery", "thermal"} <= set(hello["caps"])
    assert {"spool", "cut", "golden"}.isdisjoint(hello["caps"])


def test_lines_are_numbered_without_a_gap() -> None:
    talk = ready()
    talk.ask("start", model="net", n=50)
    talk.wait(2)
    assert [line["n"] for line in talk.lines] == list(range(len(talk.lines)))


def test_nothing_is_done_before_open() -> None:
    talk = Talk()
    assert talk.ask("sensors")["code"] == "auth"


def test_a_repeated_command_is_answered_from_memory_and_has_no_second_effect() -> None:
    talk = ready()
    command = encode_line({"op": "start", "seq": talk.seq + 1, "model": "net"})
    (first,) = [line for line in talk.say(command) if line["ev"] == "ack"]
    (second,) = talk.say(command)
    assert second.pop("dup") is True
    assert second["gen"] == first["gen"] == 1
    assert len(talk.events("started")) <= 1


def test_a_change_that_comes_after_the_end_of_its_lane_is_refused_as_late() -> None:
    talk = ready()
    talk.ask("start", model="net", n=3)
    talk.host.advance(5)  # the lane has ended, and nobody has looked yet
    assert talk.ask("set", lane=0, threads=1)["code"] == "lane_ended"
    talk.wait(1)
    assert [idle["done"] for idle in talk.events("idle")] == [3]
    assert talk.ask("set", lane=0, threads=1)["code"] == "lane_ended"
    assert talk.ask("set", lane=1, threads=1)["code"] == "bad_arg"


def test_a_gap_in_the_numbers_is_refused_and_the_right_number_still_works() -> None:
    talk = Talk()
    talk.open()
    (answer,) = talk.say(encode_line({"op": "sync", "seq": 5}))
    assert (answer["ok"], answer["code"]) == (False, "bad_seq")
    assert talk.ask("sync")["ok"]


def test_a_smaller_fence_is_stale_and_a_greater_one_takes_over() -> None:
    talk = Talk()
    talk.open(fence=7)
    assert talk.open(fence=6)["code"] == "stale_fence"
    assert talk.open(fence=8)["ok"]


def test_ten_unreadable_lines_close_the_connection() -> None:
    talk = Talk()
    talk.open()
    for count in range(MAX_BAD_FRAMES):
        assert talk.session.exit_code is None, count
        talk.say(b"not json\n")
    assert talk.session.exit_code == 0
    assert talk.lines[-1]["ev"] == "bye"


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ({"op": "sync", "extra": 1}, "extra"),
        ({"op": "begin"}, "trial"),
        ({"op": "sample", "g": 0, "period_us": 1, "ids": "all"}, "period_us"),
        ({"op": "sample", "g": 2, "period_us": 100_000, "ids": "all"}, "g must be"),
        ({"op": "sample", "g": 0, "period_us": 100_000, "ids": ["thermal:nose"]}, "thermal:nose"),
        ({"op": "start", "model": "net", "threads": 3}, "threads"),
        ({"op": "start", "model": "net", "lane": True}, "lane"),
        ({"op": "set", "lane": 5}, "lane 5"),
        ({"op": "mark", "text": 7}, "text"),
    ],
    ids=lambda value: json.dumps(value)[:50],
)
def test_a_wrong_argument_is_named_and_changes_nothing(command: dict[str, Any], word: str) -> None:
    talk = ready()
    before = talk.ask("stat")
    answer = talk.ask(**command)
    assert answer["code"] == "bad_arg"
    assert word in answer["msg"]
    after = talk.ask("stat")
    assert (before["gen"], before["state"]) == (after["gen"], after["state"])


@pytest.mark.parametrize(
    ("op", "code"), [("dance", "unknown_cmd"), ("blobs", "unsupported"), ("drop", "unsupported")]
)
def test_unknown_and_missing_commands_are_told_apart(op: str, code: str) -> None:
    talk = ready()
    assert talk.ask(op)["code"] == code


ARGUMENTS = st.dictionaries(
    st.sampled_from(["trial", "g", "ids", "period_us", "lane", "model", "id", "v", "text", "n"]),
    st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(0, 3), max_size=2),
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["ping", "sync", "sample", "begin", "end", "load", "set", "start", "stop",
                     "limits", "mark", "stored", "stat", "feed", "golden", "warm", "unload"]),
    ARGUMENTS,
)  # fmt: skip
def test_any_well_formed_command_gets_exactly_one_ack(op: str, arguments: dict[str, Any]) -> None:
    talk = SHARED
    seq = talk.seq + 1
    within = all(
        not isinstance(value, int) or -(1 << 63) <= value < 1 << 63 for value in arguments.values()
    )
    if not within:
        return
    talk.ask(op, **arguments)
    assert len([line for line in talk.lines if line.get("seq") == seq]) == 1


SHARED = Talk()
SHARED.open()


def test_every_row_has_an_index_and_totals_equal_what_was_sent() -> None:
    talk = ready()
    talk.ask("start", model="net", n=500)
    talk.wait(3)
    totals = dict(talk.ask("end")["rows"])
    received: dict[int, int] = {}
    for line in talk.events("data"):
        assert line["i0"] == received.get(line["g"], 0)
        received[line["g"]] = line["i0"] + line["rows"]
        assert len(encode_line(line)) <= DATA_LINE_BYTES
    assert received == totals
    assert totals[INFER] == 500


def test_begin_counts_rows_events_and_generations_from_the_start_again() -> None:
    talk = ready()
    talk.ask("start", model="net", n=1)
    talk.wait(1)
    talk.ask("end")
    talk.ask("begin", trial=2)
    assert talk.ask("start", model="net", n=1)["gen"] == 1
    talk.wait(1)
    second = [line for line in talk.lines if line.get("trial") == 2]
    assert [line["i"] for line in second if "i" in line] == list(
        range(sum("i" in line for line in second))
    )
    assert next(line for line in second if line["ev"] == "data")["i0"] == 0


def test_the_ledger_of_the_phone_has_the_digest_of_what_was_received() -> None:
    talk = ready()
    talk.ask("start", model="net", n=300)
    talk.wait(3)
    talk.ask("end")
    (account,) = talk.ledger.entries()
    for group in (0, INFER):
        digest = RowDigest()
        for line in talk.events("data"):
            if line["g"] == group:
                batch = decode_data(line)
                digest.update(batch.raw, batch.valid)
        assert account["groups"][str(group)] == {
            "rows": digest.rows,
            "sha256": digest.hexdigest(),
        }
    assert account["events"] == talk.events("ended")[0]["events"]


def infer_columns(talk: Talk) -> dict[str, list[int]]:
    """Return every column of the infer group by its name on the wire."""
    (group,) = [line for line in talk.events("group") if line["g"] == INFER]
    names = [column["name"] for column in group["cols"][1:]]
    batches = [decode_data(line) for line in talk.events("data") if line["g"] == INFER]
    values = np.concatenate([batch.raw for batch in batches], axis=1)
    return dict(zip(names, values.tolist(), strict=True))


def test_a_change_is_in_force_at_the_next_frame_and_says_so() -> None:
    talk = ready()
    talk.ask("start", model="net", period_us=100_000)
    talk.wait(1)
    talk.ask("set", threads=4)
    talk.wait(1)
    columns = infer_columns(talk)
    first = columns["gen"].index(2)
    assert columns["threads"][first] == 4
    assert columns["flags"][first] & 8
    assert columns["slot"] == list(range(len(columns["slot"])))  # no hole: no frame was lost
    assert [event["gen"] for event in talk.events("applied")] == [1, 2]


def test_a_set_that_is_overtaken_is_listed_as_skipped() -> None:
    talk = ready()
    talk.ask("start", model="net", period_us=10_000_000)
    talk.ask("set", threads=4)
    talk.ask("set", threads=1)
    talk.wait(2)
    told = {gen for event in talk.events("applied") for gen in (event["gen"], *event["skipped"])}
    assert told == {1, 2, 3}
    assert talk.events("applied")[-1]["gen"] == 3


def test_slots_are_done_or_dropped_under_overload() -> None:
    talk = ready()
    talk.ask("start", model="net", threads=1, period_us=1, dur_ms=30)
    talk.wait(1)
    (idle,) = talk.events("idle")
    columns = infer_columns(talk)
    assert idle["done"] == len(columns["slot"])
    assert idle["dropped"] > 0
    assert columns["slot"][-1] + 1 <= idle["done"] + idle["dropped"]


def test_rows_that_find_no_place_get_no_index_and_are_counted_as_lost() -> None:
    talk = ready()
    talk.ask("start", model="net", dur_ms=2_000)
    talk.wait(1)
    (idle,) = talk.events("idle")
    totals = talk.ask("end")
    lost = sum(event["rows"] for event in talk.events("lost"))
    assert lost > 0
    assert totals["lost"] == [[INFER, lost]]
    assert dict(totals["rows"])[INFER] + lost == idle["done"]


def test_a_mask_beyond_the_cores_is_refused() -> None:
    assert ready().ask("start", model="net", mask="f00")["code"] == "affinity"


def test_sampling_ticks_and_the_start_of_a_lane_share_one_grid() -> None:
    talk = Talk()
    talk.open()
    talk.load()
    talk.ask("sample", g=0, period_us=50_000, ids=["power:temp"])
    talk.ask("sample", g=1, period_us=1_000_000, ids=["power:level"])
    talk.wait(1)
    talk.ask("begin", trial=1)
    at_ns = talk.ask("start", model="net", n=1)["at"]
    talk.wait(1)
    assert at_ns % 1_000_000_000 == 0
    for line in talk.events("data"):
        batch = decode_data(line)
        if batch.group != INFER:
            period_ns = 50_000_000 if batch.group == 0 else 1_000_000_000
            assert (batch.t_ns % period_ns == 0).all()


def test_the_same_seed_gives_the_same_rows_whenever_the_lane_starts() -> None:
    def latencies(wait_s: float) -> list[int]:
        talk = ready()
        talk.wait(wait_s)
        talk.ask("start", model="net", n=100, period_us=20_000, seed=5)
        talk.wait(1)
        return infer_columns(talk)["lat_us"]

    assert latencies(0.4) == latencies(1.0)
    assert len(latencies(0.4)) == 100


def test_end_waits_for_the_inference_in_flight() -> None:
    talk = ready(speed=1.0)
    talk.ask("start", model="net", period_us=1_000_000)
    talk.wait(1)
    assert talk.ask("end")["ok"]
    (idle,) = talk.events("idle")
    assert idle["why"] == "stop"
    assert dict(talk.events("ended")[0]["rows"])[INFER] == idle["done"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sha256": "0" * 64}, "bad_digest"),
        ({"param_sha256": "0" * 64}, "bad_digest"),
        ({"bytes": 3}, "bad_digest"),
        ({"bin": "0" * 64}, "no_model"),
        ({"param": "../token"}, "bad_arg"),
        ({"param": "/etc/passwd"}, "bad_arg"),
    ],
    ids=str,
)
def test_files_that_are_not_what_was_announced_are_refused(
    changes: dict[str, Any], code: str
) -> None:
    talk = Talk()
    talk.open()
    assert talk.load(**changes)["code"] == code
    assert talk.load()["ok"]


def test_weights_of_another_network_are_refused_by_their_size() -> None:
    talk = Talk()
    talk.open()
    other = PARAM.replace(b"0=4 1=3", b"0=8 1=3").replace(b"6=108", b"6=216")
    digest = sha256(other).hexdigest()
    path = next(iter(talk.files)).rpartition("/")[0]
    talk.files[f"{path}/{digest}"] = other
    answer = talk.load(param=digest, param_sha256=digest)
    assert answer["code"] == "load_param"
    assert "868 bytes" in answer["msg"]


def test_a_lost_sensor_gives_nulls_and_never_zero() -> None:
    talk = ready()
    talk.wait(0.4)
    talk.machine.lose_sensor("skin")
    talk.wait(0.4)
    (group,) = [line for line in talk.events("group") if line["g"] == 0]
    column = [entry.get("id") for entry in group["cols"]].index("thermal:skin") - 1
    batches = [decode_data(line) for line in talk.events("data") if line["g"] == 0]
    assert batches[0].valid[column].all()
    assert not batches[-1].valid[column].any()
    assert (batches[-1].raw[column] == 0).all()  # a column without any value


def test_an_agent_that_sleeps_for_five_minutes_has_missed_no_tick() -> None:
    """The machine forgets within a minute; whoever samples is shown what it will forget."""
    stories = []
    for nap_s in (0.2, 300.0):
        talk = ready(speed=1.0)
        talk.ask("start", model="net", period_us=1_000_000, threads=1)
        for _ in range(round(300 / nap_s)):
            talk.host.advance(nap_s)
            talk.say(b"")
            talk.session.turn()
        talk.say(b"")
        batches = [decode_data(line) for line in talk.events("data") if line["g"] == 0]
        stories.append(np.concatenate([batch.raw for batch in batches], axis=1).tolist())
    assert stories[0] == stories[1]
    assert len(stories[0][0]) >= 3000
