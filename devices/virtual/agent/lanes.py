"""The lanes of one agent: their settings, generations and models."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from devices.agent.wire import Line
from devices.virtual.agent.body import Body, Happening, Job, LaneOrder, ModelOrder, Refused
from devices.virtual.kernel.timetable import Timetable

MOST_ARRIVALS = 20_000  # of one timetable; it repeats

_SETTINGS = frozenset(field.name for field in fields(LaneOrder)) - {
    "lane", "gen", "mid", "mask", "timetable"
}  # fmt: skip


class _Loading:
    """A load in the background whose ack tells the model's number."""

    def __init__(self, lanes: "Lanes", order: ModelOrder, mid: int, job: Job) -> None:
        self._lanes, self._order, self._mid, self._job = lanes, order, mid, job

    def is_done(self) -> bool:
        return self._job.is_done()

    def result(self) -> Mapping[str, Any]:
        result = self._job.result()
        self._lanes.add_model(self._order, self._mid)
        return {"mid": self._mid, **result}


class Lanes:
    """Which lane runs what, under which generation."""

    def __init__(self, body: Body) -> None:
        self.gen = 0
        self._body = body
        self._running: dict[int, LaneOrder] = {}
        self._ended: set[int] = set()  # lanes that have run and run no more
        self._models: dict[str, tuple[ModelOrder, int]] = {}
        self._gaps: dict[str, list[int]] = {}  # [µs]
        self._tables: dict[str, Timetable] = {}

    @property
    def is_running(self) -> bool:
        """Whether any lane runs."""
        return bool(self._running)

    def begin(self) -> None:
        """Count generations from 1 again."""
        self.gen = 0
        self._ended.clear()

    def load(self, order: ModelOrder, mid: int) -> Job:
        """Load a model in the background."""
        if self._uses(order.id):
            raise Refused("busy", f"{order.id} is running")
        return _Loading(self, order, mid, self._body.load(order))

    def add_model(self, order: ModelOrder, mid: int) -> None:
        """Note that a model is ready."""
        self._models[order.id] = (order, mid)

    def model(self, name: str) -> ModelOrder:
        """Return a loaded model."""
        if name not in self._models:
            raise Refused("no_model", f"{name!r} is not loaded")
        return self._models[name][0]

    def unload(self, name: str) -> None:
        """Forget a model that nobody runs."""
        self.model(name)
        if self._uses(name):
            raise Refused("busy", f"{name} is running")
        self._body.unload(name)
        del self._models[name]

    def _uses(self, name: str) -> bool:
        return any(order.model == name for order in self._running.values())

    def expect(self, name: str, gaps_us: list[int], span_us: int, *, goes_on: bool) -> int:
        """Keep a timetable, or the next part of one; return how many arrivals it has now."""
        gaps = [*self._gaps.get(name, []), *gaps_us] if goes_on else gaps_us
        if len(gaps) > MOST_ARRIVALS:
            raise Refused(
                "bad_arg", f"{name} has {len(gaps)} arrivals, the most is {MOST_ARRIVALS}"
            )
        try:
            self._tables[name] = Timetable.of(gaps, span_us)
        except ValueError as error:
            raise Refused("bad_arg", f"timetable {name}: {error}") from error
        self._gaps[name] = gaps
        return len(gaps)

    def start(self, arguments: Line) -> tuple[int, int]:
        """Start a lane; return its generation and when its first slot is due [ns]."""
        lane = arguments.get("lane", 0)
        if lane in self._running:
            raise Refused("busy", f"lane {lane} runs; use set or stop")
        order = self._ordered(LaneOrder(lane=lane, gen=0, mid=0, model=""), arguments)
        at_ns = self._body.start(order)
        self._running[lane] = order
        self._ended.discard(lane)
        self.gen = order.gen
        return order.gen, at_ns

    def change(self, arguments: Line) -> int:
        """Change a running lane at its next frame; return the generation."""
        lane = arguments.get("lane", 0)
        if lane in self._ended:
            raise Refused("lane_ended", f"lane {lane} has ended by itself")
        if lane not in self._running:
            raise Refused("bad_arg", f"lane {lane} does not run")
        order = self._ordered(self._running[lane], arguments)
        self._body.change(order)
        self._running[lane] = order
        self.gen = order.gen
        return order.gen

    def stop(self, lane: int | str) -> int:
        """Stop one lane or all; one that has ended by itself stays so. Return the generation."""
        for number in self._running:
            if lane in (number, "all"):
                self._body.stop(number)
        self.gen += 1
        return self.gen

    def stop_all(self) -> None:
        """Stop whatever runs."""
        for number in self._running:
            self._body.stop(number)

    def forget(self) -> None:
        """Count on no lane any more."""
        self._running.clear()

    def notice(self, happening: Happening) -> None:
        """Forget a lane that the body reports as idle."""
        if happening.kind == "idle":
            self._running.pop(happening.data["lane"], None)
            self._ended.add(happening.data["lane"])

    def _ordered(self, base: LaneOrder, arguments: Line) -> LaneOrder:
        """Return `base` with the given settings, checked as a whole, under the next generation."""
        settings = {key: value for key, value in arguments.items() if key in _SETTINGS}
        if "mask" in arguments:
            settings["mask"] = self._mask(arguments["mask"])
        wanted = replace(base, **settings, gen=self.gen + 1)
        if wanted.arrivals and wanted.arrivals not in self._tables:
            raise Refused("bad_arg", f"no timetable {wanted.arrivals!r}: send `arrivals` first")
        if "arrivals" in settings:
            wanted = replace(wanted, timetable=self._tables.get(wanted.arrivals))
        if wanted.processor not in ("cpu", *self._body.caps):
            raise Refused("unsupported", f"nothing is known of this phone's {wanted.processor}")
        model = self.model(wanted.model)
        if wanted.threads not in model.threads:
            loaded = ", ".join(map(str, model.threads))
            raise Refused(
                "bad_arg", f"{wanted.model} is loaded for {loaded} threads, not {wanted.threads}"
            )
        if wanted.cut:
            self._body.check_cut(wanted.model, wanted.cut, wanted.back)
        return replace(wanted, mid=self._models[wanted.model][1])

    def _mask(self, text: str) -> int:
        mask, present = int(text, 16), self._body.core_mask()
        if mask & ~present:
            raise Refused("affinity", f"mask {mask:x} names cores beyond {present:x}")
        return mask
