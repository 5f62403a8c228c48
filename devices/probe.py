"""Finds out what a phone is by asking it; nothing is guessed from a product name."""

from collections.abc import Mapping
from dataclasses import dataclass

from devices import cpuinfo, quirks
from devices import root as root_rights
from devices.agent.install import ABIS_PROPERTY, known_abis
from devices.cpuinfo import CpuinfoReport
from devices.dumpsys import battery, thermalservice
from devices.dumpsys.battery import BatteryReport
from devices.dumpsys.thermalservice import ThermalReport
from devices.errors import TransientDeviceError
from devices.phone import Phone
from devices.profile import Cluster, DeviceKind, DeviceProfile, Gauge, ThermalZone
from devices.properties import PropertiesReport
from devices.properties import read as read_properties
from devices.reports import integer
from devices.root import RootReport
from devices.sysfs import cpufreq, power_supply
from devices.sysfs.power_supply import SupplyReport
from devices.sysfs.thermal import ZonesReport, is_skin, read_zones

_KIND_PROPERTY = "ro.simmer.kind"  # a real phone has none
_SPEED_PROPERTY = "ro.simmer.speed"
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a phone said, report by report; None where it refused."""

    properties: PropertiesReport
    cpus: cpufreq.CpuReport
    cores: CpuinfoReport | None
    zones: ZonesReport
    battery: BatteryReport | None
    supply: SupplyReport | None
    thermal: ThermalReport | None
    root: RootReport


def probe(phone: Phone) -> DeviceProfile:
    """Return the facts of one phone; what it does not tell stays empty."""
    answers = _ask(phone)
    clusters = _clusters(answers.cpus)
    agent_abis = _agent_abis(answers.properties.props)
    identity, props = answers.properties.identity, answers.properties.props
    return DeviceProfile(
        serial=phone.serial,
        kind=_kind(props),
        manufacturer=identity.manufacturer or "",
        model=identity.market_name or identity.model or "",
        product=props.get("ro.product.name", ""),
        soc=identity.soc or "",
        android=identity.android or "",
        sdk=identity.sdk,
        abis=identity.abis,
        agent_abis=agent_abis,
        fingerprint=props.get("ro.build.fingerprint", ""),
        boot_id=phone.run(["cat", _BOOT_ID]).stdout.strip(),
        speed=float(props.get(_SPEED_PROPERTY) or 1.0),
        memory_kb=_memory_kb(phone),
        clusters=clusters,
        zones=tuple(
            ThermalZone(index=zone.i, type=zone.type, unit=zone.unit)
            for zone in answers.zones.zones
        ),
        skin_zones=_skin_zones(answers),
        gauge=_gauge(answers.supply),
        rails=("battery",) if _can_measure_power(answers.supply) else (),
        is_rooted=answers.root.root,
        root=answers.root.reason,
        capabilities=_capabilities(answers, agent_abis),
        quirks=_quirks(answers),
        degrades=_degrades(answers, agent_abis),
    )


def _ask(phone: Phone) -> _Answers:
    properties = read_properties(phone)
    if properties.truncated:
        raise TransientDeviceError(f"{phone.serial} broke off while it listed its properties")
    return _Answers(
        properties=properties,
        cpus=cpufreq.read(phone),
        cores=cpuinfo.read(phone),
        zones=read_zones(phone),
        battery=battery.read(phone),
        supply=power_supply.read(phone),
        thermal=thermalservice.read(phone),
        root=root_rights.ask(phone)[1],
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


def _gauge(report: SupplyReport | None) -> Gauge | None:
    if report is None:
        return None
    flows = bool(report.current_ma)
    return Gauge(
        supply=report.supply,
        current_unit=report.current_unit if flows else None,
        current_sign=report.current_sign if flows else None,
        full_mah=report.charge_full_mah,
    )


def _skin_zones(answers: _Answers) -> tuple[str, ...]:
    """Return the zones that Android itself takes for the skin, or that are named so."""
    told = answers.thermal.skins if answers.thermal else ()
    zones = [zone.type for zone in answers.zones.zones if zone.c is not None]
    return tuple(zone for zone in zones if zone in told or is_skin(zone))


def _can_measure_power(report: SupplyReport | None) -> bool:
    return report is not None and report.voltage_v is not None and report.current_ma is not None


def _memory_kb(phone: Phone) -> int | None:
    lines = phone.run(["cat", "/proc/meminfo"]).stdout.splitlines()
    totals = [line.split()[1] for line in lines if line.startswith("MemTotal:")]
    return integer(totals[0]) if totals else None


def _capabilities(answers: _Answers, agent_abis: tuple[str, ...]) -> dict[str, bool]:
    clusters, thermal = answers.cpus.clusters, answers.thermal
    return {
        "agent": any(abi in known_abis() for abi in agent_abis),
        "battery": _has_battery(answers.battery),
        "temperature": any(zone.c is not None for zone in answers.zones.zones),
        "skin": bool(_skin_zones(answers)),
        "thermal_status": thermal is not None,
        "power": _can_measure_power(answers.supply),
        "frequency": bool(clusters),
        "frequency_cap": bool(clusters) and all(c.cap_khz is not None for c in clusters),
        "set_frequency": answers.root.root and bool(clusters),
    }


def _has_battery(report: BatteryReport | None) -> bool:
    return report is not None and report.present and report.temperature_c is not None


def _quirks(answers: _Answers) -> tuple[str, ...]:
    return (
        *quirks.of_properties(answers.properties),
        *quirks.of_clusters(answers.cpus),
        *quirks.of_cpuinfo(answers.cores),
        *quirks.of_zones(answers.zones),
        *quirks.of_battery(answers.battery, answers.supply),
        *quirks.of_thermal(answers.thermal),
    )


#: What a phone lacks when it lacks a capability, and what that means for a run.
_LACKS = {
    "temperature": "No temperature: no thermal zone can be read.",
    "frequency": "No clock speeds: cpufreq cannot be read.",
    "battery": "No battery to watch: runs go on without its limits.",
    "power": "No power: the gauge tells no current, so no run has an energy.",
    "skin": "No skin temperature: neither Android nor the name of a sensor tells which one it is.",
    "frequency_cap": "Caps cannot be read: throttling is seen by clocks and latency alone.",
}
_PART_OF = {"skin": "temperature", "frequency_cap": "frequency"}  # a lack that says it already
_WITHOUT_ROOT = {
    "no_su": "there is no su",
    "denied": "su refuses; allow it in the manager of root rights on the phone",
    "not_root": "su gives no other rights",
    "no_answer": "su gives no answer; look at the phone's screen",
    "bad_syntax": "su does not understand us",
}


def _degrades(answers: _Answers, agent_abis: tuple[str, ...]) -> tuple[str, ...]:
    """Return sentences for people: what will not work here, and why."""
    abis = answers.properties.identity.abis
    has = _capabilities(answers, agent_abis)
    sentences = []
    if not agent_abis:
        abi = abis[0] if abis else "this phone"
        sentences.append(f"Nothing can be measured: there is no agent for {abi} yet.")
    sentences += [
        sentence
        for name, sentence in _LACKS.items()
        if not has[name] and has.get(_PART_OF.get(name, ""), True)
    ]
    if not answers.root.root:
        why = _WITHOUT_ROOT.get(answers.root.reason, "su failed")
        sentences.append(f"Clocks and governors cannot be set: {why}.")
    elif answers.root.reason == "restricted":
        sentences.append("Root is bound here: each write may be refused and is read back.")
    return tuple(sentences)
