"""The body of this machine's agent: threads for lanes and samplers, and the native library."""

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from threading import Thread
from threading import enumerate as enumerate_threads
from typing import Any

import numpy as np

from devices.agent.messages import PROBLEMS
from devices.agent.peer import Address, Peer, PeerError
from devices.clock import HOST
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
from devices.virtual.agent.limits import BATTERY
from devices.virtual.agent.peering import (
    NET_SENSORS,
    PACKED,
    NetworkShape,
    PeerOrder,
    Rates,
    check_cuts,
    packed_sizes,
)
from devices.virtual.host_agent.courier import Courier, Way
from devices.virtual.host_agent.lane import HostLane
from devices.virtual.host_agent.network import Network, library_version
from devices.virtual.host_agent.rings import Rings
from devices.virtual.host_agent.sampler import Sampler
from devices.virtual.host_agent.sensors import find_probes, reader_of
from devices.virtual.host_agent.turns import Turns

_LANES = 8
_START_DELAY_NS = 20_000_000  # from the command to the first slot


class HostBody:
    """Drives this machine."""

    kind = "host"
    speed_pm = 1000

    def __init__(self, models: Path, root: Path) -> None:
        self._models = models
        self._probes = {probe.sensor.id: probe for probe in find_probes(root)}
        self._rings = Rings()
        self._samplers: list[Sampler] = []
        self._networks: dict[str, Network] = {}
        self._lanes: dict[int, HostLane] = {}
        self._turns = Turns()
        self._way: Way | None = None
        readable = [name for name, probe in self._probes.items() if probe.sensor.quality == "ok"]
        self.caps = (
            "infer",
            "real_output",
            "golden",
            "warm",
            "cut",
            "arrivals",
            f"lanes:{_LANES}",
            *(["battery"] if BATTERY in readable else []),
            *(["thermal"] if any(name.startswith("thermal:") for name in readable) else []),
        )

    def clocks(self) -> Clocks:
        """Read the three clocks back to back."""
        mono_ns = HOST.now_ns()
        boot_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        real_ns = time.time_ns()
        return Clocks(mono_ns, boot_ns, real_ns, HOST.now_ns() - mono_ns)

    def introduction(self) -> Mapping[str, Any]:
        """Say what this machine is."""
        count = os.cpu_count() or 1
        boot_id = Path("/proc/sys/kernel/random/boot_id")
        return {
            "cpus": count,
            "online": f"0-{count - 1}",
            "uid": os.getuid(),
            "pid": os.getpid(),
            "boot_id": boot_id.read_text("ascii").strip() if boot_id.exists() else "",
            "page": os.sysconf("SC_PAGE_SIZE"),
            "ncnn": library_version(),
            "isa": [platform.machine()],
        }

    def core_mask(self) -> int:
        """Return one bit per core that this process may use."""
        return sum(1 << core for core in os.sched_getaffinity(os.getpid()))

    def sensors(self) -> Sequence[Sensor]:
        """Return every sensor as it was found, with its present value."""
        return [
            Sensor(
                probe.sensor.id,
                probe.sensor.path,
                probe.sensor.unit,
                probe.sensor.read_us,
                probe.read(),
                probe.sensor.quality,
            )
            for probe in self._probes.values()
        ] + self._network_sensors()

    def _network_sensors(self) -> list[Sensor]:
        """Return what is known of the network, while there is a peer."""
        if self._way is None:
            return []
        known = zip(NET_SENSORS, self._way.rates.as_row(), strict=True)
        return [Sensor(name, "", unit, 0, value) for (name, unit), value in known]

    def read(self, sensor: str) -> int | None:
        """Read one sensor."""
        probe = self._probes.get(sensor)
        return probe.read() if probe else None

    def sample(self, groups: Mapping[int, Sampling]) -> None:
        """Sample these groups, each in a thread of its own."""
        for sampler in self._samplers:
            sampler.stop()
        self._samplers = [
            Sampler(
                number,
                sampling.period_us,
                self._reader(sampling.ids),
                self._rings,
            )
            for number, sampling in groups.items()
        ]
        for sampler in self._samplers:
            sampler.start()

    def _reader(self, ids: Sequence[str]) -> Callable[[], Row]:
        """Return a reader of sensors of this machine and of its network."""
        network = {name: place for place, (name, _) in enumerate(NET_SENSORS)}
        if not network.keys() & set(ids):
            return reader_of([self._probes[name] for name in ids])
        way = self._way
        assert way is not None
        reads: list[Callable[[], int | None]] = [
            partial(_rate, way, network[name]) if name in network else self._probes[name].read
            for name in ids
        ]
        return lambda: [read() for read in reads]

    def load(self, order: ModelOrder) -> Job:
        """Check and load in the background."""

        def work() -> Mapping[str, Any]:
            began_ns = HOST.now_ns()
            self._networks[order.id] = Network(order, self._models)
            return {"us": (HOST.now_ns() - began_ns) // 1000}

        return _Background(work)

    def unload(self, model: str) -> None:
        """Forget a model."""
        del self._networks[model]

    def golden(self, model: str, threads: int, ref: str, tol_e6: int) -> Job:
        """Compare with a reference in the background."""
        network = self._network(model, threads)

        def work() -> Mapping[str, Any]:
            try:
                reference = np.fromfile(self._models / ref, dtype="<f4")
            except OSError as error:
                raise Refused("no_model", f"{ref} was not pushed: {error.strerror}") from error
            return network.compare(threads, reference, tol_e6 / 1e6)

        return _Background(work)

    def warm(self, model: str, threads: int, n: int) -> Job:
        """Run a few inferences in the background."""
        network = self._network(model, threads)

        def work() -> Mapping[str, Any]:
            latencies_us = []
            for _ in range(n):
                began_ns = HOST.now_ns()
                network.infer(threads)
                latencies_us.append((HOST.now_ns() - began_ns) // 1000)
            return {"lat_us": latencies_us}

        return _Background(work)

    def _network(self, model: str, threads: int) -> Network:
        network = self._networks[model]
        if threads not in network.order.threads:
            raise Refused("bad_arg", f"{model} is not loaded for {threads} threads")
        return network

    def plan(self, order: PlanOrder) -> Mapping[str, Any]:
        """Refuse: the wheel's runtime is one call from input to output."""
        raise Refused("unsupported", "this machine's agent cannot set clocks inside an inference")

    def connect(self, order: PeerOrder) -> Job:
        """Dial the peer in the background, and measure the way to it."""

        def work() -> Mapping[str, Any]:
            way = Way(order, Rates())
            greeting = order.greeting(order.model.input, "", synthetic=False)
            peer = Peer(Address(order.host, order.port), greeting, order.timeout_ms / 1000)
            courier = Courier(way, lambda _: None)
            try:
                peer.dial()
                courier.use(order.model.input, "")
                courier.probe()
            except PeerError as error:
                raise Refused(known(error.code), str(error)) from error
            finally:
                courier.close()
                peer.close()
            self._way = way
            up_kbps, down_kbps, rtt_us = way.rates.as_row()
            rates = {"up_kbps": up_kbps, "down_kbps": down_kbps, "rtt_us": rtt_us}
            facts = {key: peer.facts.get(key) for key in ("compute_us", "q_us")}
            return {**facts, **rates, "synthetic": False, PACKED: packed_sizes(peer.facts)}

        return _Background(work)

    def shape(self, network: NetworkShape | None) -> None:
        """Hold up every transfer as long as a slower network would."""
        assert self._way is not None
        self._way.shape = network

    def check_cut(self, model: str, cut: str, back: str) -> None:
        """Refuse what is no cut, and any cut before there is a peer."""
        if self._way is None:
            raise Refused("bad_arg", f"cut {cut!r} needs a peer: name one first")
        check_cuts(model, tuple(self._networks[model].cuts), cut, back)

    def start(self, order: LaneOrder) -> int:
        """Start a lane's thread."""
        before = self._lanes.get(order.lane)
        if before is not None:
            before.join()  # its last inference must not be counted under the new order
        at_ns = HOST.now_ns() + _START_DELAY_NS
        keep_off = {thread.native_id for thread in enumerate_threads() if thread.native_id}
        courier = Courier(self._way, self._rings.tell) if self._way else None
        network = self._networks[order.model]
        lane = HostLane(order, network, self._rings, at_ns, keep_off, self._turns, courier)
        self._lanes[order.lane] = lane
        started = {"lane": order.lane, "gen": order.gen, "seed": order.seed}
        self._rings.tell(Happening(at_ns, "started", started))
        lane.start()
        return at_ns

    def change(self, order: LaneOrder) -> None:
        """Hand a lane its next order."""
        self._lanes[order.lane].change(order, self._networks[order.model])

    def stop(self, lane: int) -> None:
        """Stop a lane after the inference in flight."""
        self._lanes[lane].stop()

    def harvest(self) -> Harvest:
        """Return what the threads have put aside."""
        return self._rings.take()

    def close(self) -> None:
        """Stop every thread and wait for it."""
        for lane in self._lanes.values():
            lane.stop()
        for lane in self._lanes.values():
            lane.join()
        self.sample({})


def _rate(way: Way, place: int) -> int | None:
    return way.rates.as_row()[place]


def known(code: str) -> str:
    """Return a word of the protocol's error table for what a peer may say."""
    return code if code in PROBLEMS else "connect"


class _Background(Thread):
    """A job in a thread of its own."""

    def __init__(self, work: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__(name="job", daemon=True)
        self._work = work
        self._answer: Mapping[str, Any] = {}
        self._refusal: Refused | None = None
        self.start()

    def run(self) -> None:
        try:
            self._answer = self._work()
        except Refused as refusal:
            self._refusal = refusal
        except MemoryError:
            self._refusal = Refused("oom", "this machine has not enough memory for it")

    def is_done(self) -> bool:
        return not self.is_alive()

    def result(self) -> Mapping[str, Any]:
        if self._refusal:
            raise self._refusal
        return self._answer
