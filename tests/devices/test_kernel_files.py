"""What the files of the kernel promise, and the habits of single models."""

import pytest

from devices.virtual.catalog import load, names
from devices.virtual.kernel.cpulist import cpu_list
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from tests.devices.soaking import S

CPU = "/sys/devices/system/cpu"


def get(machine: Machine, path: str) -> str:
    read = machine.nodes[path].read
    assert read is not None
    return read().decode()


@pytest.mark.parametrize(
    ("cpus", "text"), [([0, 1, 2, 3], "0-3"), ([0, 2, 3, 8], "0,2-3,8"), ([], ""), ([5], "5")]
)
def test_cpu_lists_are_written_as_the_kernel_does(cpus: list[int], text: str) -> None:
    assert cpu_list(cpus) == text


@pytest.mark.parametrize("name", names())
def test_every_readable_file_ends_its_line(name: str) -> None:
    machine = Machine(load(name), 1)
    machine.advance(3 * S)
    for path, node in machine.nodes.items():
        if node.read and node.mode != 0o400:
            assert node.read().endswith(b"\n"), path


@pytest.mark.parametrize("name", names())
def test_zones_and_cooling_devices_are_all_there(name: str) -> None:
    machine = Machine(load(name), 1)
    for i, zone in enumerate(machine.spec.zones):
        assert get(machine, f"/sys/class/thermal/thermal_zone{i}/type") == f"{zone.type}\n"
    for i, device in enumerate(machine.cooling):
        assert get(machine, f"/sys/class/thermal/cooling_device{i}/type") == f"{device.type}\n"


def test_clusters_are_told_by_related_cpus() -> None:
    machine = Machine(load("honor-v30-pro"), 1)
    assert get(machine, f"{CPU}/present") == "0-7\n"
    assert get(machine, f"{CPU}/cpu5/cpufreq/related_cpus") == "4 5\n"
    assert get(machine, f"{CPU}/cpufreq/policy4/cpuinfo_max_freq") == "2362000\n"


def test_frequency_lists_end_with_a_blank() -> None:
    text = get(Machine(load("pixel-4"), 1), f"{CPU}/cpufreq/policy4/scaling_available_frequencies")
    assert text.endswith("2419200 \n")


def test_mediatek_lists_its_clocks_from_the_top_and_hides_others() -> None:
    machine = Machine(load("redmi-note-9t"), 1)
    text = get(machine, f"{CPU}/cpufreq/policy6/scaling_available_frequencies")
    assert text.startswith("2400000 2306000 ")
    assert f"{CPU}/cpufreq/policy6/stats/time_in_state" not in machine.nodes
    assert machine.nodes[f"{CPU}/cpufreq/policy6/cpuinfo_cur_freq"].mode == 0o400


def test_units_of_zones_differ_within_one_phone() -> None:
    machine = Machine(load("redmi-note-9t"), 1)
    index = {zone.type: i for i, zone in enumerate(machine.spec.zones)}

    def raw(kind: str) -> int:
        return int(get(machine, f"/sys/class/thermal/thermal_zone{index[kind]}/temp"))

    assert 23_000 <= raw("mtktscpu") <= 27_000
    assert 23 <= raw("mtktsbattery") <= 27
    assert 230 <= raw("mtktsbtsmdpa") <= 270
    assert raw("mtktspa") == -127_000


def test_samsung_counts_current_in_ma_and_hides_trip_points() -> None:
    machine = Machine(load("galaxy-s20-fe"), 1)
    machine.set_charger(False)
    machine.advance(S)
    assert -400 < int(get(machine, "/sys/class/power_supply/battery/current_now")) < -50
    assert machine.nodes["/sys/class/thermal/thermal_zone0/trip_point_0_temp"].mode == 0o400


def test_one_gauge_counts_discharge_as_positive() -> None:
    machine = Machine(load("redmi-note-9t"), 1)
    machine.set_charger(False)
    machine.advance(S)
    assert int(get(machine, "/sys/class/power_supply/battery/current_now")) > 50_000


def test_the_uevent_repeats_the_single_files() -> None:
    machine = Machine(load("pixel-6"), 1)
    rows = dict(
        row.split("=", 1)
        for row in get(machine, "/sys/class/power_supply/battery/uevent").splitlines()
    )
    for key in ("temp", "voltage_now", "capacity", "status"):
        value = get(machine, f"/sys/class/power_supply/battery/{key}").strip()
        assert rows[f"POWER_SUPPLY_{key.upper()}"] == value


def test_proc_stat_counts_busy_time_where_it_was_spent() -> None:
    machine = Machine(load("honor-v30-pro"), 1)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
    machine.advance(20 * S)
    rows = {row.split()[0]: row.split()[1:] for row in get(machine, "/proc/stat").splitlines()}
    busy = {cpu: int(rows[f"cpu{cpu}"][0]) + int(rows[f"cpu{cpu}"][2]) for cpu in range(8)}
    assert busy[6] == pytest.approx(2000, abs=15)
    assert busy[7] == pytest.approx(2000, abs=15)
    assert busy[4] == 0
    assert all(sum(map(int, rows[f"cpu{cpu}"])) == 2000 for cpu in range(8))


@pytest.mark.parametrize("seconds", [7, 607, 1234])
def test_an_idle_phone_counts_time_as_it_passes(seconds: int) -> None:
    """Long idle steps must not show: what is counted is what has passed."""
    machine = Machine(load("pixel-4"), 1)
    machine.advance(seconds * S)
    rows = get(machine, f"{CPU}/cpufreq/policy0/stats/time_in_state").splitlines()
    assert sum(int(row.split()[1]) for row in rows) == pytest.approx(seconds * 100, abs=20)
    user, system = (int(get(machine, "/proc/stat").splitlines()[1].split()[i]) for i in (1, 3))
    assert user + system == pytest.approx(seconds * 100 * machine.load.background[0], abs=2)


def test_raised_trips_are_shown() -> None:
    machine = Machine(load("pixel-4"), 1)
    machine.shift_trips(40.0)
    assert get(machine, "/sys/class/thermal/thermal_zone0/trip_point_0_temp") == "130000\n"


def test_meminfo_and_uptime_have_the_kernels_form() -> None:
    machine = Machine(load("pixel-4"), 1)
    machine.advance(12_340_000_000)
    assert get(machine, "/proc/uptime").startswith("12.34 ")
    first = get(machine, "/proc/meminfo").splitlines()[0]
    assert first.split() == ["MemTotal:", "5730208", "kB"]
