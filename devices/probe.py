"""Finds out what a phone is by asking it; nothing is guessed from a product name."""

from collections.abc import Mapping

from devices.agent.install import ABIS_PROPERTY, known_abis
from devices.dumpsys import battery
from devices.errors import TransientDeviceError
from devices.phone import Phone
from devices.profile import Cluster, DeviceKind, DeviceProfile, ThermalZone
from devices.properties import PropertiesReport
from devices.properties import read as read_properties
from devices.reports import integer
from devices.root import find_root
from devices.sysfs import cpufreq
from devices.sysfs.thermal import ZonesReport, read_zones

_KIND_PROPERTY = "ro.simmer.kind"  # a real phone has none
_SPEED_PROPERTY = "ro.simmer.speed"
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


def probe(phone: Phone) -> DeviceProfile:
    """Return the facts of one phone; what it does not tell stays empty."""
    report = read_properties(phone)
    if report.truncated:
        raise TransientDeviceError(f"{phone.serial} broke off while it listed its properties")
    clusters = _clusters(cpufreq.read(phone))
    zones = read_zones(phone)
    has_battery = _has_battery(phone)
    is_rooted = find_root(phone) is not None
    agent_abis = _agent_abis(report.props)
    return DeviceProfile(
        serial=phone.serial,
        kind=_kind(report.props),
        manufacturer=report.identity.manufacturer or "",
        model=report.identity.market_name or report.identity.model or "",
        product=report.props.get("ro.product.name", ""),
        soc=report.identity.soc or "",
        android=report.identity.android or "",
        sdk=report.identity.sdk,
        abis=report.identity.abis,
        agent_abis=agent_abis,
        fingerprint=report.props.get("ro.build.fingerprint", ""),
        boot_id=phone.run(["cat", _BOOT_ID]).stdout.strip(),
        speed=float(report.props.get(_SPEED_PROPERTY) or 1.0),
        memory_kb=_memory_kb(phone),
        clusters=clusters,
        zones=tuple(ThermalZone(index=zone.i, type=zone.type) for zone in zones.zones),
        is_rooted=is_rooted,
        capabilities={
            "agent": any(abi in known_abis() for abi in agent_abis),
            "battery": has_battery,
            "temperature": any(zone.c is not None for zone in zones.zones),
            "frequency": bool(clusters),
            "set_frequency": is_rooted and bool(clusters),
        },
        degrades=_degrades(report, clusters, zones, agent_abis, has_battery=has_battery),
    )


def _kind(props: Mapping[str, str]) -> DeviceKind:
    return DeviceKind(props.get(_KIND_PROPERTY) or DeviceKind.PHONE)


def _agent_abis(props: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(props.get(ABIS_PROPERTY, "").replace(",", " ").split())


def _clusters(report: cpufreq.CpuReport) -> tuple[Cluster, ...]:
    names = cpufreq.names_of(report)
    return tuple(
        Cluster(
            name=names[cluster.policy],
            policy=cluster.policy,
            cpus=cluster.cpus,
            frequencies_khz=cluster.khz,
            max_khz=cluster.max_khz or 0,
            cap_khz=cluster.cap_khz,
            governor=cluster.governor,
        )
        for cluster in sorted(report.clusters, key=lambda cluster: cluster.policy)
    )


def _has_battery(phone: Phone) -> bool:
    report = battery.read(phone)
    return report is not None and report.present and report.temperature_c is not None


def _memory_kb(phone: Phone) -> int | None:
    lines = phone.run(["cat", "/proc/meminfo"]).stdout.splitlines()
    totals = [line.split()[1] for line in lines if line.startswith("MemTotal:")]
    return integer(totals[0]) if totals else None


def _degrades(
    report: PropertiesReport,
    clusters: tuple[Cluster, ...],
    zones: ZonesReport,
    agent_abis: tuple[str, ...],
    *,
    has_battery: bool,
) -> tuple[str, ...]:
    abi = report.identity.abis[0] if report.identity.abis else "this phone"
    sentences = {
        f"Nothing can be measured: there is no agent for {abi} yet.": not agent_abis,
        "No temperature: no thermal zone can be read.": all(z.c is None for z in zones.zones),
        "No clock speeds: cpufreq cannot be read.": not clusters,
        "No battery to watch: runs go on without its limits.": not has_battery,
    }
    return tuple(sentence for sentence, applies in sentences.items() if applies)
