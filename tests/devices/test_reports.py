"""Texts of phones, with every quirk that has fooled somebody; numbers and names are invented."""

import pytest

from devices import properties
from devices.dumpsys import battery, thermalservice
from devices.parsing import parsed
from devices.reports import ReportRefused
from devices.sysfs import cpufreq, devfreq, power_supply
from devices.sysfs.thermal import parse_zones

CPU = "/sys/devices/system/cpu"


def sweep(**files: str) -> str:
    """Return the text of a sweep over cpufreq files; `__` stands for a slash."""
    return "".join(f"== {CPU}/{name.replace('__', '/')}\n{text}\n" for name, text in files.items())


def test_clusters_are_what_shares_a_clock() -> None:
    report = cpufreq.parse(
        sweep(
            present="0-5",
            online="0-3,5",
            cpufreq__policy0__related_cpus="0 1 2 3",
            cpufreq__policy0__scaling_available_frequencies="1800000 900000 300000 ",
            cpufreq__policy0__scaling_boost_frequencies="2000000",
            cpufreq__policy0__cpuinfo_max_freq="2000000",
            cpufreq__policy0__scaling_max_freq="9999999",
            cpufreq__policy4__related_cpus="4 5",
            cpufreq__policy4__stats__time_in_state="2400000 7\n1200000 90",
            cpufreq__policy4__scaling_max_freq="cat: x: Permission denied",
            cpufreq__policy4__scaling_governor="cat: x: Permission denied",
        )
    )
    little, big = report.clusters
    assert little.khz == (300000, 900000, 1800000, 2000000)
    assert little.cap_khz == 2000000, "a cap above the top clock caps nothing"
    assert (big.khz, big.khz_from) == ((1200000, 2400000), "time_in_state")
    assert (big.online, big.cap_khz, big.governor) == ((5,), None, None)
    assert cpufreq.names_of(report) == {0: "little", 4: "big"}


def test_one_cluster_printed_once_per_cpu_counts_once() -> None:
    report = cpufreq.parse(
        sweep(
            present="0-1",
            cpu0__cpufreq__related_cpus="0 1",
            cpu0__cpufreq__cpuinfo_min_freq="300000",
            cpu0__cpufreq__cpuinfo_max_freq="900000",
            cpu1__cpufreq__related_cpus="0 1",
        )
    )
    (cluster,) = report.clusters
    assert (cluster.khz, cluster.khz_from) == ((300000, 900000), "limits")


def test_zones_of_one_phone_may_count_in_three_units() -> None:
    report = parse_zones(
        "thermal_zone0|soc_max|41500\nthermal_zone10|pa|392\nthermal_zone2|case|38\n"
        "thermal_zone3|xo|-40\nthermal_zone4|ibat-lvl0|900\n"
        "thermal_zone5|wlan|cat: x: No data available\nthermal_zone6|usb|9000\n"
    )
    assert [(zone.i, zone.c, zone.why) for zone in report.zones] == [
        (0, 41.5, None),
        (2, 38.0, None),
        (3, None, "absent"),
        (4, None, "not_temp"),
        (5, None, "read_error"),
        (6, None, "suspect"),
        (10, 39.2, None),
    ]


def test_two_lists_of_different_length_are_refused_whole() -> None:
    with pytest.raises(ReportRefused, match="count_mismatch"):
        parse_zones("# type\nBIG\nLITTLE\n# temp\n41000\n")


def test_two_lists_are_paired_in_the_order_of_a_shell() -> None:
    types = "\n".join(f"t{i}" for i in range(11))
    temps = "\n".join(str(30000 + i) for i in range(11))
    report = parse_zones(f"# type\n{types}\n# temp\n{temps}\n")
    assert report.zones[2].type == "t3", "0, 1, 10, 2 …"
    assert report.zones[10].type == "t2"


BATTERY = """Current Battery Service state:
  AC powered: false
  USB powered: true
  Charge counter: 2400000
  status: 3
  present: true
  level: 120
  scale: 200
  voltage: 3900
  temperature: 287
  current now: 400
 mOther: 1
  Time when the latest: 4
LOG
  temperature: 999
"""


def test_only_the_first_block_of_the_battery_report_counts() -> None:
    report = battery.parse(BATTERY)
    assert (report.level_pct, report.temperature_c, report.voltage_v) == (60.0, 28.7, 3.9)
    assert (report.plugged, report.charge_mah) == (("usb",), 2400.0)
    assert report.current_ma == -400, "discharging is negative whatever the phone prints"


def test_a_phone_without_battery_has_no_readings() -> None:
    report = battery.parse(BATTERY.replace("present: true", "present: false"))
    assert (report.present, report.level_pct, report.temperature_c) == (False, None, None)


def test_a_frozen_battery_report_says_so() -> None:
    frozen = BATTERY.replace("state:\n", "state:\n  (UPDATES STOPPED -- use 'reset' to restart)\n")
    assert battery.parse(frozen).faked


THERMAL = """IsStatusOverride: false
Thermal Status: 1
Cached temperatures:
\tTemperature{mValue=66.0, mType=3, mName=skin, mStatus=0}
HAL Ready: true
Current temperatures from HAL:
\tTemperature{mValue=38.5, mType=3, mName=skin a, mStatus=1}
\tTemperature{mValue=39.25, mType=3, mName=skin b}
\tTemperature{mValue=0.0, mType=4, mName=usb, mStatus=0}
\tTemperature{mValue=4.1, mType=6, mName=vbat, mStatus=0}
\tTemperature{mValue=NaN, mType=0, mName=CPU0, mStatus=0}
Current cooling devices from HAL:
\tCoolingDevice{mValue=3, mType=2, mName=cpu 6}
Temperature static thresholds from HAL:
\tTemperatureThreshold{mType=3, mName=skin a, mHotThrottlingThresholds=[NaN, 39.0]}
\t{.type = CPU, .name = CPU0, .hotThrottlingThresholds = [NaN, NaN, NaN, NaN, NaN, NaN, 115.0], .x
\tTemperatureThreshold{mType=2, mName=cut, mHotThrottlingThresholds=[NaN, 4
"""


def test_only_the_live_block_of_the_thermal_report_counts() -> None:
    report = thermalservice.parse(THERMAL)
    assert (report.skin_c, report.cpu_max_c, report.status) == (39.25, None, 1)
    assert report.other == {"6/vbat": 4.1}
    assert report.absent == ("4/usb", "0/CPU0")
    assert report.cooling == {"cpu 6": 3}
    assert report.thresholds["3/skin a"] == (None, 39.0, None, None, None, None, None)
    assert report.thresholds["0/CPU0"][6] == 115.0
    assert report.threshold_count == 2, "what was cut is dropped"


def test_a_thermal_report_without_a_ready_hal_points_to_sysfs() -> None:
    report = thermalservice.parse("Thermal Status: 0\nHAL Ready: false\n")
    assert (report.hal_ready, report.fallback, report.override) == (False, "sysfs", None)


def test_property_values_may_hold_brackets_and_newlines() -> None:
    report = properties.parse(
        "[a]: [x]: [y]\n[b]: [one\ntwo]\n\n[c]: []\n[ro.product.model]: [M]\n"
    )
    assert report.props == {"a": "x]: [y", "b": "one\ntwo", "c": "", "ro.product.model": "M"}
    assert (report.truncated, report.identity.model) == (False, "M")


@pytest.mark.parametrize("tail", ["[cut]: [val", "[cut.nam", "[cut]: [two\nlines"])
def test_a_property_that_was_cut_is_dropped_and_told(tail: str) -> None:
    report = properties.parse(f"[whole]: [1]\n{tail}")
    assert (report.props, report.truncated) == ({"whole": "1"}, True)


def test_the_chip_is_the_first_property_that_says_something() -> None:
    report = properties.parse("[ro.soc.model]: [unknown]\n[ro.board.platform]: [kirin990]\n")
    assert (report.identity.soc, report.identity.soc_from) == ("kirin990", "ro.board.platform")


def uevent(**values: object) -> str:
    """Return the uevent of a battery."""
    return "".join(
        f"POWER_SUPPLY_{key}={value}\n" for key, value in {"NAME": "battery", **values}.items()
    )


@pytest.mark.parametrize(
    ("raw", "status", "current", "unit", "sign"),
    [
        (-512000, "Discharging", -512.0, "uA", "abi"),
        (512000, "Discharging", -512.0, "uA", "flipped"),
        (-412, "Discharging", -412.0, "mA", "abi"),
        (-288000, "Charging", -288.0, "uA", "suspect"),
        (2319, "Not charging", None, "ambiguous", None),
        (0, "Full", 0.0, "uA", "abi"),
        (-22, "Discharging", None, None, None),
    ],
)
def test_units_and_signs_of_currents_are_sorted_out(
    raw: int, status: str, current: float | None, unit: str | None, sign: str | None
) -> None:
    report = power_supply.parse(uevent(STATUS=status, CURRENT_NOW=raw, VOLTAGE_NOW=3900000))
    assert (report.current_ma, report.current_unit, report.current_sign) == (current, unit, sign)


def test_power_is_known_only_while_discharging() -> None:
    facts = {"VOLTAGE_NOW": 4000, "CURRENT_NOW": -500000, "TEMP": 301}
    assert power_supply.parse(uevent(STATUS="Discharging", **facts)).power_w == 2.0
    assert power_supply.parse(uevent(STATUS="Charging", **facts)).power_w is None


def test_supplies_without_a_battery_among_them_are_refused() -> None:
    with pytest.raises(ReportRefused, match="no_battery"):
        power_supply.parse("POWER_SUPPLY_NAME=usb\nPOWER_SUPPLY_TYPE=USB\n")


def test_devfreq_nodes_count_in_hertz_kilohertz_or_megabytes() -> None:
    folder = "/sys/class/devfreq"
    report = devfreq.parse(
        f"== {folder}/a.mali/cur_freq\n572000000\n== {folder}/b_mif/cur_freq\n1352000\n"
        f"== {folder}/soc:x,cpubw/cur_freq\n3879\n"
        f"== {folder}/c/cur_freq\ncat: x: Permission denied\n"
    )
    shown = {name: (node.unit, node.cur) for name, node in report.nodes.items()}
    assert shown == {
        "a.mali": ("mhz", 572.0),
        "b_mif": ("mhz", 1352.0),
        "soc:x,cpubw": ("mbps", 3879.0),
        "c": ("mhz", None),
    }


def test_a_powered_down_gpu_is_idle_and_no_division_by_zero() -> None:
    report = devfreq.parse("== /sys/class/kgsl/kgsl-3d0/gpubusy\n 0 0\n")
    assert report.gpu is not None
    assert report.gpu.busy_pct == 0.0


def test_refused_writes_are_told_per_node() -> None:
    line = "/system/bin/sh: can't create /sys/class/devfreq/x/governor: Permission denied\n"
    assert parsed("devfreq", line) == {
        "ok": False,
        "error": "permission_denied",
        "write_errors": {"x": "permission_denied"},
    }
