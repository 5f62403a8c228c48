"""What the commands of an agent do: models, groups, lanes and the trial that records them."""

from collections.abc import Callable, Mapping
from typing import Any

from devices.agent.wire import Line
from devices.virtual.agent.body import Body, Job, ModelOrder, Refused, Sampling
from devices.virtual.agent.knobs import Knobs
from devices.virtual.agent.lanes import Lanes
from devices.virtual.agent.ledger import Ledger
from devices.virtual.agent.limits import Guard, Trip
from devices.virtual.agent.peering import NetworkShape, PeerOrder
from devices.virtual.agent.plan import plan_order
from devices.virtual.agent.recording import Recording, Say

Answer = Mapping[str, Any] | Job
Handler = Callable[[Line], Answer]


class _Ending:
    """An `end` that waits for the inferences in flight."""

    def __init__(self, operations: "Operations") -> None:
        self._operations = operations

    def is_done(self) -> bool:
        return not self._operations.is_loaded

    def result(self) -> Line:
        return self._operations.conclude()


class _Meeting:
    """A `peer` that waits for the first answer."""

    def __init__(self, operations: "Operations", job: Job) -> None:
        self._operations, self._job = operations, job

    def is_done(self) -> bool:
        return self._job.is_done()

    def result(self) -> Mapping[str, Any]:
        told = self._job.result()
        self._operations.meet()
        return told


class Operations:
    """The state behind the commands of one agent."""

    def __init__(
        self,
        body: Body,
        ledger: Ledger,
        say: Say,
        *,
        knobs: Knobs | None = None,
        may_loosen: bool = False,
    ) -> None:
        self._body = body
        self._recording = Recording(body, ledger, say)
        self._sensors = {sensor.id: sensor for sensor in body.sensors()}
        self._guard = Guard(tuple(self._sensors), may_loosen=may_loosen)
        self._lanes = Lanes(body)
        self._knobs = knobs
        self._restore_knobs()  # what an agent that died has left behind
        self._has_plans = False
        self._models: dict[str, int] = {}
        self._samplings: dict[int, Sampling] = {}
        self._has_peer = False
        self._handlers: dict[str, Handler] = {
            "sync": self._sync,
            "sensors": self._list_sensors,
            "sample": self._sample,
            "feed": self._feed,
            "begin": self._begin,
            "end": self._end,
            "load": self._load,
            "unload": self._unload,
            "golden": self._golden,
            "warm": self._warm,
            "set": self._set,
            "start": self._start,
            "stop": self._stop,
            "limits": self._limits,
            "knob": self._knob,
            "plan": self._plan,
            "arrivals": self._arrivals,
            "mark": self._mark,
            "peer": self._peer,
            "network": self._network,
            "stored": lambda _: {},  # nothing is spooled, so nothing can be dropped
            "stat": self._stat,
            "quit": lambda _: {},
        }

    @property
    def is_loaded(self) -> bool:
        """Whether a lane runs."""
        return self._lanes.is_running

    def run(self, op: str, arguments: Line) -> Answer:
        """Carry out one checked command."""
        return self._handlers[op](arguments)

    def after_ack(self) -> None:
        """Say what must follow the ack of the last command."""
        self._recording.declare()

    def state(self) -> Line:
        """Return what the ack of `open` tells."""
        trial = self._recording.trial
        return {
            "state": self._word(),
            "gen": self._lanes.gen,
            "trial": trial.number if trial else None,
            "groups": trial.positions() if trial else [],
            "events": trial.events if trial else 0,
        }

    def _word(self) -> str:
        if self._guard.trip:
            return "tripped"
        return "running" if self.is_loaded else "ready"

    def reopen(self, *, was_silent: bool) -> None:
        """Make room for an owner: what ran before it ends."""
        if was_silent:
            self._recording.note("back", {})
        self.finish()

    def collect(self) -> None:
        """Take what the body did since the last time into the trial."""
        harvest = self._body.harvest()
        for happening in harvest.happenings:
            self._lanes.notice(happening)
        self._recording.add(harvest)
        now_ns = self._body.clocks().mono_ns
        for happening in self._knobs.look(now_ns) if self._knobs else ():
            self._recording.note(happening.kind, happening.data, happening.t_ns)
        trip = self._guard.check(self._body.read, now_ns, is_loaded=self.is_loaded)
        if trip:
            self._obey(trip)

    def _obey(self, trip: Trip) -> None:
        self._lanes.stop_all()
        self._restore_knobs()
        self._recording.note("trip", {"id": trip.rule.id, "v": trip.value, "limit": trip.rule.v})

    def fall_silent(self) -> None:
        """The owner says nothing any more: stop the load, go on sampling."""
        self._lanes.stop_all()
        self._restore_knobs()
        self._recording.note("silent", {})

    def fall_behind(self, host_s: float) -> None:
        """Tell by how much the simulation was late [s of host time]: the owner heard nothing."""
        late_us = round(host_s * 1e6)
        data = {"us": late_us * self._body.speed_pm // 1000, "host_us": late_us}
        self._recording.note("behind", data)

    def send_rows(self) -> None:
        """Send every row that waits."""
        self._recording.send_rows()

    def finish(self) -> None:
        """Stop the load, put the knobs back and end the trial, if there is one."""
        self._lanes.stop_all()
        self._restore_knobs()
        if self._recording.trial is not None:
            self.conclude()
            self._lanes.forget()

    def _sync(self, _: Line) -> Answer:
        clocks = self._body.clocks()
        return {
            "t": clocks.mono_ns,
            "boot": clocks.boot_ns,
            "real": clocks.real_ns,
            "w_ns": clocks.width_ns,
        }

    def _list_sensors(self, _: Line) -> Answer:
        nodes = [
            {
                "id": sensor.id,
                "path": sensor.path,
                "raw": sensor.raw,
                "unit": sensor.unit,
                "mul": 1,
                "read_us": sensor.read_us,
                "quality": sensor.quality,
            }
            for sensor in self._body.sensors()
        ]
        return {"sensors": nodes, "knobs": self._knobs.listed() if self._knobs else []}

    def _sample(self, arguments: Line) -> Answer:
        wanted = self._sensors if arguments["ids"] == "all" else dict.fromkeys(arguments["ids"])
        unknown = [sensor for sensor in wanted if sensor not in self._sensors]
        if unknown:
            raise Refused("bad_arg", f"no sensor {unknown[0]!r} here")
        if wanted:
            self._samplings[arguments["g"]] = Sampling(arguments["period_us"], tuple(wanted))
        else:
            self._samplings.pop(arguments["g"], None)
        return {"ids": list(wanted)}

    def _feed(self, arguments: Line) -> Answer:
        self._guard.feed(arguments["id"], arguments["v"], self._body.clocks().mono_ns)
        return {}

    def _begin(self, arguments: Line) -> Answer:
        self._recording.begin(
            arguments["trial"],
            self._samplings,
            self._sensors,
            has_plans=self._has_plans,
            is_split=self._has_peer,
        )
        self._lanes.begin()
        if self._knobs:
            self._knobs.begin()
        return {}

    def _end(self, _: Line) -> Answer:
        self._recording.start_ending()
        self._lanes.stop_all()
        return _Ending(self)

    def conclude(self) -> Line:
        """Close the trial, whose lanes are idle, and return what it contains."""
        self.collect()
        return self._recording.conclude()

    def _load(self, arguments: Line) -> Answer:
        name = str(arguments["id"])
        mid = self._models.setdefault(name, len(self._models) + 1)
        order = ModelOrder(
            id=name,
            param=arguments["param"],
            bin=arguments["bin"],
            param_sha256=arguments["param_sha256"],
            sha256=arguments["sha256"],
            bytes=arguments["bytes"],
            w=arguments["w"],
            h=arguments["h"],
            c=arguments["c"],
            input=arguments["in"],
            output=arguments["out"],
            threads=tuple(arguments["threads"]),
            fp16=arguments.get("fp16", False),
        )
        return self._lanes.load(order, mid)

    def _unload(self, arguments: Line) -> Answer:
        self._lanes.unload(arguments["id"])
        return {}

    def _golden(self, arguments: Line) -> Answer:
        if "golden" not in self._body.caps:
            raise Refused("unsupported", "golden needs an agent with real output")
        self._lanes.model(arguments["id"])
        return self._body.golden(
            arguments["id"], arguments.get("threads", 1), arguments["ref"], arguments["tol_e6"]
        )

    def _warm(self, arguments: Line) -> Answer:
        self._lanes.model(arguments["id"])
        return self._body.warm(arguments["id"], arguments.get("threads", 1), arguments["n"])

    def _start(self, arguments: Line) -> Answer:
        self._recording.running()
        without_sensors = bool(arguments.pop("no_sensors", False))
        now_ns = self._body.clocks().mono_ns
        self._guard.allow_start(self._body.read, now_ns, without_sensors=without_sensors)
        gen, at_ns = self._lanes.start(arguments)
        return {"gen": gen, "at": at_ns}

    def _set(self, arguments: Line) -> Answer:
        self._recording.running()
        return {"gen": self._lanes.change(arguments)}

    def _stop(self, arguments: Line) -> Answer:
        self._recording.running()
        return {"gen": self._lanes.stop(arguments["lane"])}

    def _knob(self, arguments: Line) -> Answer:
        if not self._knobs:
            raise Refused("unsupported", "no knob can be written with the rights of this agent")
        if ("set" in arguments) == bool(arguments.get("restore")):
            raise Refused("bad_arg", "knob needs either set: [{k, v}, …] or restore: true")
        if "set" not in arguments:
            return {"knobs": self._knobs.restore()}
        return {"knobs": self._knobs.put(arguments["set"], self._body.clocks().mono_ns)}

    def _restore_knobs(self) -> None:
        if self._knobs:
            self._knobs.restore()

    def _limits(self, arguments: Line) -> Answer:
        if arguments.get("clear"):
            self._guard.clear(self._body.read, self._body.clocks().mono_ns)
        self._guard.tighten(arguments.get("rules", []))
        return {"rules": self._guard.rules()}

    def _plan(self, arguments: Line) -> Answer:
        if "plan" not in self._body.caps:
            raise Refused("unsupported", "plan is not among this agent's capabilities")
        if self._recording.trial is not None and not self._has_plans:
            number = self._recording.trial.number
            raise Refused("busy", f"trial {number} runs without plans; plan before begin")
        order = plan_order(arguments)
        self._lanes.model(order.model)
        known = self._knobs.names if self._knobs else ()
        for knob in order.set_knobs:
            if knob not in known:
                told = ", ".join(known) or "none: the agent may write no clock"
                raise Refused("knob", f"no knob {knob} here; there are {told}")
        answer = self._body.plan(order)
        self._has_plans = True
        return answer

    def _arrivals(self, arguments: Line) -> Answer:
        if self._recording.trial is not None:
            raise Refused("busy", "a trial runs: tell its arrivals before begin")
        count = self._lanes.expect(
            arguments["id"],
            arguments["gaps_us"],
            arguments.get("span_us", 0),
            goes_on=arguments.get("more", False),
        )
        return {"count": count}

    def _mark(self, arguments: Line) -> Answer:
        self._recording.running()
        self._recording.note("mark", {"text": arguments["text"]})
        return {}

    def _peer(self, arguments: Line) -> Answer:
        if "cut" not in self._body.caps:
            raise Refused("unsupported", "this agent cannot hand a part of a network to a peer")
        if self.is_loaded:
            raise Refused("busy", "a lane runs: choose the peer before the load")
        settings = {key: value for key, value in arguments.items() if key != "model"}
        order = PeerOrder(model=self._lanes.model(arguments["model"]), **settings)
        return _Meeting(self, self._body.connect(order))

    def meet(self) -> None:
        """The peer has answered: rates of the network can be read from now on."""
        self._has_peer = True
        self._sensors = {sensor.id: sensor for sensor in self._body.sensors()}

    def _network(self, arguments: Line) -> Answer:
        if not self._has_peer:
            raise Refused("bad_arg", "there is no peer, so there is no network to shape")
        self._body.shape(NetworkShape(**arguments) if arguments else None)
        return {}

    def _stat(self, _: Line) -> Answer:
        trial = self._recording.trial
        groups = trial.groups.values() if trial else ()
        return {
            "state": self._word(),
            "gen": self._lanes.gen,
            "ring": sum(group.total - group.sent for group in groups),
            "lost": [[group.number, group.lost] for group in groups if group.lost],
            "spool_b": 0,
        }
