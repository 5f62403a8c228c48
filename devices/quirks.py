"""Words for what a naive reader of one phone would stumble over, as its own answers show it."""

from collections.abc import Iterator

from devices.cpuinfo import CpuinfoReport
from devices.dumpsys.battery import BatteryReport
from devices.dumpsys.thermalservice import ThermalReport
from devices.properties import PropertiesReport
from devices.sysfs.cpufreq import CpuReport
from devices.sysfs.power_supply import SupplyReport
from devices.sysfs.thermal import ZonesReport


def of_properties(report: PropertiesReport) -> Iterator[str]:
    """Yield what is odd about who a phone says it is."""
    if report.identity.market_name is None:
        yield "no_market_name"
    if report.identity.soc_from != "ro.soc.model":
        yield "chip_by_older_property"


def of_clusters(report: CpuReport) -> Iterator[str]:
    """Yield what is odd about its clocks."""
    clusters = report.clusters
    if any(cluster.khz_from != "available" for cluster in clusters):
        yield "no_list_of_clocks"
    if any(cluster.cap_khz is None for cluster in clusters):
        yield "caps_unreadable"
    if any(cluster.governor is None for cluster in clusters):
        yield "governors_unreadable"
    if report.unmapped:
        yield "cores_without_clock"


def of_cpuinfo(report: CpuinfoReport | None) -> Iterator[str]:
    """Yield what is odd about its cores."""
    if report is None:
        yield "no_cpuinfo"
        return
    if not report.complete:
        yield "cores_share_one_part"
    if report.hardware is None:
        yield "no_hardware_line"
    if report.unlisted:
        yield "cores_unplugged"


def of_zones(report: ZonesReport) -> Iterator[str]:
    """Yield what is odd about its sensors."""
    reasons = {zone.why for zone in report.zones}
    words = {
        "not_temp": "zones_of_other_quantities",
        "absent": "zones_absent",
        "read_error": "zones_unreadable",
        "suspect": "zones_suspect",
    }
    yield from (word for why, word in words.items() if why in reasons)
    if len({zone.unit for zone in report.zones if zone.unit}) > 1:
        yield "zones_of_several_units"
    types = [zone.type for zone in report.zones]
    if len(set(types)) < len(types):
        yield "zones_share_types"


def of_battery(report: BatteryReport | None, supply: SupplyReport | None) -> Iterator[str]:
    """Yield what is odd about its battery."""
    if report is not None and report.faked:
        yield "battery_frozen"
    if report is not None and report.charge_mah is None:
        yield "no_charge_counter"
    if supply is None:
        yield "no_gauge"
        return
    if supply.supply != "battery":
        yield "gauge_by_another_name"
    if supply.current_unit == "mA":
        yield "current_in_mA"
    if supply.current_sign == "flipped":
        yield "current_flipped"


def of_thermal(report: ThermalReport | None) -> Iterator[str]:
    """Yield what is odd about Android's own thermal report."""
    if report is None:
        yield "no_thermal_service"
        return
    if report.fallback:
        yield "thermal_service_without_readings"
    if report.override:
        yield "thermal_status_forced"
    if report.absent:
        yield "thermal_service_lists_absent_sensors"
    if report.other:
        yield "thermal_service_lists_other_quantities"
