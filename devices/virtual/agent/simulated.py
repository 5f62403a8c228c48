"""The body of a virtual phone's agent: lanes and sensors of a simulated machine, in its time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import lcm
from typing import Any

from devices.agent.messages import INFER, OPS
from devices.clock import DeviceClock
from devices.virtual.agent.body import (
    Clocks,
    Happening,
    Harvest,
    Job,
    LaneOrder,
    ModelOrder,
    PlanOrder,
    Refused,
    Row,
    Sampling,
    Sensor,
)
from devices.virtual.agent.carrier import Carrier, Passage
from devices.virtual.agent.peering import NET_SENSORS, NetworkShape, PeerOrder, check_cuts
from devices.virtual.agent.plan_rows import tell_legs
from devices.virtual.agent.rows import LaneStory, tell
from devices.virtual.agent.shelf import Shelf
from devices.virtual.agent.ticking import Columns, Reader, Ticking, next_multiple
from devices.virtual.agent.tunnel import Stream
from devices.virtual.kernel.cpulist import cpu_list
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.plan_clocks import PlanClocks
from devices.virtual.kernel.trip import Division

_START_GRID_NS = 100_000_000  # lanes start on whole tenths of a second …
_MAX_GRID_NS = 2_000_000_000  # … and with the sampling, when that is not far off
_WIRE_UNITS = {"power:level": "pct"}


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """What the phone around an agent knows and the machine does not."""

    boot_id: str
    read_file: Callable[[str], bytes]  # raises OSError
    uid: int = 2000
    pid: int = 1234
    boot_wall_ns: int = 0  # wall clock at device time 0 [ns since 1970]
    dial: Callable[[str], Stream] | None = None  # the phone's own sockets; raises OSError


class SimulatedBody:
    """Drives a Machine in step with its clock."""

    kind = "virtual"

    def __init__(self, machine: Machine, clock: DeviceClock, facts: AgentFacts) -> None:
        self._machine = machine
        self._clock = clock
        self._facts = facts
        self._sensors = tuple(
            Sensor(info.id, info.path, _WIRE_UNITS.get(info.id, info.unit), info.read_us)
            for info in machine.sensors()
        )
        self._readers: dict[str, Reader] = {}
        self._ticking = Ticking({}, self._reader, 0)
        self._carrier: Carrier | None = None
        self._clocks = PlanClocks(machine.chip)
        self._shelf = Shelf(clock, self._clocks, facts.read_file)
        self._lanes: dict[int, LaneStory] = {}
        self._happenings: list[Happening] = []
        self._online = cpu_list(machine.chip.online)
        ids = {sensor.id for sensor in self._sensors}
        self.caps = (
            "infer",
            "energy",
            "lanes:8",
            *(["gpu"] if machine.chip.gpu and machine.chip.gpu.macs_per_s else []),
            "plan",
            "arrivals",
            *(["cut"] if facts.dial else []),
            *(["battery"] if "power:temp" in ids else []),
            *(["thermal"] if any(name.startswith("thermal:") for name in ids) else []),
        )
        self.speed_pm = round(clock.speed * 1000)

    def clocks(self) -> Clocks:
        """Read the clocks; the second one has gone on while the phone slept."""
        now_ns = self._clock.now_ns()
        boot_ns = now_ns + self._clock.slept_ns
        wall_ns = self._facts.boot_wall_ns + boot_ns + self._clock.stepped_ns
        return Clocks(now_ns, boot_ns, wall_ns)

    def introduction(self) -> Mapping[str, Any]:
        """Say what this phone is."""
        cpus = self._machine.spec.cpu_count
        return {
            "cpus": cpus,
            "online": self._online,
            "uid": self._facts.uid,
            "pid": self._facts.pid,
            "boot_id": self._facts.boot_id,
            "page": 4096,
            "isa": [],
        }

    def core_mask(self) -> int:
        """Return one bit per core."""
        return (1 << self._machine.spec.cpu_count) - 1

    def _advance(self) -> int:
        now_ns = self._clock.now_ns()
        self._machine.advance(now_ns)
        return now_ns

    def sensors(self) -> Sequence[Sensor]:
        """Read every sensor once; the network's are there while there is a peer."""
        now_ns = self._advance()
        values = self._machine.sampler([sensor.id for sensor in self._sensors])(now_ns)
        network = () if self._carrier is None else self._carrier.rates.as_row()
        return [
            *(
                Sensor(name, "", unit, 0, value, "ok" if value is not None else "unreadable")
                for (name, unit), value in zip(NET_SENSORS, network, strict=False)
            ),
            *self._read_machine(values),
        ]

    def _read_machine(self, values: Sequence[int | None]) -> Sequence[Sensor]:
        return [
            Sensor(
                sensor.id,
                sensor.path,
                sensor.unit,
                sensor.read_us,
                value,
                "ok" if value is not None else "unreadable",
            )
            for sensor, value in zip(self._sensors, values, strict=True)
        ]

    def read(self, sensor: str) -> int | None:
        """Read one sensor."""
        if all(known.id != sensor for known in self._sensors):
            return None
        if sensor not in self._readers:
            self._readers[sensor] = self._machine.sampler([sensor])
        return self._readers[sensor](self._advance())[0]

    def sample(self, groups: Mapping[int, Sampling]) -> None:
        """Sample these groups from their next tick on."""
        self._ticking = Ticking(groups, self._reader, self._advance())
        self._machine.followers.add(self)

    def _reader(self, ids: Sequence[str]) -> Reader:
        """Return a reader of sensors of the machine and of its network."""
        network = {name: place for place, (name, _) in enumerate(NET_SENSORS)}
        asked = [network[name] for name in ids if name in network]
        read = self._machine.sampler([name for name in ids if name not in network])
        if not asked:
            return read

        def read_all(t_ns: int) -> Row:
            rates = self._carrier.rates.as_row() if self._carrier else (None,) * len(network)
            values, told = iter(read(t_ns)), iter([rates[place] for place in asked])
            return [next(told if name in network else values) for name in ids]

        return read_all

    def load(self, order: ModelOrder) -> Job:
        """Check the pushed files at once; be ready when the phone would be."""
        return self._shelf.load(order)

    def unload(self, model: str) -> None:
        """Forget a model."""
        self._shelf.unload(model)

    def golden(self, model: str, threads: int, ref: str, tol_e6: int) -> Job:
        """Refuse: a virtual phone computes no output."""
        raise Refused("unsupported", "a virtual phone has no real output")

    def warm(self, model: str, threads: int, n: int) -> Job:
        """Refuse: caches are not modelled, so there is nothing to warm."""
        raise Refused("unsupported", "a virtual phone has no caches to warm")

    def plan(self, order: PlanOrder) -> Mapping[str, Any]:
        """Keep a plan; it holds until the next one of its name."""
        return self._shelf.plan(order)

    def _settings(self, order: LaneOrder) -> LaneSettings:
        return LaneSettings(
            threads=order.threads,
            on_gpu=order.processor == "gpu",
            mask=order.mask,
            period_us=order.period_us,
            depth=order.depth,
            idle_us=order.idle_us,
            n=order.n,
            dur_ms=order.dur_ms,
            timetable=order.timetable,
            share=order.share_pm / 1000,
            route=self._shelf.route(order),
            division=self._division(order),
        )

    def _division(self, order: LaneOrder) -> Division | None:
        if not order.cut:
            return None
        if order.plan:
            raise Refused("bad_arg", "a lane follows a plan or is cut, not both; drop one of them")
        assert self._carrier is not None
        self._carrier.use(order.cut, order.back)
        model = self._shelf[order.model]
        head = self._machine.head_share(model.work, model.cuts[order.cut].layers)
        tail = 0.0
        if order.back:
            tail = 1.0 - self._machine.head_share(model.work, model.cuts[order.back].layers)
        passage = Passage(self._carrier, order.cut, order.back)
        return Division(head, passage, order.fallback, tail)

    def connect(self, order: PeerOrder) -> Job:
        """Dial the peer through the phone's own sockets."""
        if self._facts.dial is None:
            raise Refused("unsupported", "this phone has no sockets")
        self._hang_up()
        dial = partial(self._facts.dial, f"tcp:{order.port}")
        cuts = self._shelf[order.model.id].cuts
        self._carrier = Carrier(self._machine, self._clock, order, cuts, dial, self._tell)
        return self._carrier

    def _tell(self, happening: Happening) -> None:
        self._happenings.append(happening)

    def _hang_up(self) -> None:
        if self._carrier is not None:
            self._carrier.close()
            self._carrier = None

    def shape(self, network: NetworkShape | None) -> None:
        """Put a slower network between this phone and its peer."""
        assert self._carrier is not None
        self._carrier.shape = network

    def check_cut(self, model: str, cut: str, back: str) -> None:
        """Refuse what is no cut, and any cut before there is a peer."""
        if self._carrier is None:
            raise Refused("bad_arg", f"cut {cut!r} needs a peer: name one first")
        check_cuts(model, tuple(self._shelf[model].cuts), cut, back)

    def start(self, order: LaneOrder) -> int:
        """Start a lane on the grid that the sampling is on."""
        grid_ns = lcm(_START_GRID_NS, *self._ticking.periods_ns)
        now_ns = self._advance()
        at_ns = next_multiple(now_ns, grid_ns if grid_ns <= _MAX_GRID_NS else _START_GRID_NS)
        work = self._shelf[order.model].work
        if self._carrier is not None:
            self._carrier.begin(order.seed)
        self._machine.start_lane(order.lane, work, self._settings(order), at_ns, order.seed)
        lane = self._machine.load.lanes[order.lane]
        self._lanes[order.lane] = LaneStory(order, lane, at_ns, [(at_ns, order, 0)])
        self._happenings.append(
            Happening(at_ns, "started", {"lane": order.lane, "gen": order.gen, "seed": order.seed})
        )
        return at_ns

    def change(self, order: LaneOrder) -> None:
        """Change a lane at its next frame, or when another model's weights have been read."""
        now_ns = self._advance()
        model, story = self._shelf[order.model], self._lanes[order.lane]
        before = story.waiting[-1][1] if story.waiting else story.order
        is_reading = order.reload and order.model != before.model
        read_ns = model.reading_ns if is_reading else 0
        settings = self._settings(order)
        if not self._machine.set_lane(order.lane, model.work, settings, now_ns, read_ns):
            raise Refused("lane_ended", f"lane {order.lane} has ended by itself")
        story.waiting.append((now_ns, order, read_ns))

    def stop(self, lane: int) -> None:
        """Stop a lane."""
        self._machine.stop_lane(lane, self._advance())
        self._lanes[lane].why = "stop"

    def harvest(self) -> Harvest:
        """Advance to now; return rows, inferences and what happened to the lanes."""
        now_ns = self._advance()
        self.follow(now_ns)
        if self._carrier is not None:
            self._carrier.refresh(now_ns)
        columns = self._ticking.take()
        self._tell_inferences(columns, now_ns)
        self._look_at_cores(now_ns)
        happenings, self._happenings = self._happenings, []
        return Harvest(columns, happenings)

    def _look_at_cores(self, now_ns: int) -> None:
        """Tell when cores have gone offline or come back."""
        online = cpu_list(self._machine.chip.online)
        if online != self._online:
            self._tell(Happening(now_ns, "cores", {"was": self._online, "now": online}))
            self._online = online

    def follow(self, to_ns: int) -> None:
        """Read every tick up to `to_ns`, before the machine forgets what was true then."""
        self._ticking.follow(to_ns)

    def _tell_inferences(self, columns: Columns, now_ns: int) -> None:
        inferences = [
            inference
            for inference in self._machine.take_inferences()
            if (story := self._lanes.get(inference.lane)) and inference.t_ns >= story.start_ns
        ]
        if inferences:
            columns[INFER], applied = tell(inferences, self._lanes)
            self._happenings += applied
        legs = [leg for story in self._lanes.values() for leg in story.take_legs(now_ns)]
        if legs:
            columns[OPS] = tell_legs(sorted(legs), self._clocks)
        for number in [number for number, story in self._lanes.items() if story.is_over]:
            self._happenings.append(self._lanes.pop(number).idle())

    def close(self) -> None:
        """Stop every lane."""
        for lane in self._lanes:
            self.stop(lane)
        self._hang_up()
