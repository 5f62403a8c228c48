"""From what an agent calls a sensor to the channel that people see; pure."""

from collections.abc import Mapping
from typing import Any

from devices.agent.messages import WIRE_UNITS
from devices.channels import Channel
from devices.samples import Event, Group

_CLUSTER_FIELDS = {"cur_khz": "frequency", "max_khz": "frequency_cap", "min_khz": "frequency_floor"}
_NETWORK = {"net:up": "network.up", "net:down": "network.down", "net:rtt": "network.rtt"}
_CLASSES = {"thermal": "zone.{}.temperature", "cooling": "cooling.{}.state"}
_FIXED = {
    "mem.cur_khz": "memory.frequency",
    "mem.max_khz": "memory.frequency_cap",
    "mem.cur_level": "memory.level",
    "gpu.cur_khz": "gpu.frequency",
    "gpu.max_khz": "gpu.frequency_cap",
    "util:gpu": "gpu.utilization",
    "power:temp": "battery.temperature",
    "power:current": "battery.current",
    "power:voltage": "battery.voltage",
    "power:level": "battery.level",
    "power:status": "battery.status",
    "mem:available": "memory.available",
    "phys:power": "system.power",
    "util:all": "cpu.all.utilization",
    **_NETWORK,
}
_INFERENCE = {
    "lat_us": "latency",
    "q_us": "queue",
    "cpu_us": "cpu",
    "uj": "energy",
    "head_us": "head",
    "net_us": "network",
    "srv_us": "peer_compute",
    "srvq_us": "peer_queue",
    "tx": "sent",
    "rx": "received",
}
_SEGMENT = {
    "op_lane": "lane",
    "op_slot": "slot",
    "op_seg": "number",
    "op_us": "duration",
    "op_uj": "energy",
    "op_core": "core_clock",
    "op_mem": "memory_clock",
}
_ENVELOPE = frozenset(("ev", "n", "t", "trial", "i"))


def channel_of(source: str, wire_unit: str, clusters: Mapping[int, str]) -> Channel:
    """Return the channel of one sensor id such as `thermal:skin` or `cluster4.cur_khz`.

    `clusters` names the kernel's cpufreq policies: {0: "little", 4: "big"}.
    """
    if wire_unit not in WIRE_UNITS:
        raise ValueError(f"{source} counts in {wire_unit!r}; known: {', '.join(WIRE_UNITS)}")
    unit, exp = WIRE_UNITS[wire_unit]
    return Channel(_name_of(source, clusters)[:128], unit, exp, source)


def _name_of(source: str, clusters: Mapping[int, str]) -> str:
    if source in _FIXED:
        return _FIXED[source]
    kind, _, rest = source.partition(":")
    if kind in _CLASSES:
        return _CLASSES[kind].format(rest)
    if kind == "util":
        return f"cpu.{_cluster_name(rest, clusters)}.utilization"
    cluster, _, quantity = source.partition(".")
    if quantity in _CLUSTER_FIELDS:
        return f"cpu.{_cluster_name(cluster, clusters)}.{_CLUSTER_FIELDS[quantity]}"
    return source.replace(":", ".")


def _cluster_name(word: str, clusters: Mapping[int, str]) -> str:
    digits = word.removeprefix("cluster")
    return clusters.get(int(digits), word) if digits.isdigit() else word


def decode_group(line: Mapping[str, Any], clusters: Mapping[int, str]) -> Group:
    """Return the clock group that a `group` event declares; its first column is the clock."""
    columns = [_channel(column, clusters) for column in line["cols"][1:]]
    period_us = line.get("period_us")
    return Group(
        trial=int(line["trial"]),
        number=int(line["g"]),
        name=str(line["name"]),
        period_us=int(period_us) if period_us else None,
        channels=tuple(columns),
    )


def _channel(column: Mapping[str, Any], clusters: Mapping[int, str]) -> Channel:
    if "id" in column:
        return channel_of(str(column["id"]), str(column["unit"]), clusters)
    unit, exp = WIRE_UNITS[column["unit"]]
    name = str(column["name"])
    if name in _SEGMENT:
        return Channel(f"segment.{_SEGMENT[name]}", unit, exp, name)
    return Channel(f"inference.{_INFERENCE.get(name, name)}", unit, exp, name)


def decode_event(line: Mapping[str, Any]) -> Event:
    """Return an indexed event; what is not part of its envelope is its data."""
    return Event(
        trial=int(line["trial"]),
        i=int(line["i"]),
        t_ns=int(line["t"]),
        kind=str(line["ev"]),
        data={key: value for key, value in line.items() if key not in _ENVELOPE},
    )
