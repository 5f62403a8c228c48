"""One phone below its shell: what can be done to it and what can be read of it."""

from collections.abc import Callable, Mapping, Sequence
from errno import EBUSY
from functools import cached_property

from devices.virtual.kernel.cpuidle import CpuIdle
from devices.virtual.kernel.fuel_gauge import FuelGauge
from devices.virtual.kernel.grid import EDGE_NS, Grid
from devices.virtual.kernel.history import Moment
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.node import Node, Nodes
from devices.virtual.kernel.remote_lane import RemoteLane
from devices.virtual.kernel.sensors import Reader, SensorInfo, between, sampler, sensors_of
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.kernel.sysfs import files_of
from devices.virtual.kernel.thermal import USER
from devices.virtual.physics.cpu import Core, Work, demand_of, latency_s
from devices.virtual.physics.noise import seed_of
from devices.virtual.physics.thermal import Temperatures


class Machine(Grid):
    """One phone below its shell: its lanes, its surroundings, and what can be read of it."""

    def __init__(self, spec: PhoneSpec, seed: int, *, grid_ns: int = EDGE_NS) -> None:
        super().__init__(spec, seed, grid_ns=grid_ns)
        self.fuel_gauge = FuelGauge(self)
        self.files = files_of(self)
        self.nodes: Mapping[str, Node] = Nodes(self, self.files.plain)

    @cached_property
    def _sensors(self) -> dict[str, tuple[SensorInfo, Reader]]:
        """What an agent may sample; most phones of a process never run one."""
        return sensors_of(self)

    def sensors(self) -> tuple[SensorInfo, ...]:
        """List the sensors that `sampler` knows."""
        return tuple(info for info, _ in self._sensors.values())

    def sampler(self, ids: Sequence[str]) -> Callable[[int], list[int | None]]:
        """Compile a reader: t_ns (not later than `now_ns`) -> one integer per id, None if lost."""
        return sampler(self, ids, self._sensors)

    def start_lane(
        self, lane: int, work: Work, settings: LaneSettings, at_ns: int, seed: int
    ) -> None:
        """Start a lane on the next edge at or after `at_ns`; raises ValueError for no CPU."""
        self.chip.check_mask(settings.mask)
        edge_ns = self._touch(at_ns)
        if not self.load.lanes:
            self._next_noise = (edge_ns, seed_of(self._seed, seed))
        jitter = self.spec.reference.jitter
        self.load.add(RemoteLane(lane, work, settings, edge_ns, seed_of(self._seed, seed), jitter))

    def set_lane(
        self, lane: int, work: Work, settings: LaneSettings, at_ns: int, pause_ns: int = 0
    ) -> bool:
        """Give a lane other work or settings, from its next inference on, which comes later by
        `pause_ns`: while weights are read, the lane computes nothing.

        Return whether the lane still ran; one that has ended by itself stays so.
        """
        self.chip.check_mask(settings.mask)
        edge_ns = self._touch(at_ns)
        if lane not in self.load.lanes:
            return False
        self.load.lanes[lane].change(work, settings, edge_ns, pause_ns)
        return True

    def head_share(self, work: Work, layers: int) -> float:
        """Return which share of a work's time its first layers take, on the strongest core [1]."""
        chip = self.chip
        cpu = chip.by_strength[0]
        core = [Core(cpu, chip.hz(cpu), chip.rate(cpu))]
        head, whole = (
            latency_s(demand_of(part, chip.kernels), core, chip.bytes_per_s)
            for part in (Work(work.name, work.layers[:layers]), work)
        )
        return head / whole

    def lose_peer(self, at_ns: int, problem: str) -> None:
        """Break off what is under way to a peer that has gone."""
        edge_ns = self._touch(at_ns)
        for lane in self.load.lanes.values():
            lane.break_off(edge_ns, problem)

    def stop_lane(self, lane: int, at_ns: int) -> None:
        """Let a lane finish its inference in flight and start no other."""
        edge_ns = self._touch(at_ns)
        if lane in self.load.lanes:
            self.load.lanes[lane].stop(edge_ns)

    def set_ambient(self, celsius: float) -> None:
        """Change the temperature of the air around the phone [°C]."""
        self._touch()
        self.ambient_c = celsius

    def set_background_load(self, cores: float) -> None:
        """Let other programs keep that many cores busy."""
        self._touch()
        self.load.set_background(cores)

    def set_battery(self, percent: float) -> None:
        """Set the charge of the battery [%]."""
        self._touch()
        self.gauge.charge = min(max(percent / 100.0, 0.0), 1.0)

    def switch_charging(self, value: int) -> None:
        """Write into the battery's switch of charging."""
        self._touch()
        self.gauge.switch(value)

    def doubt_switch(self, *, lies: bool) -> None:
        """Let the battery's switch of charging lie from now on, or tell the truth."""
        self._touch()
        self.gauge.switch_lies = lies
        self.gauge.switch(self.gauge.switched)

    def set_charger(self, is_plugged: bool) -> None:
        """Plug the charger in or out."""
        self._touch()
        self.gauge.is_plugged = is_plugged

    def set_screen(self, level: int) -> None:
        """Set the brightness of the screen, 0 (off) to 255."""
        self._touch()
        self.screen.level = level

    def plug(self, cpu: int, *, is_online: bool) -> None:
        """Bring a CPU online or take it off; raises OSError(EBUSY) for the last one."""
        if not is_online and self.chip.online == (cpu,):
            raise OSError(EBUSY, "Device or resource busy")
        self._touch()
        self.chip.offline = self.chip.offline - {cpu} if is_online else self.chip.offline | {cpu}
        self.load.place_anew()

    def shift_trips(self, kelvin: float) -> None:
        """Move every trip point and vendor threshold up (or down) by `kelvin`."""
        self._touch()
        self.guard.shift_k = kelvin

    def set_power_service(self, is_on: bool) -> None:
        """Let the vendor's service put back what others set, or let it sleep."""
        self._touch()
        self.power_service.is_on = is_on

    def forget_settings(self) -> None:
        """Lose what users have written into the kernel's files, as a reboot does."""
        if not self.now_ns:
            return  # nobody has written anything yet
        self._touch()
        self.power_service.put_all_back(self.now_ns)
        self.screen.level = 0
        self.gauge.restart()
        self.chip.offline = frozenset()
        self.load.place_anew()
        self.chip.idle = CpuIdle(self.spec.clusters)
        for device in self.cooling:
            device.vote(USER, None)
        for i, governed in self.guard.governed.items():
            governed.choose(self.spec.zones[i].governor)

    def lose_sensor(self, zone: str) -> None:
        """Let every read of a zone fail from now on; raises KeyError for an unknown type."""
        self.zones.lost.add(self.zones.index(zone))

    def written(self) -> None:
        """Note that somebody changed a setting, so that it counts from the next edge on."""
        self._touch()

    def present(self) -> tuple[Temperatures, Moment]:
        """Return the node temperatures at `now_ns` [°C] and its grid interval."""
        before, moment, share = self.history.at(self.now_ns)
        return between(before.temps_c, moment.temps_c, share), moment

    def truth(self) -> dict[str, object]:
        """Return what only the simulation knows, at the last grid point."""
        last = self.history.last
        return {
            "t_ns": last.end_ns,
            "ambient_c": self.ambient_c,
            "power_w": last.power_w,
            "charge": self.gauge.charge,
            "throttled": any(device.state for device in self.cooling),
            **self.warmth.account(),
        }
