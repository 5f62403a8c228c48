"""One trial of one load, from its first command to its last row."""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.arrivals import tell
from benchmarks.catalog.base import Load
from benchmarks.commands import ship, start_command
from benchmarks.conversation import Tick, finish, listen
from benchmarks.occupancy import occupancy_of
from benchmarks.policies.base import Plan
from benchmarks.safety import SafetyStop, refusal
from benchmarks.sensors import find_sensors
from benchmarks.specs import RunSpec
from benchmarks.steering import Steering
from benchmarks.tasks import NOTHING, task_of
from devices.agent.link import AgentLink
from devices.phone import Phone
from devices.profile import DeviceProfile
from devices.samples import Event, Item

__all__ = ["Tick", "perform"]


def perform(
    link: AgentLink,
    phone: Phone,
    profile: DeviceProfile,
    spec: RunSpec,
    trial: int = 1,
    findings: Mapping[str, Any] = NOTHING,
) -> Iterator[Item | Tick]:
    """Run the load of a prepared phone and yield what it measures, a Tick where nothing came.

    `findings` is what the preparation of this run has written down.

    Raises:
        SafetyStop: if a limit refuses the start or ends the load.
    """
    sensors = find_sensors(link, profile)
    why_not = refusal(sensors.values)
    if why_not is not None:
        raise SafetyStop(why_not)
    task = task_of(spec, phone, profile, findings)
    loads = spec.benchmark.loads_after(findings)
    plan = spec.policy.plan(profile, task)
    words, told = _equip(link, spec, plan, loads[0])
    begun = link.request("begin", trial=trial)
    for kind, data in told.items():
        yield Event(trial=trial, i=-1, t_ns=int(begun["t"]), kind=kind, data=data)
    occupancy = occupancy_of(link, spec, has_battery=sensors.has_battery)
    if occupancy:
        loads = ()
        occupancy.begin()
    first = plan.split if plan is not None else ""
    steering = Steering(link, spec, spec.policy.start(profile, task), sensors, occupancy, first)
    for lane, load in enumerate(loads):
        start = start_command(lane, load, spec.seed, has_battery=sensors.has_battery)
        link.request("start", **(start | words if lane == 0 else start))
    heard = listen(link, steering.leisure_s)
    for item in heard:
        yield item
        if not isinstance(item, Tick):
            yield from steering.take(item)
        yield from steering.keep_time(trial)
        if steering.has_ended:
            break
    yield from finish(link, heard, trial)


def _equip(
    link: AgentLink, spec: RunSpec, plan: Plan | None, load: Load
) -> tuple[dict[str, Any], dict[str, Mapping[str, Any]]]:
    """Give the agent the plan and the arrivals of its first lane, before the trial.

    Return what `start` must say to use them, and what the record says, by the event's kind.
    """
    words: dict[str, Any] = {}
    told: dict[str, Mapping[str, Any]] = {}
    if plan is not None:
        words |= ship(link, plan, load)
        told["planned"] = plan.told()
    if load.arrivals.are_listed:
        listed, told["arrivals"] = tell(
            link, load.arrivals, load.period_s, load.duration_s, spec.seed
        )
        words |= listed
    return words, told
