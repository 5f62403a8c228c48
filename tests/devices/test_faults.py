"""Each fault that a phone can cause, as the host sees it over real ADB."""

import json
from collections.abc import Callable, Iterator

import pytest

from devices.agent.install import install_agent
from devices.clock import HOST, NS_PER_S
from devices.errors import DeviceError, TransientDeviceError
from devices.phone import Phone, connect
from devices.probe import probe
from devices.properties import read as read_properties
from devices.sysfs.thermal import ZoneReading, read_zones
from devices.virtual.android import Refused
from tests.parts.adb import VirtualPhones, virtual_phones, wait_for_state

LIMIT_S = 20.0


@pytest.fixture(scope="module")
def sick() -> Iterator[VirtualPhones]:
    """Two phones of this module's own at 20 times the speed of life."""
    with virtual_phones("pixel-6", "honor-v30-pro", speed=20) as phones:
        yield phones


@pytest.fixture
def healed(sick: VirtualPhones) -> Iterator[str]:
    """The first phone's serial; whatever a test does to it is undone."""
    serial = sick.serials[0]
    yield serial
    sick.ctl(serial, "fault", "none")
    wait_for_state(sick.server, serial, "device")


@pytest.fixture
def phone(sick: VirtualPhones, healed: str) -> Phone:
    wait_for_state(sick.server, healed, "device")
    return connect(healed, server=sick.server)


def _until(is_true: Callable[[], bool], what: str) -> None:
    deadline = HOST.now_ns() + LIMIT_S * NS_PER_S
    while not is_true():
        assert HOST.now_ns() < deadline, f"not {what} within {LIMIT_S} s"
        HOST.wait(0.05)


def _zone(phone: Phone, kind: str) -> ZoneReading:
    return next(zone for zone in read_zones(phone).zones if zone.type == kind)


def test_a_stuck_sensor_shows_the_same_while_its_phone_warms_up(
    sick: VirtualPhones, phone: Phone
) -> None:
    sick.ctl(phone.serial, "fault", "sensor-stuck", "VIRTUAL-SKIN")
    before, other = _zone(phone, "VIRTUAL-SKIN").c, _zone(phone, "disp_therm").c
    sick.ctl(phone.serial, "ambient", "45")
    _until(lambda: _zone(phone, "disp_therm").c != other, "warmer")
    assert _zone(phone, "VIRTUAL-SKIN").c == before
    sick.ctl(phone.serial, "fault", "none")
    _until(lambda: _zone(phone, "VIRTUAL-SKIN").c != before, "unstuck")
    sick.ctl(phone.serial, "ambient", "22")


def test_a_spiking_sensor_is_sorted_out_as_absent(sick: VirtualPhones, phone: Phone) -> None:
    sick.ctl(phone.serial, "fault", "sensor-spike", "battery")
    seen: set[str | None] = set()

    def both() -> bool:
        seen.add(_zone(phone, "battery").why)
        return seen >= {None, "absent"}

    _until(both, "spiking and well in turns")


def test_a_sensor_of_another_unit_reads_as_one_of_another_unit(
    sick: VirtualPhones, phone: Phone
) -> None:
    well = _zone(phone, "quiet_therm")
    sick.ctl(phone.serial, "fault", "sensor-unit", "quiet_therm")
    odd = _zone(phone, "quiet_therm")
    assert (well.unit, odd.unit) == ("mC", "C")
    assert well.c is not None
    assert odd.c == pytest.approx(well.c, abs=1.0)


def test_a_killed_agent_ends_its_stream_with_a_status(sick: VirtualPhones, phone: Phone) -> None:
    for word in ("kill-agent", "oom"):
        with phone.open_stream([install_agent(phone), "--stdio"]) as stream:
            assert stream.read(LIMIT_S)
            sick.ctl(phone.serial, "fault", word)
            while stream.read(LIMIT_S):
                pass
            assert stream.returncode == 128 + 9
    assert "lowmemorykiller: Kill 'simmer-agent'" in phone.run(["logcat", "-d"]).stdout


def test_a_muted_agent_says_nothing_and_lives(sick: VirtualPhones, phone: Phone) -> None:
    sick.ctl(phone.serial, "fault", "mute")
    with phone.open_stream([install_agent(phone), "--stdio"]) as stream:
        with pytest.raises(TimeoutError):
            stream.read(0.5)
        assert phone.run(["pidof", "simmer-agent"]).returncode == 0
        sick.ctl(phone.serial, "fault", "none")
        assert b"hello" in stream.read(LIMIT_S)


def test_garbage_is_refused_by_every_reader(sick: VirtualPhones, phone: Phone) -> None:
    sick.ctl(phone.serial, "fault", "garbage")
    for _ in range(4):
        with pytest.raises(DeviceError):
            read_properties(phone)
        with pytest.raises(DeviceError):
            probe(phone)


def test_a_slow_shell_answers_late_and_whole(sick: VirtualPhones, phone: Phone) -> None:
    sick.ctl(phone.serial, "fault", "slow-shell")
    start_ns = HOST.now_ns()
    assert phone.run(["echo", "late"]).stdout == "late\n"
    assert HOST.now_ns() - start_ns >= 3 / 20 * NS_PER_S
    with pytest.raises(TransientDeviceError, match="in time"):
        phone.run(["echo"], timeout_s=0.05)


def test_a_clock_that_is_set_changes_the_time_of_day_alone(
    sick: VirtualPhones, phone: Phone
) -> None:
    def day_and_uptime() -> tuple[int, float]:
        both = phone.run(["sh", "-c", "date +%s; cat /proc/uptime"], check=True).stdout.split()
        return int(both[0]), float(both[1])

    before = day_and_uptime()
    sick.ctl(phone.serial, "fault", "clock-step", "1h")
    after = day_and_uptime()
    assert 3600 <= after[0] - before[0] < 3600 + 20 * LIMIT_S
    assert 0 <= after[1] - before[1] < 20 * LIMIT_S


def test_a_skewed_clock_runs_at_another_rate(sick: VirtualPhones, phone: Phone) -> None:
    other = connect(sick.serials[1], server=sick.server)

    def readings() -> tuple[int, int, int]:
        return other.now_ns(), phone.now_ns(), other.now_ns()

    def rate() -> float:
        """Seconds of this phone per second of the other one, known to one percent."""
        before0, here0, after0 = readings()
        while True:
            HOST.wait(0.1)
            before1, here1, after1 = readings()
            shortest, longest = before1 - after0, after1 - before0
            if longest < 1.01 * shortest:
                return (here1 - here0) / longest

    sick.ctl(phone.serial, "fault", "clock-skew", "100000ppm")
    now_ns = phone.now_ns()
    assert rate() > 1.05
    sick.ctl(phone.serial, "fault", "none")
    assert rate() < 1.05, "the control"
    assert phone.now_ns() > now_ns


def test_a_phone_that_sleeps_answers_nothing_and_its_uptime_stands(
    sick: VirtualPhones, phone: Phone
) -> None:
    before_ns = phone.now_ns()
    sick.ctl(phone.serial, "fault", "suspend", "30s")
    with pytest.raises(TransientDeviceError):
        phone.run(["echo"], timeout_s=0.3)
    _until(lambda: _answers(phone), "awake")
    assert phone.now_ns() - before_ns < 30 * NS_PER_S + 20 * LIMIT_S * NS_PER_S


def _answers(phone: Phone) -> bool:
    try:
        return phone.run(["echo"], timeout_s=1.0).returncode == 0
    except TransientDeviceError:
        return False


def test_a_phone_with_an_empty_battery_is_off_until_it_is_switched_on(
    sick: VirtualPhones, healed: str, phone: Phone
) -> None:
    sick.ctl(healed, "charger", "off")
    sick.ctl(healed, "battery", "3")
    HOST.wait(1.0)
    assert phone.run(["echo"]).returncode == 0, "the control: three percent are enough"
    old = phone.run(["cat", "/proc/sys/kernel/random/boot_id"]).stdout
    sick.ctl(healed, "battery", "0")
    wait_for_state(sick.server, healed, "offline")
    sick.ctl(healed, "battery", "80")
    sick.ctl(healed, "charger", "on")
    sick.ctl(healed, "fault", "none")
    wait_for_state(sick.server, healed, "device")
    again = connect(healed, server=sick.server)
    assert again.run(["cat", "/proc/sys/kernel/random/boot_id"]).stdout != old


@pytest.mark.nightly
def test_a_flapping_link_is_up_at_the_end(sick: VirtualPhones, healed: str, phone: Phone) -> None:
    sick.ctl(healed, "fault", "flap", "1s")
    wait_for_state(sick.server, healed, "offline")
    wait_for_state(sick.server, healed, "device")
    assert connect(healed, server=sick.server).run(["echo"]).returncode == 0


def test_a_stuck_port_feeds_on(sick: VirtualPhones, phone: Phone) -> None:
    powered = "/sys/class/power_supply/usb/online"
    sick.ctl(phone.serial, "fault", "vbus-stuck")
    sick.ctl(phone.serial, "charger", "off")
    assert phone.run(["cat", powered]).stdout == "1\n"
    sick.ctl(phone.serial, "fault", "none")
    sick.ctl(phone.serial, "charger", "off")
    assert phone.run(["cat", powered]).stdout == "0\n"
    sick.ctl(phone.serial, "charger", "on")


def test_a_vendor_s_service_puts_clocks_back(sick: VirtualPhones, phone: Phone) -> None:
    path = "/sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq"

    def cap() -> str:
        return phone.run(["cat", path]).stdout.strip()

    top = cap()
    phone.run(["su", "0", "sh", "-c", f"echo 1401000 > {path}"])
    HOST.wait(0.5)
    assert cap() == "1401000", "the control: it stays where nobody minds"
    sick.ctl(phone.serial, "fault", "setting-drift")
    _until(lambda: cap() == top, "put back")


def test_screen_and_doze_are_told_by_android(sick: VirtualPhones, phone: Phone) -> None:
    sick.ctl(phone.serial, "fault", "screen-on")
    assert "mWakefulness=Awake" in phone.run(["dumpsys", "power"]).stdout
    sick.ctl(phone.serial, "fault", "doze")
    assert "mWakefulness=Asleep" in phone.run(["dumpsys", "power"]).stdout
    assert phone.run(["cmd", "deviceidle", "get", "deep"]).stdout == "IDLE\n"
    sick.ctl(phone.serial, "fault", "none")
    assert phone.run(["cmd", "deviceidle", "get", "deep"]).stdout == "ACTIVE\n"


def test_clones_share_a_serial_number(sick: VirtualPhones, phone: Phone) -> None:
    for serial in sick.serials:
        sick.ctl(serial, "fault", "serial", "0123456789ABCDEF")
    shown = {
        connect(serial, server=sick.server).run(["getprop", "ro.serialno"]).stdout
        for serial in sick.serials
    }
    assert shown == {"0123456789ABCDEF\n"}


def test_a_hub_that_fails_takes_all_its_phones(sick: VirtualPhones, healed: str) -> None:
    sick.ctl("all", "fault", "drop", "--for", "300ms")
    for serial in sick.serials:
        wait_for_state(sick.server, serial, "offline")
    for serial in sick.serials:
        wait_for_state(sick.server, serial, "device")


def test_a_fault_may_begin_later(sick: VirtualPhones, healed: str, phone: Phone) -> None:
    sick.ctl(healed, "fault", "disk-full", "--at", "300ms")
    facts = json.loads(sick.ctl(healed, "truth"))
    assert facts["disk_used"] < facts["disk_quota"]

    def is_full() -> bool:
        facts = json.loads(sick.ctl(healed, "truth"))
        return bool(facts["disk_used"] == facts["disk_quota"])

    _until(is_full, "full")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("flood",), "a fault is one of drop, unauthorized"),
        (("sensor-stuck",), "sensor-stuck ZONE"),
        (("sensor-stuck", "nose"), "no thermal zone 'nose'; there are: BIG"),
        (("clock-skew", "fast"), "a rate such as 200ppm"),
        (("clock-skew", "999999ppm"), "more than 100000ppm"),
        (("hotplug", "9"), "'9' is none of the CPUs 0 to 7"),
        (("suspend", "long"), "a duration such as 500ms, 5s or 2m"),
        (("drop", "--at", "noon"), "--at: a duration such as"),
    ],
)
def test_nonsense_is_refused_and_nothing_happens(
    sick: VirtualPhones, healed: str, words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(Refused) as refusal:
        sick.ctl(healed, "fault", *words)
    assert sentence in str(refusal.value)
    assert json.loads(sick.ctl(healed, "truth"))["link"] == "up"


def test_an_unplugged_core_is_gone_from_every_list_until_it_is_healed(
    sick: VirtualPhones, phone: Phone
) -> None:
    def seen() -> tuple[str, str, int]:
        online = phone.run(["cat", "/sys/devices/system/cpu/online"]).stdout.strip()
        listed = phone.run(["grep", "-c", "^processor", "/proc/cpuinfo"]).stdout.strip()
        return online, listed, int(phone.run(["nproc"]).stdout)

    switch = "/sys/devices/system/cpu/cpu7/online"
    assert phone.run(["sh", "-c", f"echo 0 > {switch}"]).returncode != 0, "root's alone"
    assert seen() == ("0-7", "8", 8)
    sick.ctl(phone.serial, "fault", "hotplug", "7")
    assert seen() == ("0-6", "7", 7)
    assert phone.run(["ls", "/sys/devices/system/cpu/cpu7/topology"]).returncode != 0
    sick.ctl(phone.serial, "fault", "none")
    assert seen() == ("0-7", "8", 8)
    phone.run(["su", "0", "sh", "-c", f"echo 0 > {switch}"])
    assert seen() == ("0-6", "7", 7)
    phone.run(["su", "0", "sh", "-c", f"echo 1 > {switch}"])
    assert seen() == ("0-7", "8", 8)


def test_only_the_current_tells_that_a_charge_node_lies(sick: VirtualPhones, phone: Phone) -> None:
    folder = "/sys/class/power_supply/battery"

    def seen() -> tuple[str, str]:
        words = phone.run(["cat", f"{folder}/charging_enabled", f"{folder}/current_now"]).stdout
        switch, current = words.split()
        return switch, "charges" if int(current) > 100_000 else "rests"

    sick.ctl(phone.serial, "battery", "50")
    _until(lambda: seen() == ("1", "charges"), "charging")
    phone.run(["su", "0", "sh", "-c", f"echo 0 > {folder}/charging_enabled"])
    _until(lambda: seen() == ("0", "rests"), "at rest: the control")
    sick.ctl(phone.serial, "fault", "charge-node-lies")
    _until(lambda: seen() == ("0", "charges"), "charging although its file says no")
    phone.run(["su", "0", "sh", "-c", f"echo 1 > {folder}/charging_enabled"])
    with pytest.raises(Refused, match="has no file that stops the charging"):
        sick.ctl(sick.serials[1], "fault", "charge-node-lies")
    sick.ctl(phone.serial, "battery", "80")
