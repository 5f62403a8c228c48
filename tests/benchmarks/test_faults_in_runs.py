"""Every fault that a phone can cause, in the midst of a run over adb: one ending, the right one.

Covered elsewhere: a lost zone and an empty battery (`test_on_phones`), a vendor that meddles
(`test_knobs_on_phones`), phones that share a serial number (`tests/fleet`), what each fault looks
like from outside (`tests/devices/test_faults`, `test_link_faults`), a dropped phone in a farm
(`tests/journeys/test_bad_luck`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from benchmarks import solo
from benchmarks.conversation import Tick
from benchmarks.preparation import restore
from benchmarks.safety import SafetyStop
from benchmarks.solo import Outcome, run_once
from benchmarks.specs import parse
from devices.agent import link
from devices.errors import DeviceError, StableDeviceError, TransientDeviceError
from devices.phone import connect
from devices.samples import Batch, Item
from tests.parts.adb import VirtualPhones, virtual_phones, wait_for_state

SPEED = 60
ZONE = "quiet_therm"  # no rule of this phone looks at it
CAP = "/sys/devices/system/cpu/cpufreq/policy6/scaling_max_freq"
HELD_KHZ = 1_426_000
EARLY_ROWS = 5
#: Of a machine that is too slow for this speed, or of a start that nobody waited for: not ours.
NOT_OURS = {"gaps", "start_unchecked", "throttled_before_start", "clock_unsynced"}


@dataclass(frozen=True)
class Fault:
    """One line of the table."""

    words: str  # for the control door, in the midst of the load; several with a semicolon
    ends: type[Exception] | None = None  # None: the run goes on to its end
    says: str = ""  # in the error, or in the reason's sentence
    reason: str = ""  # of the verdict; "" = the fault leaves no trace in it
    duration_s: float = 100.0  # of the load, device time; a busy machine tells it late
    is_nightly: bool = False  # like its neighbor

    @property
    def is_hot(self) -> bool:
        """Whether it leaves a phone behind that is too warm for other tests."""
        return "ambient" in self.words

    def __str__(self) -> str:
        return self.words.replace(" ", "_")


LINK = "the agent went away .*its link broke: replug the phone"
KILLED = "the agent went away .*signal 9 killed it"
SILENT = "the agent has not answered for 1 s|no answer to .* within 1 s"
FAULTS = (
    # 1, 2: a cable, a hub. 6: a phone that asks again for its permission.
    Fault("fault drop --for 500ms", TransientDeviceError, LINK),
    Fault("fault offline --for 500ms", TransientDeviceError, LINK, is_nightly=True),
    Fault("fault unauthorized --for 500ms", TransientDeviceError, LINK),
    # 5, 29: it is there and says nothing.
    Fault("fault hang --for 3s", TransientDeviceError, SILENT),
    Fault("fault mute", TransientDeviceError, SILENT),
    # 26: the link comes and goes.
    Fault("fault flap 500ms", TransientDeviceError, LINK, is_nightly=True),
    # 7, 8, 9: the phone, or our program on it, ends.
    Fault("fault reboot", TransientDeviceError, LINK),
    Fault("fault die", TransientDeviceError, LINK),
    Fault("fault kill-agent", TransientDeviceError, KILLED),
    Fault("fault oom", TransientDeviceError, KILLED),
    Fault("battery 11", SafetyStop, r"battery level is 0\.11, the limit is 0\.12", duration_s=200),
    # 20: too hot to go on.
    Fault("ambient 70", SafetyStop, r"(temperature|heating in K/min) is .*, the limit is", "", 900),
    # 18: no room; what runs needs none.
    Fault("fault disk-full", duration_s=20),
    # 19: sensors that lie.
    Fault(
        f"fault sensor-spike {ZONE}",
        None,
        f"zone.{ZONE}.temperature said (-40|0|125) °C",
        "sensor_leapt",
    ),
    Fault(f"fault sensor-unit {ZONE}", None, f"zone.{ZONE}.temperature said 0.0", "sensor_leapt"),
    Fault(
        f"fault sensor-stuck {ZONE}; ambient 40",
        None,
        "every other sensor moved",
        "sensor_stuck",
        200,
    ),
    # 22: the battery is charged under the run, because nobody could stop it.
    Fault("battery 50; charger on", None, "Current entered the battery", "charge_during_run"),
    # 24: clocks.
    Fault("fault suspend 30s", None, "slept for 30.0", "suspended", 60),
    Fault("fault clock-step 1h", duration_s=20),
    Fault("fault clock-skew 200ppm", duration_s=20, is_nightly=True),
    # 23, 25: what else goes on in a phone.
    Fault("fault doze", duration_s=20, is_nightly=True),
    Fault("fault slow-shell", duration_s=20, is_nightly=True),
    Fault("network 5Mbps 40ms 1%", duration_s=20, is_nightly=True),
    # b: somebody on the phone changes what was set. e: an answer that means nothing.
    Fault("fault setting-drift", None, "cluster6.max_khz did not stay as set", "setting_drift"),
    Fault("fault hotplug 7", None, "0-7, then 0-6 were online", "setting_drift"),
    Fault("fault garbage", StableDeviceError, "pgrep .* answered"),
)


TABLE = [
    pytest.param(fault, id=str(fault), marks=[pytest.mark.nightly] if fault.is_nightly else [])
    for fault in FAULTS
]
HOT = [fault for fault in FAULTS if fault.is_hot]
#: The same run and the same watcher, who only looks.
NOTHING = Fault("truth", duration_s=20)


@dataclass
class Story:
    """What a watcher saw of a run."""

    rows: int = 0  # that came before the fault
    is_hit: bool = False
    outcome: Outcome | None = None
    error: Exception | None = None


@pytest.fixture(scope="module")
def phones() -> Iterator[VirtualPhones]:
    with virtual_phones(*["pixel-6"] * (1 + len(HOT)), speed=SPEED) as running:
        yield running


@pytest.fixture
def fault(request: pytest.FixtureRequest) -> Fault:
    """The line of the table, where a test has one."""
    return getattr(request, "param", NOTHING)


@pytest.fixture
def serial(phones: VirtualPhones, fault: Fault) -> Iterator[str]:
    """A phone, discharging; whatever a test does to it is undone, but heat, which takes its time.

    So each line that heats has a phone of its own, whatever the order.
    """
    serial = phones.serials[1 + HOT.index(fault) if fault.is_hot else 0]
    phones.ctl(serial, "charger", "off")
    yield serial
    for words in (("fault", "none"), ("battery", "80"), ("ambient", "22"), ("network", "none")):
        phones.ctl(serial, *words)
    wait_for_state(phones.server, serial, "device")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of this machine's time is a minute of this phone's: wait no longer for an answer."""
    monkeypatch.setattr(link, "ACK_TIMEOUT_S", 1.0)
    monkeypatch.setattr(link, "_GOODBYE_S", 0.5)
    monkeypatch.setattr(solo, "PING_S", 0.5)


def play(phones: VirtualPhones, serial: str, fault: Fault) -> Story:
    """Let the fault happen once rows of the load are coming in."""
    story = Story()

    def watch(phase: str, item: Item | Tick) -> None:
        if phase == "measuring" and isinstance(item, Batch) and not story.is_hit:
            story.rows += item.rows
            if story.rows > EARLY_ROWS:
                story.is_hit = True
                for words in fault.words.split(";"):
                    phones.ctl(serial, *words.split())

    try:
        story.outcome = run_once(connect(serial, server=phones.server), spec_of(fault), watch)
    except (DeviceError, SafetyStop) as error:
        story.error = error
    return story


def spec_of(fault: Fault) -> Any:
    benchmark = {
        "kind": "thermal_soak",
        "workload": "mobilenet_v2",
        "duration_s": fault.duration_s,
        "sample_hz": 5,
    }
    knobs = {} if fault.is_hot else {"cluster6.max_khz": HELD_KHZ}
    preconditions = {"start_gate": {"timeout_s": 0}, "knobs": knobs}
    return parse({"benchmark": benchmark, "preconditions": preconditions})


@pytest.mark.parametrize("fault", TABLE, indirect=True)
def test_a_run_ends_once_and_as_promised(phones: VirtualPhones, serial: str, fault: Fault) -> None:
    free = connect(serial, server=phones.server).run(["cat", CAP]).stdout
    story = play(phones, serial, fault)
    assert story.is_hit
    assert story.rows > EARLY_ROWS, "what came before the fault is kept"
    if fault.ends is None:
        assert story.outcome, story.error
        assert_verdict(story.outcome, fault)
    else:
        assert type(story.error) is fault.ends, story.error or story.outcome
        assert re_search(fault.says, str(story.error)), story.error
    phones.ctl(serial, "fault", "none")
    wait_for_state(phones.server, serial, "device")
    again = connect(serial, server=phones.server)
    restore(again)
    if not fault.is_hot:
        assert again.run(["cat", CAP]).stdout == free, "the knob is where it was"
    assert again.run(["pgrep", "-f", "bin/[a]gent-"]).stdout == "", "nothing of ours runs on"


def assert_verdict(outcome: Outcome, fault: Fault) -> None:
    """Exactly the promised reason stands, with its words."""
    found = {
        reason.name: reason.sentence
        for reason in outcome.analysis.verdict.reasons
        if reason.name not in NOT_OURS
    }
    assert set(found) == ({fault.reason} if fault.reason else set()), found
    assert re_search(fault.says, found.get(fault.reason, "")), found


def re_search(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


def test_without_a_fault_nothing_is_said(phones: VirtualPhones, serial: str) -> None:
    """The control of the whole table."""
    story = play(phones, serial, NOTHING)
    assert story.outcome, story.error
    assert_verdict(story.outcome, NOTHING)


@pytest.mark.parametrize(
    ("words", "state", "says"),
    [
        ("fault unauthorized", "unauthorized", "accept this computer on the phone's screen"),
        ("fault offline", "offline", "replug the phone"),
        ("fault disk-full", "device", "No space left on device"),
        ("fault garbage", "device", "getprop|answered"),
    ],
)
def test_what_is_wrong_before_a_run_is_said_before_anything_is_set(
    phones: VirtualPhones, serial: str, words: str, state: str, says: str
) -> None:
    phones.ctl(serial, *words.split())
    wait_for_state(phones.server, serial, state)
    story = play(phones, serial, NOTHING)
    assert not story.is_hit, phones.ctl(serial, "truth")
    assert re_search(says, str(story.error)), story.error


def test_a_lit_screen_degrades_the_run_that_starts_under_it(
    phones: VirtualPhones, serial: str
) -> None:
    phones.ctl(serial, "fault", "screen-on")
    story = play(phones, serial, NOTHING)
    assert story.outcome, story.error
    assert_verdict(story.outcome, Fault("", None, "The screen was on", "screen_on"))


def test_a_charge_node_is_believed_by_the_sign_of_the_current_alone(
    phones: VirtualPhones, serial: str
) -> None:
    """Its file says that nothing is charged: in the first run it is true, in the second it lies."""
    node = "/sys/class/power_supply/battery/charging_enabled"
    phones.ctl(serial, "battery", "50")
    phones.ctl(serial, "charger", "on")
    connect(serial, server=phones.server).run(["su", "0", "sh", "-c", f"echo 0 > {node}"])
    honest = play(phones, serial, NOTHING)
    phones.ctl(serial, "fault", "charge-node-lies")
    lying = play(phones, serial, NOTHING)
    connect(serial, server=phones.server).run(["su", "0", "sh", "-c", f"echo 1 > {node}"])
    assert honest.outcome, honest.error
    assert lying.outcome, lying.error
    assert_verdict(honest.outcome, NOTHING)
    assert_verdict(lying.outcome, Fault("", None, "Current entered", "charge_during_run"))


def test_a_port_that_feeds_on_spoils_the_energy_alone(phones: VirtualPhones, serial: str) -> None:
    phones.ctl(serial, "fault", "vbus-stuck")
    phones.ctl(serial, "charger", "on")
    phones.ctl(serial, "charger", "off")
    phones.ctl(serial, "battery", "50")
    story = play(phones, serial, NOTHING)
    assert story.outcome, story.error
    (reason,) = [r for r in story.outcome.analysis.verdict.reasons if r.name not in NOT_OURS]
    assert (reason.name, reason.metrics) == ("charge_during_run", ("energy_mj",))
