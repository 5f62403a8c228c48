"""The files under /sys/class/thermal: zones, their trips and governors, cooling devices."""

from errno import EINVAL, ENODATA
from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.node import KernelFile, Read, constant, text, whole, writable
from devices.virtual.kernel.spec import Zone
from devices.virtual.kernel.thermal import USER, CoolingDevice
from devices.virtual.kernel.zone_governor import GOVERNORS

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

THERMAL = "/sys/class/thermal"
_UNITS = {"mC": 1000, "dC": 10, "C": 1}


def thermal_files(like: "Machine") -> dict[str, KernelFile]:
    """Return the files of all zones and cooling devices."""
    files: dict[str, KernelFile] = {}
    for i, zone in enumerate(like.spec.zones):
        folder = f"{THERMAL}/thermal_zone{i}"
        files[f"{folder}/type"] = text(constant(zone.type))
        files[f"{folder}/temp"] = text(_zone_reader(i, zone))
        files[f"{folder}/mode"] = text(constant("enabled"))
        files[f"{folder}/available_policies"] = text(constant(" ".join((*GOVERNORS, ""))))
        files[f"{folder}/policy"] = _policy_file(i, zone, is_governed=i in like.guard.governed)
        files.update(_trip_files(folder, zone))
    for i, device in enumerate(like.cooling):
        folder = f"{THERMAL}/cooling_device{i}"
        its = _cooling_files(i, device, len(like.chip.clocks) + i)
        files.update({f"{folder}/{name}": file for name, file in its.items()})
    return files


def _policy_file(i: int, zone: Zone, *, is_governed: bool) -> KernelFile:
    """Return the file that names a zone's governor; where nothing is cooled, it rules nothing."""
    if not is_governed:
        return text(constant(zone.governor))

    def write(machine: "Machine", word: str) -> None:
        machine.guard.governed[i].choose(word)
        machine.written()

    return writable(lambda machine: machine.guard.governed[i].name, write)


def _trip_files(folder: str, zone: Zone) -> dict[str, KernelFile]:
    files = {}
    scale = _UNITS[zone.unit]
    for k, trip in enumerate(zone.trips):
        files[f"{folder}/trip_point_{k}_temp"] = text(partial(_trip, trip.celsius, scale))
        files[f"{folder}/trip_point_{k}_hyst"] = text(constant(round(trip.hysteresis * scale)))
        files[f"{folder}/trip_point_{k}_type"] = text(constant(trip.type))
    return files


def _trip(base_c: float, scale: int, machine: "Machine") -> object:
    return round((base_c + machine.guard.shift_k) * scale)


def _zone_reader(i: int, zone: Zone) -> Read:
    scale = _UNITS[zone.unit]

    def read(machine: "Machine") -> object:
        if i in machine.zones.lost:
            raise OSError(ENODATA, "No data available")
        if zone.absent is not None:
            return zone.absent
        temps, moment = machine.present()
        return round(machine.zones.thermometers[i](temps, moment, machine.now_ns) * scale)

    return read


def _cooling_files(i: int, device: CoolingDevice, tally: int) -> dict[str, KernelFile]:
    return {
        "type": text(constant(device.type)),
        "max_state": text(constant(device.max_state)),
        "cur_state": writable(lambda machine: machine.moment.states[i], partial(_set_state, i)),
        "stats/total_trans": text(lambda machine: machine.counters.tallies[tally].changes),
        "stats/time_in_state_ms": KernelFile(partial(_time_in_state, tally)),
    }


def _time_in_state(tally: int, machine: "Machine") -> bytes:
    times = enumerate(machine.counters.tallies[tally].ns)
    return "".join(f"state{state}\t{ns // 1_000_000}\n" for state, ns in times).encode()


def _set_state(i: int, machine: "Machine", word: str) -> None:
    device, state = machine.cooling[i], whole(word)
    if state > device.max_state:
        raise OSError(EINVAL, "Invalid argument")
    machine.written()
    device.vote(USER, state or None)
