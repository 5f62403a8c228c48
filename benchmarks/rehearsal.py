"""The rehearsal of a run that plans: what each operator takes and draws at every pair of clocks.

It is a part of the settling trial, so that the heat it makes is gone before anything is measured.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

from benchmarks.catalog.base import Grid, Load
from benchmarks.commands import PLAN, plan_arguments
from benchmarks.conversation import Tick
from benchmarks.families.layers.table import FREE
from benchmarks.newest import Newest
from benchmarks.policies.base import Plan, Segment
from benchmarks.policies.dvfs.stage import Stage
from benchmarks.rehearsed import Take, table_of
from benchmarks.rehearsed_grid import Point, grid_of
from benchmarks.workloads import workload_files
from devices.agent.link import AgentLink
from devices.agent.messages import OPS
from devices.clock import NS_PER_S
from devices.profile import DeviceProfile
from devices.samples import Batch, Event, Item

REST_S = 2.0  # device time in which the waiting phone's power is read
LEAST_S = 1.2  # device time that each pair of clocks runs for: meters are read at 10 Hz
MOST = 400  # inferences of one pair
MOST_ROWS = 6000  # of operators at one pair: phones keep some 8000 for a slow reader


class Rehearsal:
    """One rehearsal; `stage` is what came of it."""

    stage: Stage

    def __init__(
        self,
        link: AgentLink,
        profile: DeviceProfile,
        load: Load,
        grid: Grid,
        *,
        no_sensors: bool,
    ) -> None:
        self._link = link
        self._load = load
        self._grid = grid
        self._no_sensors = no_sensors
        self._points = grid_of(link, profile, grid)
        network = workload_files(load.workload).network
        self._ops = [layer.outputs[0] for layer in network.layers if layer.type not in FREE]
        self._newest = Newest()

    def ship(self) -> None:
        """Put the plan that only measures onto the phone; before the trial begins."""
        ends = [*self._ops[:-1], ""]
        plan = Plan(segments=tuple(Segment(to, {}) for to in ends), every=self._grid.every)
        self._link.request("plan", id=PLAN, model=self._load.workload, **plan_arguments(plan))

    def perform(self, heard: Iterator[Item | Tick]) -> Iterator[Item | Tick]:
        """Measure every point and yield what comes; its loads are told as `rehearsed`."""
        rest = Take(len(self._ops))
        yield from self._listen(heard, rest, lambda: rest.seconds >= REST_S)
        if self._points.governors:
            self._set(self._points.governors)
        first, *_ = self._points.points
        probe = yield from self._take(heard, first, self._grid.repeats * self._grid.every)
        takes, last_s = [], probe.inference_s
        for point in self._points.points:
            take = yield from self._take(heard, point, self._count(last_s))
            last_s = take.inference_s
            takes.append(take)
        if self._points.governors:
            self._link.request("knob", restore=True)
        self.stage = self._staged(takes, rest)

    def _take(
        self, heard: Iterator[Item | Tick], point: Point, count: int
    ) -> Generator[Item | Tick, None, Take]:
        """Run so many inferences at one point; return their rows."""
        if point.knobs:
            self._set(point.knobs)
        take = Take(len(self._ops), wanted=ceil(count / self._grid.every) * len(self._ops))
        self._start(point, count)
        yield from self._listen(heard, take, lambda: take.is_complete)
        return take

    def _count(self, last_s: float) -> int:
        """Return how many inferences the next point gets, judged by the one before."""
        most = min(MOST, self._grid.every * (MOST_ROWS // len(self._ops)))
        return min(most, max(self._grid.repeats * self._grid.every, ceil(LEAST_S / last_s)))

    def _set(self, knobs: dict[str, Any]) -> None:
        self._link.request("knob", set=[{"k": k, "v": v} for k, v in knobs.items()])

    def _start(self, point: Point, count: int) -> None:
        self._link.request(
            "start", lane=0, model=self._load.workload, threads=self._load.threads,
            processor=self._grid.processor, mask=point.mask, n=count, plan=PLAN,
            no_sensors=self._no_sensors,
        )  # fmt: skip

    def _listen(
        self, heard: Iterator[Item | Tick], take: Take, is_over: Callable[[], bool]
    ) -> Iterator[Item | Tick]:
        for item in heard:
            if isinstance(item, Tick):
                yield item
                continue
            self._newest.add(item)
            if isinstance(item, Batch):
                self._read(item, take)
            if isinstance(item, Event):
                take.notice(item)
                if item.kind in ("started", "applied", "idle"):
                    item = replace(item, kind="rehearsed", data={"was": item.kind, **item.data})
            yield item
            if is_over():
                return

    def _read(self, batch: Batch, take: Take) -> None:
        column = self._newest.column
        if batch.group == OPS:
            take.add_rows(
                [int(number) for number in column(batch, "segment.number")],
                column(batch, "segment.duration"),
                column(batch, "segment.energy"),
            )
            return
        watts = column(batch, "system.power")
        source = "physics"
        if not watts:
            amps, volts = column(batch, "battery.current"), column(batch, "battery.voltage")
            watts = [-a * v for a, v in zip(amps, volts, strict=False)]
            source = "gauge"
        if watts and len(watts) == batch.rows:
            take.add_power(source, [t / NS_PER_S for t in batch.t_ns.tolist()], watts)

    def _staged(self, takes: Sequence[Take], rest: Take) -> Stage:
        table, source = table_of(self._ops, self._points, takes, rest)
        period_s = self._grid.period_s or self._grid.slack * table.race_s
        self._grid.check(period_s, table.race_s)
        return Stage(
            mode=self._points.mode,
            cluster=self._points.cluster,
            mask=self._points.points[0].mask,  # of the fastest: what nobody chose otherwise
            threads=self._load.threads,
            core_knob=self._points.core_knob,
            memory_knob=self._points.memory_knob,
            table=table,
            period_s=period_s,
            source=source,
            masks=tuple(p.mask for p in self._points.in_order)
            if self._points.mode == "advisory"
            else (),
            processor=self._grid.processor,
        )
