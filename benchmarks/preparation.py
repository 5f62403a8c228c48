"""Preparing a phone: workload onto it, outputs checked, sensors chosen, heat gone; and back."""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.conversation import Tick, finish, listen
from benchmarks.fitness import refuse_unfit
from benchmarks.installation import Installed, install
from benchmarks.knobs import set_knobs
from benchmarks.newest import Newest
from benchmarks.peering import meet, part
from benchmarks.policies.base import Place
from benchmarks.policies.dvfs.stage import STAGE
from benchmarks.rehearsal import Rehearsal
from benchmarks.rehearsed_grid import refuse_grid
from benchmarks.safety import heat_refusal, is_plausible
from benchmarks.sensors import find_sensors, sample
from benchmarks.specs import RunSpec, StartGate
from benchmarks.start_gate import Outcome, Passage, Settling
from benchmarks.tasks import task_of
from devices.agent.install import ROOT
from devices.agent.link import AgentLink
from devices.agent.messages import DATA_INTERVAL_S
from devices.clock import NS_PER_S
from devices.dumpsys import power
from devices.errors import StableDeviceError, TransientDeviceError
from devices.knobs import restore as put_back
from devices.phone import Phone
from devices.profile import DeviceProfile
from devices.root import find_root
from devices.samples import Batch, Event, Group, Item

COOLING_LIMIT_S = 1200.0  # device time; a phone that is too hot for longer than that is refused


FASTEST = 100.0  # times the world: beyond it, a host's decisions come too late [1]


class NotSettled(Exception):
    """The phone did not come to rest in time."""

    def __init__(self, message: str, *, skips: bool) -> None:
        super().__init__(message)
        self.skips = skips  # the spec wants the run skipped, not failed


def prepare(
    link: AgentLink,
    phone: Phone,
    profile: DeviceProfile,
    spec: RunSpec,
    *,
    trial: int = 0,
    idle_c: Mapping[str, float] | None = None,
    findings: dict[str, Any] | None = None,
) -> Iterator[Item | Tick]:
    """Bring the phone to its start state; the last item is the event `baseline`.

    `idle_c` has this phone's idle state per temperature channel [°C], where it is known; into
    `findings` goes what `perform` needs to know from here.

    Raises:
        NotSettled: if it is still not at rest and the spec does not say `mark`.
    """
    _refuse(link, phone, profile, spec)
    loads = spec.benchmark.loads()
    wanted = spec.preconditions.knobs
    knobs = set_knobs(link, phone, profile, wanted)
    installed: list[Installed] = []
    yield from install(link, phone, loads, installed)
    found: dict[str, Any] = {} if findings is None else findings
    yield from meet(link, phone, loads, found)
    rehearsal = _begin(link, profile, spec, trial)
    newest = Newest()
    settling = Settling(spec.preconditions.start_gate, idle_c or {})
    heard = listen(link)
    if rehearsal is not None:
        yield from _rehearse(rehearsal, heard, settling, newest)
        found[STAGE] = rehearsal.stage.as_dict()
        if wanted:  # giving the clocks back has undone these too
            knobs = set_knobs(link, phone, profile, wanted)
    settle = _settle(heard, settling, spec.preconditions.start_gate)
    for item in _cooled(settle, heard, newest, trial):
        if not isinstance(item, Tick):
            newest.add(item)
        yield item
    assert settling.passage is not None
    yield from finish(link, heard, trial)
    state = _state(newest, profile, settling.passage, idle_c or {})
    more = {**_clock(link), "screen_on": power.read(phone)}
    workloads = [workload.as_dict() for workload in installed]
    # What was set below its maximum on purpose is no throttling.
    state["capped"] = [name for name in state["capped"] if not _is_asked(name, profile, wanted)]
    data = {**state, **workloads[0], "workloads": workloads, "knobs": knobs, **more, **found}
    yield Event(trial=trial, i=-1, t_ns=newest.t_ns, kind="baseline", data=data)


def _clock(link: AgentLink) -> dict[str, Any]:
    """Compare the clocks once more."""
    offset = link.sync()
    return {"clock_error_ns": offset.error_ns, "clock_rate": offset.rate}


def _refuse(link: AgentLink, phone: Phone, profile: DeviceProfile, spec: RunSpec) -> None:
    """Refuse what does not fit this phone, before anything is pushed."""
    refuse_unfit(spec, profile)
    _refuse_late(link, profile, spec)
    spec.policy.start(profile, task_of(spec, phone, profile))
    if (grid := spec.grid()) is not None:
        refuse_grid(grid, profile, link.caps)


def _begin(link: AgentLink, profile: DeviceProfile, spec: RunSpec, trial: int) -> Rehearsal | None:
    """Begin the settling trial; return what is rehearsed in it, if anything is."""
    loads, grid = spec.benchmark.loads(), spec.grid()
    sensors = find_sensors(link, profile)
    sample(link, sensors, max(load.sample_hz for load in loads))
    rehearsal = None
    if grid is not None:
        rehearsal = Rehearsal(link, profile, loads[0], grid, no_sensors=not sensors.has_battery)
        rehearsal.ship()
    link.request("begin", trial=trial)
    return rehearsal


def _rehearse(
    rehearsal: Rehearsal, heard: Iterator[Item | Tick], settling: Settling, newest: Newest
) -> Iterator[Item | Tick]:
    """Rehearse; the gate learns of the sensors, and judges nothing yet."""
    for item in rehearsal.perform(heard):
        if isinstance(item, Group):
            settling.declare(item)
        if not isinstance(item, Tick):
            newest.add(item)
        yield item


def _refuse_late(link: AgentLink, profile: DeviceProfile, spec: RunSpec) -> None:
    """Refuse a policy whose decisions this phone would hear of too late."""
    policy = spec.policy
    if Place.HOST in policy.places and profile.speed > FASTEST and not link.is_lockstep:
        late_s = DATA_INTERVAL_S * profile.speed
        raise StableDeviceError(
            f"policy {policy.kind} decides on the host: at {profile.speed:g} × this phone would "
            f"be obeyed {late_s:.0f} s of its time too late; start it at {FASTEST:g} × or slower"
        )


def _settle(
    heard: Iterator[Item | Tick], settling: Settling, gate: StartGate
) -> Iterator[Item | Tick]:
    """Listen until the gate opens, or gives up as the spec says."""
    for item in heard:
        yield item
        if isinstance(item, Group):
            settling.declare(item)
        elif isinstance(item, Batch):
            settling.add(item)
        elif isinstance(item, Event) and item.kind == "clk" and not settling.has_zones:
            # The first clock event follows the declarations: there is nothing more to come.
            settling.passage = Passage(Outcome.NO_SENSOR, 0.0, "no temperature sensor")
        if gate.timeout_s == 0 and isinstance(item, Batch):
            settling.passage = settling.passage or Passage(Outcome.OFF, 0.0)
        if settling.passage is not None:
            return _judge(settling.passage, gate)


def _cooled(
    settle: Iterator[Item | Tick], heard: Iterator[Item | Tick], newest: Newest, trial: int
) -> Iterator[Item | Tick]:
    """Settle, then listen on while the phone is too hot for any load to be safe.

    This wait is about safety and knows no option; the start gate is about comparability and may
    be off. What is still too hot in the end is refused by `perform`, with its sentence.
    """
    yield from settle
    because = heat_refusal(newest.values)
    if because is None:
        return
    settled_ns = newest.t_ns
    data = {"because": because, "limit_s": COOLING_LIMIT_S}
    yield Event(trial=trial, i=-1, t_ns=settled_ns, kind="cooling", data=data)
    while heat_refusal(newest.values) and newest.t_ns - settled_ns < COOLING_LIMIT_S * NS_PER_S:
        yield next(heard)


def _judge(passage: Passage, gate: StartGate) -> None:
    if passage.outcome is Outcome.TIMED_OUT and gate.on_timeout != "mark":
        sentence = f"not at rest after {passage.waited_s:.0f} s: {passage.because}"
        raise NotSettled(sentence, skips=gate.on_timeout == "skip")


def _state(
    newest: Newest, profile: DeviceProfile, passage: Passage, idle_c: Mapping[str, float]
) -> dict[str, Any]:
    """Return the measured state of the phone at the start, as JSON."""
    zones = {
        name: round(value, 3)
        for name, value in sorted(newest.values.items())
        if name.endswith(".temperature") and is_plausible(value)
    }
    current = newest.values.get("battery.current")
    return {
        "skins": [f"thermal:{zone.replace(' ', '_')}" for zone in profile.skin_zones],
        "zones_c": zones,
        "battery_level": newest.values.get("battery.level"),
        "charging": None if current is None else current > 0,
        "capped": _capped(newest, profile),
        "idle_c": dict(idle_c),
        "gate": {
            "outcome": passage.outcome.value,
            "waited_s": round(passage.waited_s, 3),
            "because": passage.because,
            "slopes_c_per_min": {k: round(v, 4) for k, v in passage.slopes_c_per_min.items()},
            "means_c": {k: round(v, 3) for k, v in passage.means_c.items()},
        },
    }


def _capped(newest: Newest, profile: DeviceProfile) -> list[str]:
    """Return the clusters whose cap lies below their highest frequency."""
    names = {f"cpu.{cluster.name}.frequency_cap": cluster.max_khz for cluster in profile.clusters}
    return [n for n, khz in names.items() if newest.values.get(n, khz * 1e3) < khz * 1e3 - 0.5]


def _is_asked(cap: str, profile: DeviceProfile, wanted: Mapping[str, str]) -> bool:
    """Return whether a cluster's cap was asked for."""
    policies = {f"cpu.{c.name}.frequency_cap": c.policy for c in profile.clusters}
    return f"cluster{policies.get(cap)}.max_khz" in wanted


def restore(phone: Phone) -> None:
    """End any agent that still runs on the phone and put its knobs back.

    It needs nothing but the phone: the old values are noted there.

    Raises:
        TransientDeviceError: if a knob does not go back; whoever probes the phone next tries again.
    """
    # The brackets keep the pattern from finding the shell that carries it.
    running = phone.run(["pgrep", "-f", f"{ROOT}/bin/[a]gent-"]).stdout.split()
    if running:
        as_root = find_root(phone) or list  # an agent that sets knobs is root's
        phone.run(as_root(["kill", *running]))
    part(phone)
    stuck = [setting for setting in put_back(phone) if not setting.is_kept]
    if stuck:
        told = "; ".join(f"{one.name} was {one.want} and is {one.got}" for one in stuck)
        raise TransientDeviceError(
            f"knobs of {phone.serial} did not go back: {told}; a reboot resets them"
        )
