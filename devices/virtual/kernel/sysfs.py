"""The files that the kernel shows under /sys: CPU clocks and thermal zones."""

from collections.abc import Callable, Iterable
from errno import EACCES, EINVAL, ENODATA
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from devices.virtual.kernel.cpufreq import GOVERNORS, Policy
from devices.virtual.kernel.node import Node
from devices.virtual.kernel.procfs import proc_nodes
from devices.virtual.kernel.spec import Zone
from devices.virtual.kernel.supply import supply_nodes
from devices.virtual.kernel.thermal import CoolingDevice

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

CPU = "/sys/devices/system/cpu"
THERMAL = "/sys/class/thermal"
_UNITS = {"mC": 1000, "dC": 10, "C": 1}
_WRITABLE = ("scaling_governor", "scaling_max_freq", "scaling_min_freq", "scaling_setspeed")


def nodes_of(machine: "Machine") -> dict[str, Node]:
    """Return every file of a machine by absolute path."""
    nodes = {
        **_cpu_nodes(machine),
        **_thermal_nodes(machine),
        **supply_nodes(machine),
        **proc_nodes(machine),
    }
    quirks = machine.spec.quirks
    for path in list(nodes):
        if any(fnmatch(path, pattern) for pattern in quirks.missing):
            del nodes[path]
        elif any(fnmatch(path, pattern) for pattern in quirks.denied):
            nodes[path] = Node(_deny, None, 0o400)
    return nodes


def text(read: Callable[[], object]) -> Node:
    """Return a read-only file whose one line is `read()`."""
    return Node(lambda: f"{read()}\n".encode())


def cpu_list(cpus: Iterable[int]) -> str:
    """Return CPUs in the kernel's list format: 0-3,8."""
    spans: list[list[int]] = []
    for cpu in sorted(cpus):
        if spans and spans[-1][1] == cpu - 1:
            spans[-1][1] = cpu
        else:
            spans.append([cpu, cpu])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in spans)


def _deny() -> bytes:
    raise OSError(EACCES, "Permission denied")


def _cpu_nodes(machine: "Machine") -> dict[str, Node]:
    everyone = cpu_list(range(machine.chip.cpu_count))
    nodes = {f"{CPU}/{name}": text(lambda: everyone) for name in ("possible", "present", "online")}
    nodes[f"{CPU}/kernel_max"] = text(lambda: machine.chip.cpu_count - 1)
    for i, policy in enumerate(machine.chip.policies):
        files = _policy_nodes(machine, i, policy)
        capacity = machine.spec.clusters[i].capacity
        for name, node in files.items():
            nodes[f"{CPU}/cpufreq/policy{policy.cpus[0]}/{name}"] = node
        for cpu in policy.cpus:
            nodes.update({f"{CPU}/cpu{cpu}/cpufreq/{name}": node for name, node in files.items()})
            nodes[f"{CPU}/cpu{cpu}/cpu_capacity"] = text(_constant(capacity))
            nodes[f"{CPU}/cpu{cpu}/online"] = text(_constant(1))
            nodes[f"{CPU}/cpu{cpu}/topology/core_id"] = text(_constant(cpu))
            nodes[f"{CPU}/cpu{cpu}/topology/physical_package_id"] = text(_constant(0))
    return nodes


def _constant(value: object) -> Callable[[], object]:
    return lambda: value


def _policy_nodes(machine: "Machine", i: int, policy: Policy) -> dict[str, Node]:
    blanks = " ".join(map(str, policy.cpus))
    listed = policy.khz[::-1] if machine.spec.quirks.descending else policy.khz
    reads: dict[str, Callable[[], object]] = {
        "affected_cpus": lambda: blanks,
        "related_cpus": lambda: blanks,
        "cpuinfo_min_freq": lambda: policy.khz[0],
        "cpuinfo_max_freq": lambda: policy.khz[-1],
        "cpuinfo_cur_freq": lambda: policy.khz[machine.moment.points[i]],
        "cpuinfo_transition_latency": lambda: 0,
        "scaling_available_frequencies": lambda: "".join(f"{khz} " for khz in listed),
        "scaling_available_governors": lambda: "".join(f"{name} " for name in GOVERNORS),
        "scaling_boost_frequencies": lambda: "",
        "scaling_cur_freq": lambda: policy.khz[machine.moment.points[i]],
        "scaling_driver": lambda: machine.spec.quirks.cpufreq_driver,
        "scaling_governor": lambda: policy.governor,
        "scaling_max_freq": lambda: policy.limit_khz,
        "scaling_min_freq": lambda: policy.min_khz,
        "scaling_setspeed": lambda: (
            policy.setspeed_khz if policy.governor == "userspace" else "<unsupported>"
        ),
        "stats/total_trans": lambda: machine.counters.switches[i],
    }
    nodes = {name: text(read) for name, read in reads.items()}
    nodes["stats/time_in_state"] = Node(lambda: _time_in_state(machine, i, policy))
    for name in _WRITABLE:
        nodes[name] = Node(nodes[name].read, _writer(machine, policy, name), 0o644)
    return nodes


def _time_in_state(machine: "Machine", i: int, policy: Policy) -> bytes:
    """One row per clock: kHz and hundredths of a second, idle time included."""
    rows = zip(policy.khz, machine.counters.point_ns[i], strict=True)
    return "".join(f"{khz} {ns // 10_000_000}\n" for khz, ns in rows).encode()


def _writer(machine: "Machine", policy: Policy, name: str) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        machine.written()
        policy.write(name, data.decode(errors="replace").strip())

    return write


def _thermal_nodes(machine: "Machine") -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for i, zone in enumerate(machine.spec.zones):
        folder = f"{THERMAL}/thermal_zone{i}"
        nodes[f"{folder}/type"] = text(_constant(zone.type))
        nodes[f"{folder}/temp"] = text(_zone_reader(machine, i, zone))
        nodes[f"{folder}/mode"] = text(_constant("enabled"))
        nodes[f"{folder}/policy"] = text(_constant("step_wise"))
        nodes[f"{folder}/available_policies"] = text(_constant("step_wise user_space "))
        nodes.update(_trip_nodes(machine, folder, zone))
    for i, device in enumerate(machine.cooling):
        folder = f"{THERMAL}/cooling_device{i}"
        nodes[f"{folder}/type"] = text(_constant(device.type))
        nodes[f"{folder}/max_state"] = text(_constant(device.max_state))
        nodes[f"{folder}/cur_state"] = Node(
            text(_state_reader(machine, i)).read, _state_writer(machine, device), 0o644
        )
    return nodes


def _trip_nodes(machine: "Machine", folder: str, zone: Zone) -> dict[str, Node]:
    nodes = {}
    scale = _UNITS[zone.unit]
    for k, trip in enumerate(zone.trips):

        def celsius(base_c: float = trip.celsius) -> object:
            return round((base_c + machine.guard.shift_k) * scale)

        nodes[f"{folder}/trip_point_{k}_temp"] = text(celsius)
        nodes[f"{folder}/trip_point_{k}_hyst"] = text(_constant(round(trip.hysteresis * scale)))
        nodes[f"{folder}/trip_point_{k}_type"] = text(_constant(trip.type))
    return nodes


def _zone_reader(machine: "Machine", i: int, zone: Zone) -> Callable[[], object]:
    scale = _UNITS[zone.unit]

    def read() -> object:
        if i in machine.zones.lost:
            raise OSError(ENODATA, "No data available")
        if zone.absent is not None:
            return zone.absent
        temps, moment = machine.present()
        return round(machine.zones.thermometers[i](temps, moment, machine.now_ns) * scale)

    return read


def _state_reader(machine: "Machine", i: int) -> Callable[[], object]:
    return lambda: machine.moment.states[i]


def _state_writer(machine: "Machine", device: CoolingDevice) -> Callable[[bytes], None]:
    def write(data: bytes) -> None:
        word = data.decode(errors="replace").strip()
        if not word.isdecimal() or int(word) > device.max_state:
            raise OSError(EINVAL, "Invalid argument")
        machine.written()
        device.vote("user", int(word) or None)

    return write
