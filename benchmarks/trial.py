"""The measuring loop: one trial of one load, on the phone's clock."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from statistics import fmean
from typing import Any

from benchmarks.conversation import Tick, finish, listen
from benchmarks.newest import Newest
from benchmarks.policies.base import (
    Action,
    Idle,
    Observation,
    SetFreq,
    SetShare,
    SetSplit,
    SetVariant,
)
from benchmarks.safety import Level, SafetyStop, Watch, refusal
from benchmarks.sensors import Sensors, find_sensors
from benchmarks.specs import RunSpec
from devices.agent.link import AgentLink
from devices.agent.messages import refusal as problem
from devices.clock import NS_PER_S
from devices.errors import TransientDeviceError
from devices.phone import Phone
from devices.profile import DeviceProfile
from devices.samples import Batch, Event, Item

__all__ = ["Tick", "perform"]

LANE = 0
FRESH_S = 3.0  # what is older than this says nothing about the present [s of device time]
LATE_S = 30.0  # a load that outlives its plan by so much will not end [s of device time]


def perform(
    link: AgentLink, _phone: Phone, profile: DeviceProfile, spec: RunSpec, trial: int = 1
) -> Iterator[Item | Tick]:
    """Run the load of a prepared phone and yield what it measures, a Tick where nothing came.

    Raises:
        SafetyStop: if a limit refuses the start or ends the load.
    """
    sensors = find_sensors(link, profile)
    why_not = refusal(sensors.values)
    if why_not is not None:
        raise SafetyStop(why_not)
    link.request("begin", trial=trial)
    _start(link, spec, sensors)
    loop = _Loop(link, profile, spec, sensors)
    heard = listen(link)
    for item in heard:
        yield item
        if not isinstance(item, Tick):
            yield from loop.take(item)
        if loop.has_ended:
            break
    yield from finish(link, heard, trial)


def _start(link: AgentLink, spec: RunSpec, sensors: Sensors) -> None:
    load = spec.benchmark.load()
    link.request(
        "start",
        lane=LANE,
        model=load.workload,
        threads=load.threads,
        period_us=round(load.period_s * 1e6),
        dur_ms=round(load.duration_s * 1000),
        seed=spec.seed,
        no_sensors=not sensors.has_battery,
    )


class _Loop:
    """What one trial remembers between two items."""

    def __init__(
        self, link: AgentLink, profile: DeviceProfile, spec: RunSpec, sensors: Sensors
    ) -> None:
        self.has_ended = False
        self._link = link
        self._spec = spec
        self._variant = spec.benchmark.load().workload
        self._controller = spec.policy.start(profile)
        self._watch = Watch(has_battery=sensors.has_battery)
        self._warned: set[str] = set()
        self._newest = Newest()
        self._start_ns: int | None = None
        self._due_s = 0.0
        self._latencies: list[float] = []

    def take(self, item: Item) -> Iterator[Event]:
        """Look at one item; yield the host's own remarks about it."""
        self._newest.add(item)
        if isinstance(item, Event):
            self._notice(item)
        elif isinstance(item, Batch):
            self._latencies += self._newest.column(item, "inference.latency")
            yield from self._turn(item.trial)

    def _notice(self, event: Event) -> None:
        match event.kind:
            case "started":
                self._start_ns = event.t_ns
            case "idle":
                self.has_ended = True
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
        yield from self._guard(trial, t_s)
        if t_s > self._spec.planned_s + LATE_S:
            raise TransientDeviceError(f"the load did not end {LATE_S:g} s after its time")
        for action in self._controller.decide(self._observe(t_s)):
            yield self._act(trial, action)

    def _guard(self, trial: int, t_s: float) -> Iterator[Event]:
        finding = self._watch.look(t_s, self._newest.within(FRESH_S))
        if finding is None:
            return
        if finding.level is Level.ABORT:
            self._link.request("stop", lane=LANE)
            raise SafetyStop(finding.sentence)
        if finding.quantity not in self._warned:
            self._warned.add(finding.quantity)
            yield self._remark(trial, "warning", {"text": finding.sentence})

    def _observe(self, t_s: float) -> Observation:
        latencies, self._latencies = self._latencies, []
        return Observation(
            t_s=t_s,
            newest=dict(self._newest.values),
            variant=self._variant,
            finished=len(latencies),
            latency_s=fmean(latencies) if latencies else None,
        )

    def _act(self, trial: int, action: Action) -> Event:
        """Carry out an action and remark when it was seen, decided and acknowledged."""
        seen_ns = self._newest.t_ns
        op, arguments = command_of(action)
        ack = self._link.request(op, **arguments)
        if isinstance(action, SetVariant):
            self._variant = action.variant
        told = {"action": type(action).__name__, **asdict(action)}
        result: dict[str, Any] = {key: ack[key] for key in ("gen", "knobs") if key in ack}
        return self._remark(trial, "action", {**told, "seen_ns": seen_ns, "gen": None, **result})

    def _remark(self, trial: int, kind: str, data: Mapping[str, Any]) -> Event:
        return Event(trial=trial, i=-1, t_ns=self._newest.t_ns, kind=kind, data=data)


def command_of(action: Action) -> tuple[str, dict[str, Any]]:
    """Return the agent's command for an action: its word and its arguments."""
    match action:
        case SetVariant():
            return "set", {"lane": LANE, "model": action.variant}
        case Idle():
            return "set", {"lane": LANE, "idle_us": round(action.seconds * 1e6)}
        case SetShare():
            return "set", {"lane": action.lane, "share_pm": round(action.share * 1000)}
        case SetSplit():
            return "set", {"lane": LANE, "cut": action.cut, "peer": dict(action.peer)}
        case SetFreq():
            return "knob", {"set": [{"k": action.knob, "v": action.khz}]}
