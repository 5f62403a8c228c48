"""What the catalog shows to whoever may not look inside: every phone, with its sources.

`python -m devices.virtual --list --json` prints it; pages and scripts read that.
"""

import json
import re
from collections.abc import Iterator, Sequence

from devices.virtual.catalog import PhoneSpec
from devices.virtual.kernel.chip import Chip
from devices.virtual.physics.power import REFERENCE_C
from devices.virtual.physics.thermal import HEATED, NODES, Heat, HeatFlow, network_of

_ESTIMATED = re.compile(r"estimate|fitted for other", re.IGNORECASE)
_BLOCKS = (
    "identity",
    "memory",
    "gpu",
    "display",
    "battery",
    "base",
    "heat",
    "vendor",
    "reference",
    "quirks",
)
_PROBE_W = 1.0


def described(spec: PhoneSpec) -> dict[str, object]:
    """Return a phone's file as JSON, with its sources in one list and what follows from it.

    A threshold that is never reached is null.
    """
    facts: dict[str, object] = json.loads(spec.model_dump_json())
    facts["sources"] = [
        {"block": block, "source": source, "estimated": estimated(source)}
        for block, source in sources(spec)
    ]
    facts["derived"] = {"power": power(spec), "heat": heat(spec)}
    return facts


def sources(spec: PhoneSpec) -> Iterator[tuple[str, str]]:
    """Yield (block, source) in the order of the file."""
    for name in _BLOCKS:
        block = getattr(spec, name)
        if block is not None:
            yield name, block.source
        if name == "memory":
            if spec.memory.levels:
                yield "memory.levels", spec.memory.levels.source
            yield from _of_clusters(spec)
        if name == "gpu" and spec.radio:
            yield "radio.wifi", spec.radio.wifi.source
            if spec.radio.cellular:
                yield "radio.cellular", spec.radio.cellular.source
        if name == "heat":
            yield from ((f"zones.{zone.type}", zone.source) for zone in spec.zones)
            yield from ((f"cooling.{device.type}", device.source) for device in spec.cooling)


def _of_clusters(spec: PhoneSpec) -> Iterator[tuple[str, str]]:
    for cluster in spec.clusters:
        yield f"clusters.{cluster.name}", cluster.source
        if cluster.idle:
            yield f"clusters.{cluster.name}.idle", cluster.idle.source


def estimated(source: str) -> str:
    """Return how much of a block is estimated, by its source's own words: none, some or all."""
    if not _ESTIMATED.search(source):
        return "none"
    return "all" if source.startswith("estimated") else "some"


def power(spec: PhoneSpec) -> list[dict[str, object]]:
    """Return what one busy core of each cluster draws with CoreMark, its cluster's floor included.

    That is a unit of average power with a die of 40 °C; per row kHz, µV and mW.
    """
    chip = Chip(spec, 0)
    found: list[dict[str, object]] = []
    for cluster, policy, table in zip(spec.clusters, chip.policies, chip.power, strict=True):
        microvolts = {opp[0]: opp[1] for opp in cluster.opps}
        rows = [
            (khz, microvolts[khz], round(1e3 * table.power_w(point, 1.0, 1.0, REFERENCE_C), 1))
            for point, khz in enumerate(policy.khz)
        ]
        is_measured = all(len(opp) == 3 for opp in cluster.opps)
        found.append({"cluster": cluster.name, "measured": is_measured, "rows": rows})
    return found


def heat(spec: PhoneSpec) -> dict[str, object]:
    """Return what the case does: time constants [s], and steady rise per watt on the chip [K/W]."""
    flow = HeatFlow(network_of(spec.heat.capacity_j_k, spec.heat.resistance_k_w))
    on_the_die: Heat = (_PROBE_W, *(0.0 for _ in HEATED[1:]))  # type: ignore[assignment]
    rise = flow.equilibrium(on_the_die, 0.0)
    return {
        "time_constants_s": [round(tau, 2) for tau in flow.time_constants_s],
        "rise_k_w": {node: round(k, 2) for node, k in zip(NODES, rise, strict=True)},
    }


def table(specs: Sequence[PhoneSpec]) -> Iterator[str]:
    """Yield the catalog as lines of text: one row per phone, then every source once."""
    yield _ROW.format(*_HEAD)
    for spec in specs:
        yield _ROW.format(*_row(spec)).rstrip()
    yield ""
    yield "Sources, per block; 'estimated' says which numbers nobody has published."
    for spec in specs:
        yield f"\n{spec.name}"
        blocks: dict[str, list[str]] = {}
        for block, source in sources(spec):
            blocks.setdefault(source, []).append(block)
        for source, names in blocks.items():
            yield f"  {_shortened(names)}: {source}"


_HEAD = ("name", "phone", "Android", "chip", "cores", "top MHz", "GPU", "DRAM", "zones", "skin")
_ROW = "{:<16} {:<18} {:>7}  {:<12} {:<6} {:<15} {:<15} {:>4} {:>6}  {}"


def _row(spec: PhoneSpec) -> tuple[object, ...]:
    levels = spec.memory.levels
    return (
        spec.name,
        spec.identity.market_name,
        spec.identity.android,
        spec.identity.soc,
        "+".join(str(len(cluster.cpus)) for cluster in spec.clusters),
        "/".join(str(round(_top_khz(spec, i) / 1e3)) for i in range(len(spec.clusters))),
        spec.gpu.name if spec.gpu else "–",
        len(levels.rows) if levels else "–",
        len(spec.zones),
        spec.vendor.zone if spec.vendor else "–",
    )


def _top_khz(spec: PhoneSpec, i: int) -> int:
    cluster = spec.clusters[i]
    return max(opp[0] for opp in cluster.opps if opp[0] not in cluster.hidden_khz)


def _shortened(blocks: list[str]) -> str:
    """Return `zones.a, zones.b, zones.c` as `zones (3)`, anything else as it is."""
    groups: dict[str, list[str]] = {}
    for block in blocks:
        groups.setdefault(block.split(".")[0] if block.startswith("zones.") else block, []).append(
            block
        )
    return ", ".join(
        group if len(members) == 1 and group != "zones" else f"{group} ({len(members)})"
        for group, members in groups.items()
    )
