"""What the commands of an agent do: models, groups, lanes and the trial that records them."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from devices.agent.wire import Line
from devices.virtual.agent.body import Body, Job, ModelOrder, Refused, Sampling
from devices.virtual.agent.lanes import Lanes
from devices.virtual.agent.ledger import Ledger
from devices.virtual.agent.limits import Guard, Trip
from devices.virtual.agent.trial import Trial

CLOCK_EVENT_NS = 10_000_000_000  # how often the clocks are told [ns of device time]

Answer = Mapping[str, Any] | Job
Handler = Callable[[Line], Answer]


class Say(Protocol):
    """Sends one line, under the time of what it tells."""

    def __call__(self, line: Mapping[str, Any], t_ns: int | None = None) -> None:
        """Send it."""


class _Ending:
    """An `end` that waits for the inferences in flight."""

    def __init__(self, operations: "Operations") -> None:
        self._operations = operations

    def is_done(self) -> bool:
        return not self._operations.is_loaded

    def result(self) -> Line:
        return self._operations.conclude()


class Operations:
    """The state behind the commands of one agent."""

    def __init__(self, body: Body, ledger: Ledger, say: Say, *, may_loosen: bool = False) -> None:
        self._body = body
        self._ledger = ledger
        self._say = say
        self._sensors = {sensor.id: sensor for sensor in body.sensors()}
        self._guard = Guard(tuple(self._sensors), may_loosen=may_loosen)
        self._lanes = Lanes(body)
        self._models: dict[str, int] = {}
        self._samplings: dict[int, Sampling] = {}
        self._trial: Trial | None = None
        self._is_ending = False
        self._clock_due_ns = 0
        self._pending_declarations: list[Line] = []
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
            "mark": self._mark,
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
        for line in self._pending_declarations:
            self._say(line)
        if self._pending_declarations:
            self._tell_clocks()
        self._pending_declarations = []

    def state(self) -> Line:
        """Return what the ack of `open` tells."""
        trial = self._trial
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
            self._note("back", {})
        self.finish()

    def collect(self) -> None:
        """Take what the body did since the last time into the trial."""
        harvest = self._body.harvest()
        if self._trial is not None:
            for group, columns in harvest.columns.items():
                lost = self._trial.groups[group].add(columns) + harvest.lost.get(group, 0)
                if lost:
                    times = columns[0]
                    self._note("lost", {"g": group, "rows": lost, "t0": times[0], "t1": times[-1]})
        for happening in harvest.happenings:
            self._lanes.notice(happening)
            self._note(happening.kind, happening.data, happening.t_ns)
        now_ns = self._body.clocks().mono_ns
        if self._trial is not None and now_ns >= self._clock_due_ns:
            self._tell_clocks()
        trip = self._guard.check(self._body.read, now_ns, is_loaded=self.is_loaded)
        if trip:
            self._obey(trip)

    def _obey(self, trip: Trip) -> None:
        self._lanes.stop_all()
        self._note("trip", {"id": trip.rule.id, "v": trip.value, "limit": trip.rule.v})

    def fall_silent(self) -> None:
        """The owner says nothing any more: stop the load, go on sampling."""
        self._lanes.stop_all()
        self._note("silent", {})

    def send_rows(self) -> None:
        """Send every row that waits."""
        if self._trial is not None:
            for line in self._trial.drain():
                self._say(line)

    def finish(self) -> None:
        """Stop the load and end the trial, if there is one."""
        self._lanes.stop_all()
        if self._trial is not None:
            self.conclude()
            self._lanes.forget()

    def _note(self, kind: str, data: Mapping[str, Any], t_ns: int | None = None) -> None:
        if self._trial is not None:
            self._say(self._trial.event(kind, data), t_ns)

    def _tell_clocks(self) -> None:
        clocks = self._body.clocks()
        self._clock_due_ns = clocks.mono_ns + CLOCK_EVENT_NS
        self._note("clk", {"boot": clocks.boot_ns, "real": clocks.real_ns}, clocks.mono_ns)

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
        return {"sensors": nodes, "knobs": []}

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
        if self._trial is not None:
            raise Refused("busy", f"trial {self._trial.number} has not ended")
        self._body.harvest()
        self._lanes.begin()
        self._trial = Trial(arguments["trial"], self._samplings, self._sensors, self._ledger)
        self._body.sample(self._samplings)
        self._pending_declarations = self._trial.declarations()
        return {}

    def _end(self, _: Line) -> Answer:
        self._begun()
        self._is_ending = True
        self._lanes.stop_all()
        return _Ending(self)

    def conclude(self) -> Line:
        """Close the trial, whose lanes are idle, and return what it contains."""
        assert self._trial is not None
        self.collect()
        self._body.sample({})
        self.send_rows()
        totals = {**self._trial.totals(), "events": self._trial.events + 1}  # with this last event
        self._note("ended", totals)
        self._trial = None
        self._is_ending = False
        return totals

    def _begun(self) -> Trial:
        if self._trial is None:
            raise Refused("bad_arg", "no trial has begun")
        if self._is_ending:
            raise Refused("busy", f"trial {self._trial.number} is ending")
        return self._trial

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
        self._begun()
        without_sensors = bool(arguments.pop("no_sensors", False))
        now_ns = self._body.clocks().mono_ns
        self._guard.allow_start(self._body.read, now_ns, without_sensors=without_sensors)
        gen, at_ns = self._lanes.start(arguments)
        return {"gen": gen, "at": at_ns}

    def _set(self, arguments: Line) -> Answer:
        self._begun()
        return {"gen": self._lanes.change(arguments)}

    def _stop(self, arguments: Line) -> Answer:
        self._begun()
        return {"gen": self._lanes.stop(arguments["lane"])}

    def _limits(self, arguments: Line) -> Answer:
        if arguments.get("clear"):
            self._guard.clear(self._body.read, self._body.clocks().mono_ns)
        self._guard.tighten(arguments.get("rules", []))
        return {"rules": self._guard.rules()}

    def _mark(self, arguments: Line) -> Answer:
        self._begun()
        self._note("mark", {"text": arguments["text"]})
        return {}

    def _stat(self, _: Line) -> Answer:
        groups = self._trial.groups.values() if self._trial else ()
        return {
            "state": self._word(),
            "gen": self._lanes.gen,
            "ring": sum(group.total - group.sent for group in groups),
            "lost": [[group.number, group.lost] for group in groups if group.lost],
            "spool_b": 0,
        }
