"""An agent with root rights sets knobs, reads them back, watches them and puts them back."""

import json
from collections.abc import Mapping

import pytest

from devices.agent.wire import Line
from devices.virtual.agent.knobs import MAX_REWRITES, NOTES
from devices.virtual.catalog import load
from devices.virtual.userspace.inodes import ROOT
from tests.devices.agents import Talk

POLICY6 = "/sys/devices/system/cpu/cpufreq/policy6"
BIG = "cluster6.max_khz"


def rooted() -> Talk:
    """Return a talk with an agent that root started, in a trial."""
    talk = Talk(uid=ROOT)
    talk.open()
    talk.ask("begin", trial=1)
    return talk


def text(talk: Talk, path: str) -> str:
    return talk.tree.read(path).decode().strip()


def put(talk: Talk, **knobs: int | str) -> Line:
    names = {name.replace("__", "."): value for name, value in knobs.items()}
    return talk.ask("knob", set=[{"k": name, "v": value} for name, value in names.items()])


def vendor_writes(talk: Talk, path: str, value: str) -> None:
    talk.tree.as_user(ROOT).write(path, value.encode())


def test_without_root_there_are_no_knobs_and_the_word_is_refused() -> None:
    talk = Talk()
    talk.open()
    assert "knobs" not in talk.lines[0]["caps"]
    assert talk.ask("sensors")["knobs"] == []
    assert put(talk, cluster6__max_khz=2_070_000)["code"] == "unsupported"


def test_with_root_they_are_listed_with_the_values_of_the_kernel() -> None:
    talk = rooted()
    assert "knobs" in talk.lines[0]["caps"]
    knobs = {knob["k"]: knob for knob in talk.ask("sensors")["knobs"]}
    assert knobs[BIG]["path"] == f"{POLICY6}/scaling_max_freq"
    assert "2070000" in knobs[BIG]["values"]
    assert "userspace" in knobs["cluster6.gov"]["values"]


def test_a_set_knob_counts_is_read_back_and_its_old_value_is_noted() -> None:
    talk = rooted()
    ack = put(talk, cluster6__max_khz=2_070_000)
    assert ack["knobs"] == [{"k": BIG, "want": "2070000", "got": "2070000"}]
    assert text(talk, f"{POLICY6}/scaling_max_freq") == "2070000"
    put(talk, cluster6__max_khz=1_460_000)
    note = json.loads(talk.tree.read(NOTES))
    assert note["values"] == {f"{POLICY6}/scaling_max_freq": "2861000"}, "the first value stays"


@pytest.mark.parametrize(
    ("setting", "word"),
    [
        ({"k": "cluster6.max_khz", "v": 2_070_001}, "can be"),
        ({"k": "cluster9.max_khz", "v": 2_070_000}, "no knob"),
        ({"k": "cluster6.gov", "v": "turbo"}, "can be"),
        ({"k": "cluster6.set_khz", "v": 2_070_000}, "userspace first"),
        ({"k": "cluster6.gov; reboot", "v": 1}, "a setting such as"),
        ({"k": "cluster6.gov"}, "a setting such as"),
    ],
)
def test_what_the_kernel_does_not_list_is_refused_and_changes_nothing(
    setting: Mapping[str, object], word: str
) -> None:
    talk = rooted()
    ack = talk.ask("knob", set=[{"k": "cluster4.max_khz", "v": 826_000}, dict(setting)])
    assert not ack["ok"]
    assert word in ack["msg"]
    assert text(talk, "/sys/devices/system/cpu/cpufreq/policy4/scaling_max_freq") == "2362000"


def test_a_governor_comes_before_the_clock_that_it_takes() -> None:
    talk = rooted()
    put(talk, cluster6__gov="userspace", cluster6__set_khz=2_070_000)
    talk.wait(0.2)
    assert text(talk, f"{POLICY6}/scaling_cur_freq") == "2070000"


@pytest.mark.parametrize("way", ["restore", "quit", "silence", "next owner"])
def test_knobs_are_put_back_on_every_way_out(way: str) -> None:
    talk = rooted()
    put(talk, cluster6__gov="powersave", cluster6__max_khz=1_460_000)
    match way:
        case "restore":
            talk.ask("knob", restore=True)
        case "quit":
            talk.ask("quit")
        case "silence":
            talk.open(hb_ms=1000)
            put(talk, cluster6__max_khz=1_460_000)
            talk.wait(1)
        case _:
            talk.open(fence=2)
    assert text(talk, f"{POLICY6}/scaling_max_freq") == "2861000"
    assert text(talk, f"{POLICY6}/scaling_governor") == "schedutil"
    assert not talk.tree.exists(NOTES)


def test_the_next_agent_undoes_what_a_dead_one_left_behind() -> None:
    dead = rooted()
    put(dead, cluster6__max_khz=1_460_000)
    note = dead.tree.read(NOTES)
    heir = Talk(uid=ROOT)
    vendor_writes(heir, f"{POLICY6}/scaling_max_freq", "1460000")
    heir.tree.makedirs(NOTES.rpartition("/")[0])
    heir.tree.write(NOTES, note)
    heir.open()
    assert text(heir, f"{POLICY6}/scaling_max_freq") == "2861000"
    assert not heir.tree.exists(NOTES)


def test_what_a_vendors_service_puts_back_is_told_and_set_again_a_few_times() -> None:
    talk = rooted()
    put(talk, cluster6__max_khz=1_460_000)
    for _ in range(MAX_REWRITES + 2):
        vendor_writes(talk, f"{POLICY6}/scaling_max_freq", "2861000")
        talk.wait(0.4)  # 8 s of the phone
    told = talk.events("knob_reverted")
    assert [(line["k"], line["want"]) for line in told] == [(BIG, "1460000")] * len(told)
    assert [line["again"] for line in told] == [True] * MAX_REWRITES + [False]
    assert text(talk, f"{POLICY6}/scaling_max_freq") == "2861000", "then it is only told"


def test_a_clock_that_a_vendors_service_has_taken_away_is_refused_with_its_cause() -> None:
    talk = rooted()
    put(talk, cluster6__gov="userspace")
    vendor_writes(talk, f"{POLICY6}/scaling_governor", "schedutil")
    ack = put(talk, cluster6__set_khz=2_070_000)
    assert (ack["ok"], ack["code"]) == (False, "knob")
    assert "put the governor back to schedutil" in ack["msg"]


def test_every_trial_is_told_what_is_not_as_it_was_set() -> None:
    talk = rooted()
    put(talk, cluster6__max_khz=1_460_000)
    for trial in (1, 2):
        vendor_writes(talk, f"{POLICY6}/scaling_max_freq", "2861000")
        talk.wait(0.6)
        told = [line for line in talk.events("knob_reverted") if line["trial"] == trial]
        assert [line["again"] for line in told] == [True]
        talk.ask("end")
        vendor_writes(talk, f"{POLICY6}/scaling_max_freq", "2861000")
        talk.wait(0.6)  # between two trials nobody is told
        talk.ask("begin", trial=trial + 1)


def test_a_knob_that_nobody_touches_is_not_told() -> None:
    talk = rooted()
    put(talk, cluster6__max_khz=1_460_000)
    talk.wait(2)
    assert not talk.events("knob_reverted")


def test_a_thermal_cap_is_no_daemon() -> None:
    talk = rooted()
    put(talk, cluster6__max_khz=2_640_000)
    vendor_writes(talk, "/sys/class/thermal/cooling_device2/cur_state", "6")
    talk.wait(0.4)
    (told,) = talk.events("knob_clamped")
    assert (told["want"], told["got"], told["again"]) == ("2640000", "2260000", False)
    assert not talk.events("knob_reverted")


def test_a_clock_that_only_userspace_obeyed_is_not_noted() -> None:
    talk = rooted()
    put(talk, cluster6__gov="userspace")
    put(talk, cluster6__set_khz=2_070_000)
    noted = json.loads(talk.tree.read(NOTES))["values"]
    assert set(noted) == {f"{POLICY6}/scaling_governor"}
    told = talk.ask("knob", restore=True)["knobs"]
    assert all(entry["want"] == entry["got"] for entry in told)


def test_a_lane_runs_on_the_gpu_where_one_is_known_and_is_refused_elsewhere() -> None:
    known = load("pixel-4")
    cooled = tuple(device for device in known.cooling if device.cluster != "gpu")
    without = known.model_copy(update={"gpu": None, "cooling": cooled, "vendor": None})
    for spec, knows in ((known, True), (without, False)):
        talk = Talk(spec=spec)
        talk.open()
        talk.load()
        talk.ask("begin", trial=1)
        assert ("gpu" in talk.lines[0]["caps"]) == knows
        ack = talk.ask("start", model="net", processor="gpu", n=20)
        assert ack["ok"] == knows
        if knows:
            talk.wait(1)
            assert len(talk.events("idle")) == 1
        else:
            assert ack["code"] == "unsupported"
