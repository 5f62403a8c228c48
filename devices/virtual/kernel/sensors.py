"""Compiled readers: what a sampler on the phone sees of the machine at any recent instant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devices.virtual.kernel.gpu import BUSY_FILE
from devices.virtual.kernel.history import Moment
from devices.virtual.kernel.zones import Thermometer, Zones
from devices.virtual.physics.thermal import BAT, Temperatures

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

Reader = Callable[[Temperatures, Moment, int], int | None]


@dataclass(frozen=True, slots=True)
class SensorInfo:
    """One sensor that an agent on the phone can sample."""

    id: str  # class:name as in the agent protocol
    path: str  # the file it is read from; empty for what only a simulation knows
    unit: str  # of the sampled integer: mC kHz uA uV pm kB mW, or 1
    read_us: int  # what one read costs [µs] (estimated)
    period_us: int  # how often the value can change [µs]


def sensors_of(machine: "Machine") -> dict[str, tuple[SensorInfo, Reader]]:
    """List every sensor of a machine with its reader, by id."""
    rows = [
        *_thermal(machine.zones),
        *_clocks(machine),
        *_domains(machine),
        *_cooling(machine),
        *_power(machine),
        *_load(machine),
    ]
    return {info.id: (info, reader) for info, reader in rows}


def sampler(
    machine: "Machine", ids: Sequence[str], known: dict[str, tuple[SensorInfo, Reader]]
) -> Callable[[int], list[int | None]]:
    """Compile a reader of these sensors; raises KeyError for an unknown id."""
    readers = tuple(known[name][1] for name in ids)
    at = machine.history.at

    def sample(t_ns: int) -> list[int | None]:
        before, moment, share = at(t_ns)
        temps = moment.temps_c
        if share < 1.0:
            temps = between(before.temps_c, temps, share)
        return [reader(temps, moment, t_ns) for reader in readers]

    return sample


def between(one: Temperatures, other: Temperatures, share: float) -> Temperatures:
    """Interpolate node temperatures."""
    a = [x + (y - x) * share for x, y in zip(one, other, strict=True)]
    return (a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8])


def _thermal(zones: Zones) -> list[tuple[SensorInfo, Reader]]:
    rows = []
    for i, name in enumerate(zones.ids()):
        spec = zones.specs[i]
        if spec.absent is not None:
            continue
        info = SensorInfo(
            f"thermal:{name}", f"/sys/class/thermal/thermal_zone{i}/temp", "mC", 40,
            spec.refresh_ms * 1000,
        )  # fmt: skip
        rows.append((info, _milli_celsius(zones.thermometers[i], zones.lost, i)))
    return rows


def _milli_celsius(read: Thermometer, lost: set[int], index: int) -> Reader:
    def reader(temps: Temperatures, moment: Moment, t_ns: int) -> int | None:
        return None if index in lost else round(read(temps, moment, t_ns) * 1000)

    return reader


def _clocks(machine: "Machine") -> list[tuple[SensorInfo, Reader]]:
    rows = []
    for i, policy in enumerate(machine.chip.policies):
        number = policy.cpus[0]
        folder = f"/sys/devices/system/cpu/cpufreq/policy{number}"
        cur = SensorInfo(
            f"cluster{number}.cur_khz", f"{folder}/scaling_cur_freq", "kHz", 12, 100_000
        )
        cap = SensorInfo(
            f"cluster{number}.max_khz", f"{folder}/scaling_max_freq", "kHz", 12, 100_000
        )
        rows += [(cur, _current_khz(i, policy.khz)), (cap, _cap_khz(i))]
    return rows


def _current_khz(i: int, khz: tuple[int, ...]) -> Reader:
    return lambda _temps, moment, _t_ns: khz[moment.points[i]]


def _cap_khz(i: int) -> Reader:
    return lambda _temps, moment, _t_ns: moment.caps[i]


def _domains(machine: "Machine") -> list[tuple[SensorInfo, Reader]]:
    """Clocks of memory and GPU; of a node that counts in MB/s, the number of its level."""
    rows: list[tuple[SensorInfo, Reader]] = []
    dram, gpu = machine.chip.dram.domain, machine.chip.gpu
    levels = machine.spec.memory.levels
    if dram and levels:
        folder = f"/sys/class/devfreq/{dram.node}"
        if levels.unit == "MB/s":
            info = SensorInfo("mem.cur_level", f"{folder}/cur_freq", "1", 12, 100_000)
            rows.append((info, lambda _temps, moment, _t_ns: moment.domains[0]))
        else:
            rows += _domain("mem", folder, dram.steps, 1000 if levels.unit == "Hz" else 1, 0)
    if gpu:
        place = 1 if dram else 0
        folder = f"/sys/class/devfreq/{gpu.domain.node}"
        rows += _domain("gpu", folder, gpu.domain.steps, 1000, place)
        info = SensorInfo("util:gpu", BUSY_FILE[gpu.spec.driver], "pm", 50, 100_000)
        rows.append((info, lambda _temps, moment, _t_ns: round(1000 * moment.gpu)))
    return rows


def _domain(
    thing: str, folder: str, steps: tuple[int, ...], scale: int, place: int
) -> list[tuple[SensorInfo, Reader]]:
    """Return the present clock and the highest one allowed [kHz]; `scale` is the node's unit."""

    def current(_temps: Temperatures, moment: Moment, _t_ns: int) -> int:
        return steps[moment.domains[place]] // scale

    def cap(_temps: Temperatures, moment: Moment, _t_ns: int) -> int:
        return moment.caps[place - len(moment.domains)] // scale

    cur = SensorInfo(f"{thing}.cur_khz", f"{folder}/cur_freq", "kHz", 12, 100_000)
    top = SensorInfo(f"{thing}.max_khz", f"{folder}/max_freq", "kHz", 12, 100_000)
    return [(cur, current), (top, cap)]


def _cooling(machine: "Machine") -> list[tuple[SensorInfo, Reader]]:
    rows = []
    for i, device in enumerate(machine.cooling):
        path = f"/sys/class/thermal/cooling_device{i}/cur_state"
        info = SensorInfo(f"cooling:{device.type}", path, "1", 15, 100_000)
        rows.append((info, _state(i)))
    return rows


def _state(i: int) -> Reader:
    return lambda _temps, moment, _t_ns: moment.states[i]


def _power(machine: "Machine") -> list[tuple[SensorInfo, Reader]]:
    folder = f"/sys/class/power_supply/{machine.spec.quirks.battery_name}"
    shows = machine.fuel_gauge.shows
    gauge = "power:{}".format
    return [
        (SensorInfo(gauge("temp"), f"{folder}/temp", "mC", 30, 100_000),
         lambda temps, _moment, _t_ns: round(temps[BAT] * 10) * 100),
        (SensorInfo(gauge("current"), f"{folder}/current_now", "uA", 60, 100_000),
         lambda _temps, _moment, t_ns: -round(shows(t_ns).current_a * 1e6)),
        (SensorInfo(gauge("voltage"), f"{folder}/voltage_now", "uV", 60, 100_000),
         lambda _temps, _moment, t_ns: round(shows(t_ns).voltage_v * 1e3) * 1000),
        (SensorInfo(gauge("level"), f"{folder}/capacity", "1", 30, 100_000),
         lambda _temps, moment, _t_ns: round(moment.battery.charge * 100)),
        (SensorInfo("phys:power", "", "mW", 0, 100_000),
         lambda _temps, moment, _t_ns: round(moment.power_w * 1000)),
    ]  # fmt: skip


def _load(machine: "Machine") -> list[tuple[SensorInfo, Reader]]:
    rows: list[tuple[SensorInfo, Reader]] = [
        (SensorInfo("mem:available", "/proc/meminfo", "kB", 25, 100_000),
         lambda _temps, moment, _t_ns: moment.memory_kb)
    ]  # fmt: skip
    for policy in machine.chip.policies:
        info = SensorInfo(f"util:cluster{policy.cpus[0]}", "/proc/stat", "pm", 50, 100_000)
        rows.append((info, _utilization(policy.cpus)))
    return rows


def _utilization(cpus: tuple[int, ...]) -> Reader:
    first, last, count = cpus[0], cpus[-1] + 1, len(cpus)
    return lambda _temps, moment, _t_ns: round(1000 * sum(moment.busy[first:last]) / count)
