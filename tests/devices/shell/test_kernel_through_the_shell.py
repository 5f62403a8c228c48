"""What the silicon says, as programs and services of the phone show it."""

import asyncio

import pytest

from devices.virtual.catalog import load, names
from devices.virtual.kernel.machine import Machine
from devices.virtual.userspace.boot import boot
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.identity import cpuinfo, hot_thresholds, phone_properties
from devices.virtual.userspace.layout import new_tree
from devices.virtual.userspace.system import System
from tests.parts.android import Outcome, QuickClock, run

_MAX = "/sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq"


def _phone(name: str = "honor-v30-pro", uid: int = 2000) -> tuple[System, Machine]:
    spec, clock = load(name), QuickClock()
    machine = Machine(spec, 1)
    tree = new_tree(clock.wall_s, ContentStore())
    for path, node in machine.nodes.items():
        tree.mount(path, node)
    system = boot(
        tree.as_user(uid),
        clock,
        phone_properties(spec, "serial", 1.0),
        texts={"/proc/cpuinfo": cpuinfo(spec, range(spec.cpu_count))},
        hot_thresholds=hot_thresholds(spec),
    )
    return system, machine


def _run(system: System, command: str) -> Outcome:
    return asyncio.run(run(system, command))


def test_a_sweep_shows_each_zone_with_its_name() -> None:
    system, _ = _phone()
    command = (
        "for z in /sys/class/thermal/thermal_zone*; do "
        'echo "${z##*/}|$(cat $z/type)|$(cat $z/temp)"; done'
    )
    rows = [line.split("|") for line in _run(system, command).text.splitlines()]
    assert [row[0] for row in rows][:3] == ["thermal_zone0", "thermal_zone1", "thermal_zone10"]
    assert ["thermal_zone6", "skin"] in [row[:2] for row in rows]
    assert all(row[2].lstrip("-").isdecimal() for row in rows)


def test_a_refused_write_says_why_and_changes_nothing() -> None:
    system, _ = _phone(uid=0)
    before = _run(system, f"cat {_MAX}").text
    outcome = _run(system, f"echo nonsense >{_MAX}; echo $?; cat {_MAX}")
    assert outcome.complaint == "/system/bin/sh: echo: write: Invalid argument\n"
    assert outcome.text == f"1\n{before}"


def test_root_may_cap_a_clock_and_the_shell_may_not() -> None:
    root, _ = _phone(uid=0)
    assert _run(root, f"echo 1340000 >{_MAX}; cat {_MAX}").text == "1340000\n"
    user, _ = _phone()
    assert "Permission denied" in _run(user, f"echo 1340000 >{_MAX}").complaint


def test_battery_reports_what_the_gauge_reads() -> None:
    system, machine = _phone()
    report = _run(system, "dumpsys battery").text
    gauge = machine.nodes["/sys/class/power_supply/battery/temp"].read
    assert gauge is not None
    assert report.startswith("Current Battery Service state:\n  AC powered: false\n")
    assert f"  temperature: {gauge().decode().strip()}\n" in report
    assert "  scale: 100\n" in report


def test_battery_values_can_be_frozen_and_freed() -> None:
    system, _ = _phone()
    _run(system, "dumpsys battery unplug; dumpsys battery set level 7")
    frozen = _run(system, "dumpsys battery").text
    assert "(UPDATES STOPPED -- use 'reset' to restart)" in frozen
    assert "  USB powered: false\n" in frozen
    assert "  level: 7\n" in frozen
    _run(system, "dumpsys battery reset")
    assert "UPDATES STOPPED" not in _run(system, "dumpsys battery").text


def test_thermalservice_tells_live_from_cached() -> None:
    system, machine = _phone()
    first = _run(system, "dumpsys thermalservice").text
    machine.set_ambient(45)
    machine.advance(3_600_000_000_000)
    later = _run(system, "dumpsys thermalservice").text
    assert _block(later, "Cached temperatures:") == _block(first, "Cached temperatures:")
    live = "Current temperatures from HAL:"
    assert _block(later, live) != _block(first, live)
    assert "mType=3, mName=skin" in _block(later, live)


def _block(report: str, title: str) -> str:
    lines = report.split(title + "\n")[1].splitlines()
    return "\n".join(line for line in lines[: _first_title(lines)])


def _first_title(lines: list[str]) -> int:
    return next(i for i, line in enumerate(lines) if not line.startswith("\t"))


def test_an_old_android_has_no_thermalservice() -> None:
    system, _ = _phone()
    system.properties.put("ro.build.version.sdk", "28")
    assert (
        _run(system, "dumpsys thermalservice").complaint == "Can't find service: thermalservice\n"
    )


def test_the_severity_can_be_overridden() -> None:
    system, _ = _phone()
    _run(system, "cmd thermalservice override-status 3")
    report = _run(system, "dumpsys thermalservice").text
    assert "IsStatusOverride: true\n" in report
    assert "Thermal Status: 3\n" in report
    _run(system, "cmd thermalservice reset")
    assert "IsStatusOverride: false\n" in _run(system, "dumpsys thermalservice").text


@pytest.mark.parametrize("name", names())
def test_cpuinfo_lists_every_core(name: str) -> None:
    system, _ = _phone(name)
    count = load(name).cpu_count
    assert _run(system, "grep -c ^processor /proc/cpuinfo").text == f"{count}\n"


@pytest.mark.parametrize("name", names())
def test_every_report_of_every_phone_is_printed_without_complaint(name: str) -> None:
    system, _ = _phone(name)
    command = "dumpsys battery; dumpsys power; dumpsys meminfo; top -n 1"
    if load(name).identity.sdk >= 29:  # the first Android with a thermal service
        command += "; dumpsys thermalservice"
    outcome = _run(system, f"{command}; free; uptime; ps -A; getprop")
    assert outcome.complaint == ""


def test_a_sweep_of_all_clocks_is_quick() -> None:
    system, _ = _phone()
    paths = "/sys/devices/system/cpu/cpu*/cpufreq/scaling_cur_freq"
    assert len(_run(system, f"cat {paths}").text.split()) == 8
