"""The files under /sys/class/thermal: zones, their trips and governors, cooling devices."""

from collections.abc import Callable
from errno import EINVAL, ENODATA
from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.node import Node, constant, text, whole, writable
from devices.virtual.kernel.spec import Zone
from devices.virtual.kernel.thermal import USER, CoolingDevice
from devices.virtual.kernel.zone_governor import GOVERNORS, GovernedZone

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

THERMAL = "/sys/class/thermal"
_UNITS = {"mC": 1000, "dC": 10, "C": 1}


def thermal_nodes(machine: "Machine") -> dict[str, Node]:
    """Return the files of all zones and cooling devices."""
    nodes: dict[str, Node] = {}
    for i, zone in enumerate(machine.spec.zones):
        folder = f"{THERMAL}/thermal_zone{i}"
        nodes[f"{folder}/type"] = text(constant(zone.type))
        nodes[f"{folder}/temp"] = text(_zone_reader(machine, i, zone))
        nodes[f"{folder}/mode"] = text(constant("enabled"))
        nodes[f"{folder}/available_policies"] = text(constant(" ".join((*GOVERNORS, ""))))
        nodes[f"{folder}/policy"] = _policy_node(machine, zone, machine.guard.governed.get(i))
        nodes.update(_trip_nodes(machine, folder, zone))
    for i, device in enumerate(machine.cooling):
        folder = f"{THERMAL}/cooling_device{i}"
        files = _cooling_nodes(machine, i, device)
        nodes.update({f"{folder}/{name}": node for name, node in files.items()})
    return nodes


def _policy_node(machine: "Machine", zone: Zone, governed: GovernedZone | None) -> Node:
    """Return the file that names a zone's governor; where nothing is cooled, it rules nothing."""
    if governed is None:
        return text(constant(zone.governor))

    def write(word: str) -> None:
        governed.choose(word)
        machine.written()

    return writable(lambda: governed.name, write)


def _trip_nodes(machine: "Machine", folder: str, zone: Zone) -> dict[str, Node]:
    nodes = {}
    scale = _UNITS[zone.unit]
    for k, trip in enumerate(zone.trips):

        def celsius(base_c: float = trip.celsius) -> object:
            return round((base_c + machine.guard.shift_k) * scale)

        nodes[f"{folder}/trip_point_{k}_temp"] = text(celsius)
        nodes[f"{folder}/trip_point_{k}_hyst"] = text(constant(round(trip.hysteresis * scale)))
        nodes[f"{folder}/trip_point_{k}_type"] = text(constant(trip.type))
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


def _cooling_nodes(machine: "Machine", i: int, device: CoolingDevice) -> dict[str, Node]:
    tally = len(machine.chip.clocks) + i
    return {
        "type": text(constant(device.type)),
        "max_state": text(constant(device.max_state)),
        "cur_state": writable(
            lambda: machine.moment.states[i], partial(_set_state, machine, device)
        ),
        "stats/total_trans": text(lambda: machine.counters.tallies[tally].changes),
        "stats/time_in_state_ms": Node(lambda: _time_in_state(machine, tally)),
    }


def _time_in_state(machine: "Machine", tally: int) -> bytes:
    times = enumerate(machine.counters.tallies[tally].ns)
    return "".join(f"state{state}\t{ns // 1_000_000}\n" for state, ns in times).encode()


def _set_state(machine: "Machine", device: CoolingDevice, word: str) -> None:
    state = whole(word)
    if state > device.max_state:
        raise OSError(EINVAL, "Invalid argument")
    machine.written()
    device.vote(USER, state or None)
