"""What the host does while a load runs, on the phone's clock: is it safe, is it late, what next."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from statistics import fmean
from typing import Any

from benchmarks.cloud.shaping import Network
from benchmarks.commands import carry_out
from benchmarks.conversation import STEP_S
from benchmarks.newest import Newest
from benchmarks.occupancy import Occupancy
from benchmarks.policies.base import (
    Action,
    Controller,
    Observation,
    Replan,
    SegmentRow,
    SetSplit,
    SetVariant,
)
from benchmarks.safety import BATTERY, Level, SafetyStop, Watch
from benchmarks.sensors import Sensors
from benchmarks.specs import RunSpec
from devices.agent.link import AgentLink
from devices.agent.messages import OPS
from devices.agent.messages import refusal as problem
from devices.clock import HOST, NS_PER_S
from devices.errors import LaneEndedError, TransientDeviceError
from devices.samples import Batch, Event, Item

FRESH_S = 3.0  # what is older than this says nothing about the present [s of device time]
LATE_S = 30.0  # a load that outlives its plan by so much will not end [s of device time]


class Steering:
    """What the host of one trial remembers between two items."""

    def __init__(
        self,
        link: AgentLink,
        spec: RunSpec,
        controller: Controller,
        sensors: Sensors,
        occupancy: Occupancy | None,
        first_split: str = "",
    ) -> None:
        self._link = link
        self._spec = spec
        loads = spec.benchmark.loads()
        self._occupancy = occupancy
        self._running = set() if occupancy else set(range(len(loads)))  # lanes
        self._variant = loads[0].workload
        self._controller = controller
        self._watch = Watch(has_battery=sensors.has_battery)
        self._warned: set[str] = set()
        self._newest = Newest()
        self._start_ns: int | None = None
        self._now_ns = 0  # of the phone, when it was last looked at
        self._due_s = 0.0
        self._variant_gen = 0  # the generation that brought it
        self._finished = 0
        self._latencies: list[float] = []  # of inferences that ran the variant in force [s]
        self._segments: list[SegmentRow] = []
        self._cuts = {0: first_split}  # by the generation that brought them
        self._network = next((load.split.network for load in loads if load.split), Network())
        self._condition = self._network.at(0.0)

    @property
    def has_ended(self) -> bool:
        """Whether every lane is idle and nobody will come any more."""
        return not self._running and (self._occupancy is None or self._occupancy.is_over)

    def take(self, item: Item) -> Iterator[Event]:
        """Look at one item; yield the host's own remarks about it."""
        self._newest.add(item)
        if isinstance(item, Event):
            self._notice(item)
        elif isinstance(item, Batch):
            latencies = self._newest.column(item, "inference.latency")
            self._finished += len(latencies)
            # What ended after a shift, but ran before it, says nothing of the variant in force.
            self._latencies += [
                latency_s
                for latency_s, gen in self._newest.rows(item, "inference.latency", "inference.gen")
                if gen >= self._variant_gen
            ]
            self._segments += self._told(item)
            if self._occupancy:
                self._occupancy.add(latencies)
            yield from self._turn(item.trial)

    def _notice(self, event: Event) -> None:
        match event.kind:
            case "started":
                self._start_ns = self._start_ns or event.t_ns
                self._running.add(int(event.data.get("lane", 0)))
            case "idle":
                lane = int(event.data.get("lane", 0))
                self._running.discard(lane)
                if self._occupancy:
                    self._occupancy.went_idle(lane, int(event.data.get("done", 0)))
            case "trip":
                limit = f"{event.data.get('id')} is {event.data.get('v')}"
                raise SafetyStop(f"the phone's own limit ended the load: {limit}")
            case "silent":
                raise TransientDeviceError("the phone heard nothing from us and ended the load")
            case "error":
                raise problem(str(event.data.get("code")), str(event.data.get("msg", "")))

    def _turn(self, trial: int) -> Iterator[Event]:
        """Once per period of device time: is it safe, is it late, what does the policy want."""
        if self._start_ns is None or self.has_ended:
            return
        t_s = (self._newest.t_ns - self._start_ns) / NS_PER_S
        if t_s < self._due_s:
            return
        self._due_s = t_s + self._spec.policy.min_period_s
        self._now_ns = self._newest.t_ns
        yield from self._guard(trial)
        yield from self._shape(trial, t_s)
        ends_s = self._occupancy.ends_s(t_s) if self._occupancy else 0.0
        if t_s > max(self._spec.planned_s, ends_s) + LATE_S:
            raise TransientDeviceError(f"the load did not end {LATE_S:g} s after its time")
        yield from self._decide(trial, t_s)

    def leisure_s(self) -> float:
        """Return how long nothing is to be done if the phone says nothing [s of host time]."""
        if self._occupancy is None or self._link.is_lockstep:
            return STEP_S
        left_s = self._occupancy.due_s - self._clock_s()
        return min(max(left_s / self._link.rate, 0.0), STEP_S)

    def keep_time(self, trial: int) -> Iterator[Event]:
        """Let tenants come and go when their time has come, whatever the phone has said since."""
        if self._occupancy is None or self._start_ns is None or self.has_ended:
            return
        t_s = self._clock_s()
        if t_s < self._occupancy.due_s:
            return
        self._now_ns = self._start_ns + round(t_s * NS_PER_S)
        for kind, data in self._occupancy.turn(t_s):
            yield self._remark(trial, kind, data)
        yield from self._decide(trial, t_s)

    def _clock_s(self) -> float:
        """Return what time it is on the phone: seconds since the load started, 0 before."""
        if self._start_ns is None:
            return 0.0
        now_ns = self._newest.t_ns
        if not self._link.is_lockstep:  # there, time passes with rows only
            now_ns = max(now_ns, self._link.offset.device_at(HOST.now_ns()))
        return (now_ns - self._start_ns) / NS_PER_S

    def _decide(self, trial: int, t_s: float) -> Iterator[Event]:
        if self._occupancy and self._occupancy.is_over:
            return  # nobody may be started any more
        for action in self._controller.decide(self._observe(t_s)):
            yield self._act(trial, action)
        if self._occupancy:
            self._occupancy.start_waiting()

    def _shape(self, trial: int, t_s: float) -> Iterator[Event]:
        """Give the network the condition that its trace has now."""
        condition = self._network.at(t_s)
        if condition is not None and condition != self._condition:
            self._condition = condition
            self._link.request("network", **condition.as_command())
            yield self._remark(trial, "network", asdict(condition))

    def _guard(self, trial: int) -> Iterator[Event]:
        battery_ns = self._newest.row_ns(BATTERY)
        battery_s = None if battery_ns is None else battery_ns / NS_PER_S
        finding = self._watch.look(battery_s, self._newest.within(FRESH_S))
        if finding is None:
            return
        if finding.level is Level.ABORT:
            self._link.request("stop", lane="all")
            raise SafetyStop(finding.sentence)
        if finding.quantity not in self._warned:
            self._warned.add(finding.quantity)
            yield self._remark(trial, "warning", {"text": finding.sentence})

    def _observe(self, t_s: float) -> Observation:
        latencies, self._latencies = self._latencies, []
        finished, self._finished = self._finished, 0
        segments, self._segments = self._segments, []
        return Observation(
            t_s=t_s,
            newest=dict(self._newest.values),
            variant=self._variant,
            finished=finished,
            latency_s=fmean(latencies) if latencies else None,
            split=self._cut_in_force(),
            tenants=dict(self._occupancy.present) if self._occupancy else {},
            segments=tuple(segments),
        )

    def _told(self, batch: Batch) -> list[SegmentRow]:
        """Return the segments of planned inferences that a batch tells."""
        if batch.group != OPS:
            return []
        names = ("slot", "number", "duration", "core_clock", "memory_clock")
        columns = [self._newest.column(batch, f"segment.{name}") for name in names]
        return [
            SegmentRow(int(slot), int(number), seconds, int(core), int(memory))
            for slot, number, seconds, core, memory in zip(*columns, strict=True)
        ]

    def _cut_in_force(self) -> str:
        """Return the cut that the newest inference ran under: a choice counts a little later."""
        newest = self._newest.values.get("inference.gen", 0.0)
        return self._cuts[max(gen for gen in self._cuts if gen <= newest)]

    def _act(self, trial: int, action: Action) -> Event:
        """Carry out an action; remark what was seen, when, and how much later the phone knew."""
        seen_ns = self._now_ns
        told = self._told_of(action)
        if self._occupancy and self._occupancy.takes(action):
            return self._remark(trial, "action", told)
        try:
            ack = carry_out(self._link, action, self._variant)
        except LaneEndedError:
            return self._remark(trial, "too_late", told)
        if isinstance(action, SetVariant) and action.lane == 0:
            self._variant, self._variant_gen = action.variant, int(ack["gen"])
            self._latencies = []
        if isinstance(action, SetSplit) and action.lane == 0:
            self._cuts[int(ack["gen"])] = action.split
        lag_s = round((int(ack["t"]) - seen_ns) / NS_PER_S, 3)
        when = {"seen_ns": seen_ns, "lag_s": lag_s, "gen": ack.get("gen")}
        kind = "planned" if isinstance(action, Replan) else "action"
        return self._remark(trial, kind, {**told, **when})

    @staticmethod
    def _told_of(action: Action) -> dict[str, Any]:
        """Return what the record says of an action."""
        if isinstance(action, Replan):
            return {**action.plan.told(), "why": action.reason}
        return {"action": type(action).__name__, **asdict(action)}

    def _remark(self, trial: int, kind: str, data: Mapping[str, Any]) -> Event:
        return Event(trial=trial, i=-1, t_ns=self._now_ns, kind=kind, data=data)
