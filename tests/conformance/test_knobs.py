"""Knobs of a rooted phone are set, read back and put back; others are left alone."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from devices import knobs
from devices.agent.link import AgentLink
from devices.clock import HOST, NS_PER_S
from devices.errors import DeviceError, StableDeviceError
from devices.phone import Phone, connect
from devices.probe import probe
from devices.profile import DeviceProfile
from tests.conformance.talk import PATIENCE_S
from tests.parts.adb import VirtualPhones, adb_binary, virtual_phones


@pytest.fixture(scope="module")
def rooted() -> Iterator[Phone]:
    """A phone with a debuggable system, after `adb root`."""
    with virtual_phones("pixel-6", speed=20) as phones:
        yield after_root(phones)


def after_root(phones: VirtualPhones) -> Phone:
    """Say `adb root` and return the phone once its shell is root's."""
    (serial,) = phones.serials
    words = [str(adb_binary()), "-P", str(phones.server.port), "-s", serial, "root"]
    subprocess.run(words, check=True, capture_output=True, timeout=30)
    deadline = HOST.now_ns() + PATIENCE_S * NS_PER_S
    while HOST.now_ns() < deadline:
        try:
            phone = connect(serial, server=phones.server)
            if phone.run(["id", "-u"]).stdout.strip() == "0":
                return phone
        except DeviceError:  # adbd restarts
            pass
        HOST.wait(0.05)
    raise AssertionError("no root shell")


@pytest.fixture(scope="module")
def profile(rooted: Phone) -> DeviceProfile:
    """What probe says about the rooted phone."""
    return probe(rooted)


def test_a_set_knob_is_read_back_and_its_old_value_is_noted_on_the_phone(
    rooted: Phone, profile: DeviceProfile
) -> None:
    known = knobs.knobs_of(rooted, profile)
    big = known["cluster6.max_khz"]
    before, lower = knobs.read(rooted, big), big.values[2]
    (setting,) = knobs.write(rooted, known, {big.name: lower})
    assert (setting.got, setting.is_kept) == (lower, True)
    note = json.loads(rooted.run(["cat", knobs.NOTES]).stdout)
    assert note == {"boot_id": profile.boot_id, "values": {big.path: before}}
    knobs.write(rooted, known, {big.name: big.values[1]})
    assert json.loads(rooted.run(["cat", knobs.NOTES]).stdout) == note, "the first value stays"
    assert all(setting.is_kept for setting in knobs.restore(rooted))
    assert knobs.read(rooted, big) == before
    assert rooted.run(["ls", knobs.NOTES]).returncode != 0


def test_every_path_that_we_write_takes_each_of_its_values(
    rooted: Phone, profile: DeviceProfile
) -> None:
    known = knobs.knobs_of(rooted, profile)
    for quantity, order in (("max_khz", (0, -1)), ("min_khz", (-1, 0)), ("gov", (0, -1))):
        name = f"cluster0.{quantity}"
        for value in (known[name].values[place] for place in order):
            (setting,) = knobs.write(rooted, known, {name: value})
            assert setting.is_kept, setting
    assert all(setting.is_kept for setting in knobs.restore(rooted))


def test_values_that_the_kernel_does_not_list_are_refused_before_anything_is_written(
    rooted: Phone, profile: DeviceProfile
) -> None:
    known = knobs.knobs_of(rooted, profile)
    wanted = {"cluster0.max_khz": known["cluster0.max_khz"].values[0], "cluster0.gov": "x; reboot"}
    with pytest.raises(StableDeviceError, match=r"cluster0\.gov can be"):
        knobs.write(rooted, known, wanted)
    with pytest.raises(StableDeviceError, match=r"no knob 'cluster9\.gov'"):
        knobs.write(rooted, known, {"cluster9.gov": "schedutil"})
    assert rooted.run(["ls", knobs.NOTES]).returncode != 0


def test_a_note_of_another_boot_is_forgotten_and_not_written(
    rooted: Phone, profile: DeviceProfile
) -> None:
    big = knobs.knobs_of(rooted, profile)["cluster6.max_khz"]
    before = knobs.read(rooted, big)
    note = {"boot_id": "an earlier one", "values": {big.path: big.values[0]}}
    rooted.push(json.dumps(note).encode(), knobs.NOTES)
    assert knobs.restore(rooted) == []
    assert knobs.read(rooted, big) == before


def test_a_note_that_names_other_paths_is_not_obeyed(rooted: Phone, profile: DeviceProfile) -> None:
    note = {"boot_id": profile.boot_id, "values": {"/data/local/tmp/x": "1", "../y": "2"}}
    rooted.push(json.dumps(note).encode(), knobs.NOTES)
    assert knobs.restore(rooted) == []
    assert rooted.run(["ls", "/data/local/tmp/x"]).returncode != 0


def test_a_phone_without_root_has_no_knobs(phone: Phone) -> None:
    profile = probe(phone)
    if profile.is_rooted:
        pytest.skip("this phone gives root rights")
    assert knobs.knobs_of(phone, profile) == {}
    assert knobs.restore(phone) == []


def test_an_agent_started_through_su_sets_knobs_and_puts_them_back() -> None:
    with virtual_phones("pixel-6", speed=20) as phones:
        phone = connect(phones.serials[0], server=phones.server)
        assert phone.run(["id", "-u"]).stdout.strip() == "2000"
        top = "/sys/devices/system/cpu/cpufreq/policy6/scaling_max_freq"
        with AgentLink.start(phone, deployment="conformance", fence=1, sets_knobs=True) as link:
            assert "knobs" in link.caps
            wanted = [{"k": "cluster6.max_khz", "v": 1_106_000}]
            assert link.request("knob", set=wanted)["knobs"][0]["got"] == "1106000"
            assert phone.run(["cat", top]).stdout == "1106000\n"
        assert phone.run(["cat", top]).stdout == "2802000\n"
        with AgentLink.start(phone, deployment="conformance", fence=2) as link:
            assert "knobs" not in link.caps
