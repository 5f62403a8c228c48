"""Whether the blocks of a phone file fit together: names that one block takes from another."""

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from devices.virtual.kernel import devfreq
from devices.virtual.kernel import governors as cpu
from devices.virtual.kernel.blocks import Radio, RadioLink
from devices.virtual.physics.thermal import NODES

if TYPE_CHECKING:
    from devices.virtual.kernel.spec import PhoneSpec, Vendor

_AIR = "amb"


def misfits(spec: "PhoneSpec") -> Iterator[str]:
    """Yield one sentence per name that nothing else in the file explains."""
    clusters = [cluster.name for cluster in spec.clusters]
    coolable = [*clusters, "gpu"] if spec.gpu else clusters
    cooled = [device.cluster for device in spec.cooling]
    yield from _cpus(spec)
    yield from _governors(spec)
    for device in spec.cooling:
        yield from _unknown(f"cooling {device.type}: cluster", [device.cluster], coolable)
    for zone in spec.zones:
        yield from _unknown(f"zone {zone.type}: node", zone.node, NODES)
        if zone.hot_part:
            yield from _unknown(f"zone {zone.type}: hot_part", [zone.hot_part], clusters)
        for trip in zone.trips:
            yield from _unknown(f"zone {zone.type}: cools", trip.cools, cooled)
    for edge in spec.heat.resistance_k_w:
        yield from _unknown("heat.resistance_k_w", edge.split("-"), (*NODES, _AIR))
    for link in _links(spec.radio):
        yield from _unknown("radio: node", link.node, NODES)
    if spec.vendor:
        yield from _unknown("vendor: zone", [spec.vendor.zone], [z.type for z in spec.zones])
        yield from _unknown("vendor: cluster", _capped(spec.vendor), cooled)


def _cpus(spec: "PhoneSpec") -> Iterator[str]:
    everyone = sorted(cpu for cluster in spec.clusters for cpu in cluster.cpus)
    if everyone != list(range(len(everyone))):
        yield f"the clusters' cpus are {everyone}: each CPU from 0 on belongs to one cluster"
    strongest = max(cluster.capacity for cluster in spec.clusters)
    if strongest != 1024:
        yield f"the strongest core has capacity {strongest}: scale all so that it has 1024"
    yield from _unknown("reference: cpus", spec.reference.cpus, everyone)


def _governors(spec: "PhoneSpec") -> Iterator[str]:
    for cluster in spec.clusters:
        yield from _unknown(f"{cluster.name}: governor", [cluster.governor], cpu.GOVERNORS)
    for name, block in (("gpu", spec.gpu), ("memory.levels", spec.memory.levels)):
        if block:
            yield from _unknown(f"{name}: governor", [block.governor], devfreq.GOVERNORS)


def _links(radio: Radio | None) -> tuple[RadioLink, ...]:
    if radio is None:
        return ()
    return (radio.wifi, radio.cellular) if radio.cellular else (radio.wifi,)


def _capped(vendor: "Vendor") -> set[str]:
    names = {name for rule in vendor.rules for name in rule.caps_khz}
    names |= {rule.cluster for rule in vendor.steps}
    for pid in (vendor.pid, vendor.pid_with_gpu):
        names |= set(pid.state_mw) if pid else set()
    return names


def _unknown(place: str, names: Iterable[int | str], known: Collection[int | str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{place} {name!r} is not among {', '.join(map(str, known))}"
