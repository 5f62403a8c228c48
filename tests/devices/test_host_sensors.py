"""What the agent of this machine reads, from trees that a test has made."""

from pathlib import Path

import pytest

from devices.virtual.host_agent.sensors import find_probes


def tree(root: Path, **files: str) -> Path:
    """Write files below `root`; `__` stands for a slash."""
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


STAT = "cpu  {} 0 0 {} 0 0 0 0 0 0\ncpu0 1 0 0 1 0 0 0 0 0 0\n"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A laptop with everything."""
    return tree(
        tmp_path,
        sys__class__thermal__thermal_zone0__type="x86 pkg\n",
        sys__class__thermal__thermal_zone0__temp="48000\n",
        sys__class__thermal__thermal_zone10__type="acpitz\n",
        sys__class__thermal__thermal_zone10__temp="31\n",
        sys__class__thermal__thermal_zone2__type="acpitz\n",
        sys__class__thermal__thermal_zone2__temp="305\n",
        sys__class__hwmon__hwmon0__name="nvme\n",
        sys__class__hwmon__hwmon0__temp1_input="39850\n",
        sys__class__hwmon__hwmon0__temp1_label="Composite\n",
        sys__devices__system__cpu__cpufreq__policy0__scaling_cur_freq="1800000\n",
        sys__devices__system__cpu__cpufreq__policy0__scaling_max_freq="3600000\n",
        sys__class__power_supply__BAT0__temp="297\n",
        sys__class__power_supply__BAT0__capacity="81\n",
        proc__stat=STAT.format(100, 100),
        proc__meminfo="MemTotal: 1000 kB\nMemAvailable:    500 kB\n",
    )


def test_everything_is_found_under_its_type_and_in_wire_units(machine: Path) -> None:
    values = {probe.sensor.id: (probe.read(), probe.sensor.unit) for probe in find_probes(machine)}
    assert values["thermal:x86_pkg"] == (48_000, "mC")
    assert values["thermal:acpitz"] == (30_500, "mC"), "0.1 °C by its magnitude"
    assert values["thermal:acpitz#2"] == (31_000, "mC"), "°C, and the second of its type"
    assert values["thermal:nvme_Composite"] == (39_850, "mC")
    assert values["cluster0.cur_khz"] == (1_800_000, "kHz")
    assert values["cluster0.max_khz"] == (3_600_000, "kHz")
    assert values["power:temp"] == (29_700, "mC")
    assert values["power:level"] == (81, "pct")
    assert values["mem:available"] == (512, "kB"), "the kernel's kB are 1024 bytes"


def test_utilization_is_the_busy_share_since_the_last_look(machine: Path) -> None:
    probe = next(p for p in find_probes(machine) if p.sensor.id == "util:all")
    (machine / "proc/stat").write_text(STAT.format(130, 170))
    assert probe.read() == 300
    assert probe.read() == 300, "no tick has passed: the last share still stands"


def test_a_node_that_cannot_be_read_gives_null_and_never_zero(machine: Path) -> None:
    (machine / "sys/class/thermal/thermal_zone0/temp").write_text("garbage\n")
    probe = next(p for p in find_probes(machine) if p.sensor.id == "thermal:x86_pkg")
    assert probe.read() is None
    assert probe.sensor.quality == "unreadable"


def test_a_machine_without_sensors_still_has_load_and_memory(tmp_path: Path) -> None:
    root = tree(tmp_path, proc__stat=STAT.format(1, 1), proc__meminfo="MemAvailable: 5 kB\n")
    assert [probe.sensor.id for probe in find_probes(root)] == ["util:all", "mem:available"]
