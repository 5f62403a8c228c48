"""A phone that was touched is a phone that is restored, also after a crash."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from benchmarks.preparation import restore
from devices import knobs
from devices.agent.link import AgentLink
from devices.clock import HOST, NS_PER_S
from devices.errors import DeviceError, TransientDeviceError
from devices.knobs import KnobRefused
from devices.phone import Phone, connect
from devices.probe import probe
from devices.samples import Event
from tests.conformance.talk import PATIENCE_S
from tests.parts.adb import ROOT, VirtualPhones, virtual_phones

WANTED = {
    "cluster6.gov": "userspace",
    "cluster6.set_khz": "1426000",
    "cluster0.max_khz": "930000",
    "mem.max_khz": "1014000",
    "gpu.max_khz": "400000",
}
#: Sets knobs and is killed before the write of the given number.
CRASH = """
import os, signal, sys
from devices import knobs
from devices.adb.client import AdbAddress
from devices.knobs import setting
from devices.phone import connect
from devices.probe import probe

put, left = setting._put, [int(sys.argv[3])]

def put_or_die(*arguments):
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    return put(*arguments)

setting._put = put_or_die
phone = connect(sys.argv[1], server=AdbAddress("127.0.0.1", int(sys.argv[2])))
wanted = dict(word.split("=") for word in sys.argv[4:])
knobs.write(phone, knobs.knobs_of(phone, probe(phone)), wanted)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def phones() -> Iterator[VirtualPhones]:
    """A phone whose su gives root rights."""
    with virtual_phones("pixel-6", speed=20) as running:
        yield running


@pytest.fixture
def phone(phones: VirtualPhones) -> Phone:
    return connect(phones.serials[0], server=phones.server)


def settings_of(phone: Phone) -> dict[str, str | None]:
    """Return what the knobs are that the tests set."""
    known = knobs.knobs_of(phone, probe(phone))
    return {name: knobs.read(phone, known[name]) for name in WANTED if ".set_" not in name}


@pytest.mark.parametrize("writes", [0, 1, 3, 5])
def test_whoever_comes_next_undoes_what_a_killed_host_has_begun(
    phones: VirtualPhones, phone: Phone, writes: int
) -> None:
    before = settings_of(phone)
    words = [phone.serial, str(phones.server.port), str(writes)]
    words += [f"{name}={value}" for name, value in WANTED.items()]
    killed = subprocess.run(
        [sys.executable, "-c", CRASH, *words], cwd=ROOT, check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert phone.run(["cat", knobs.NOTES]).returncode == 0, "noted before the first write"
    assert (settings_of(phone) == before) == (writes == 0)
    restore(phone)
    assert settings_of(phone) == before
    assert phone.run(["cat", knobs.NOTES]).returncode != 0


def test_an_agent_that_was_killed_leaves_nothing_behind(phone: Phone) -> None:
    before = settings_of(phone)
    with AgentLink.start(phone, deployment="conformance", fence=1, sets_knobs=True) as link:
        link.request("knob", set=[{"k": "gpu.max_khz", "v": 400_000}])
        assert settings_of(phone) != before
        restore(phone)
        assert settings_of(phone) == before
        with pytest.raises(DeviceError):
            link.request("stat")


def test_a_reboot_has_put_everything_back_and_the_note_is_only_forgotten(
    phones: VirtualPhones, phone: Phone
) -> None:
    before, profile = settings_of(phone), probe(phone)
    knobs.write(phone, knobs.knobs_of(phone, profile), {"mem.max_khz": "1014000"})
    phones.ctl(phone.serial, "fault", "reboot")
    phone = _back(phones, profile.boot_id)
    assert settings_of(phone) == before
    assert phone.run(["cat", knobs.NOTES]).returncode == 0
    assert knobs.restore(phone) == []
    assert phone.run(["cat", knobs.NOTES]).returncode != 0


def _back(phones: VirtualPhones, old_boot: str) -> Phone:
    """Return the phone after its reboot."""
    deadline = HOST.now_ns() + PATIENCE_S * NS_PER_S
    while HOST.now_ns() < deadline:
        try:
            phone = connect(phones.serials[0], server=phones.server)
            if probe(phone).boot_id != old_boot:
                return phone
        except DeviceError:
            pass
        HOST.wait(0.1)
    raise AssertionError("the phone did not come back")


def test_a_write_that_the_phone_does_not_keep_names_knob_value_and_way_out(phone: Phone) -> None:
    known = knobs.knobs_of(phone, probe(phone))
    before = settings_of(phone)
    with pytest.raises(KnobRefused, match=r"cluster6\.set_khz .* to be 1426000 .* userspace first"):
        knobs.write(phone, known, {"gpu.max_khz": "400000", "cluster6.set_khz": "1426000"})
    assert settings_of(phone) == before, "what was written before it was put back"


def test_a_cap_of_the_thermal_layer_is_named_and_does_not_hinder_restoring(
    phones: VirtualPhones, phone: Phone
) -> None:
    known = knobs.knobs_of(phone, probe(phone))
    knobs.write(phone, known, {"cluster6.max_khz": "1426000"})
    state = "/sys/class/thermal/cooling_device2/cur_state"
    _as_root(phone, f"echo 14 > {state}")
    with pytest.raises(KnobRefused, match="cool down"):
        knobs.write(phone, known, {"cluster6.max_khz": "2802000"})
    assert all(setting.is_kept for setting in knobs.restore(phone))
    _as_root(phone, f"echo 0 > {state}")
    assert knobs.read(phone, known["cluster6.max_khz"]) == "2802000"


def _as_root(phone: Phone, script: str) -> None:
    phone.run(["su", "0", "sh", "-c", script], check=True)


def test_a_vendor_that_puts_knobs_back_is_noticed_in_the_trace(
    phones: VirtualPhones, phone: Phone
) -> None:
    """The agent sets them again three times, then only tells."""
    with AgentLink.start(phone, deployment="conformance", fence=1, sets_knobs=True) as link:
        link.request("begin", trial=1)
        link.request("knob", set=[{"k": "cluster6.max_khz", "v": 1_106_000}])
        phones.ctl(phone.serial, "hal", "on")
        reverted = _events(link, "knob_reverted", 2)
        phones.ctl(phone.serial, "hal", "off")
    told = [(event.data["k"], event.data["want"], event.data["got"]) for event in reverted]
    assert told == [("cluster6.max_khz", "1106000", "2802000")] * 2
    assert all(event.data["again"] for event in reverted)


def _events(link: AgentLink, kind: str, count: int) -> list[Event]:
    found: list[Event] = []
    deadline = HOST.now_ns() + PATIENCE_S * NS_PER_S
    while len(found) < count and HOST.now_ns() < deadline:
        link.ping()
        items = link.receive(0.2)
        found += [item for item in items if isinstance(item, Event) and item.kind == kind]
    return found[:count]


def test_a_knob_that_stays_wrong_keeps_its_note_and_is_told(phone: Phone) -> None:
    path = "/sys/devices/system/cpu/cpufreq/policy6/scaling_max_freq"
    note = {"boot_id": probe(phone).boot_id, "values": {path: "2802001"}}
    phone.push(json.dumps(note).encode(), knobs.NOTES)
    with pytest.raises(TransientDeviceError, match=r"scaling_max_freq was 2802001 .* a reboot"):
        restore(phone)
    assert phone.run(["cat", knobs.NOTES]).returncode == 0
    phone.run(["rm", knobs.NOTES], check=True)


@pytest.mark.parametrize(
    ("who", "word", "file", "complaint"),
    [
        ([], "1426000", "cpufreq/policy6/scaling_max_freq", "Permission denied"),
        (["su", "0"], "fast", "cpufreq/policy6/scaling_max_freq", "Invalid argument"),
        (["su", "0"], "turbo", "cpufreq/policy6/scaling_governor", "Invalid argument"),
        (["su", "0"], "1", "cpufreq/policy6/cpuinfo_max_freq", "Permission denied"),
        (["su", "0"], "1", "cpufreq/policy6/ondemand/up_threshold", "No such file or directory"),
    ],
)
def test_a_refused_write_says_what_a_real_shell_says(
    phone: Phone, who: list[str], word: str, file: str, complaint: str
) -> None:
    path = f"/sys/devices/system/cpu/{file}"
    before = phone.run(["cat", path]).stdout
    completed = phone.run([*who, "sh", "-c", 'echo "$1" > "$2"', "sh", word, path])
    assert completed.returncode != 0
    assert complaint in completed.stderr
    assert phone.run(["cat", path]).stdout == before


def test_the_folder_of_a_governor_comes_and_goes_with_it(phone: Phone) -> None:
    policy = "/sys/devices/system/cpu/cpufreq/policy0"
    assert "schedutil" in phone.run(["ls", policy]).stdout.split()
    assert "interactive" not in phone.run(["ls", policy]).stdout.split()
    known = knobs.knobs_of(phone, probe(phone))
    knobs.write(phone, known, {"cluster0.gov": "interactive"})
    assert "go_hispeed_load" in phone.run(["ls", f"{policy}/interactive"]).stdout.split()
    knobs.restore(phone)
    assert phone.run(["ls", f"{policy}/interactive"]).returncode != 0
