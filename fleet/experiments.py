"""How an agenda becomes runs on chosen devices, how far they are, and how they are stopped."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from benchmarks.agenda import (
    MOST_RUNS,
    Agenda,
    AgendaError,
    Planned,
    check_selector,
    plan,
    why_no_cell,
)
from fleet import leases
from fleet.fitting import facts_of
from fleet.lifecycle.device import USABLE, Health
from fleet.lifecycle.device import State as DeviceState
from fleet.lifecycle.run import ENDED, State
from fleet.models import Device, Event, Experiment, Run
from fleet.scheduler import SELECTOR_KEYS, accepts
from fleet.submission import Refused, refuse_removed

SETTLING_S = 90.0  # device time before a load, until a finished run has shown how long it is


def submit_agenda(agenda: Agenda, by: AbstractBaseUser | None) -> Experiment:
    """Check an agenda whole and queue its runs. Raises Refused, and then nothing was stored."""
    try:
        check_selector(agenda, (*SELECTOR_KEYS, "serial"))
        planned = plan(agenda)
        devices = choose_devices(agenda, planned)
    except AgendaError as error:
        raise Refused(str(error), field=error.field) from None
    if len(planned) * len(devices) > MOST_RUNS:
        raise Refused(
            f"{len(planned)} runs on each of {len(devices)} devices are more than {MOST_RUNS}",
            field="config.repeats",
            hint="ask for fewer repeats or devices, or split the agenda",
        )
    with transaction.atomic():
        refuse_removed([one.spec for one in planned], field="workloads")
        experiment = Experiment.objects.create(
            name=agenda.experiment,
            agenda_json=agenda.model_dump(mode="json"),
            created_by_id=by.pk if by else None,
        )
        # In the order of the plan, so that on each device the numbers of the runs have it too.
        runs = Run.objects.bulk_create(
            _run(experiment, agenda, one, device) for one in planned for device in devices
        )
        actor = str(by) if by else "simmer"
        Event.objects.bulk_create(Event(run=run, word="queued", actor=actor) for run in runs)
    return experiment


def choose_devices(agenda: Agenda, planned: Sequence[Planned]) -> list[Device]:
    """Return the devices that will measure: those that can, free ones first.

    Raises:
        Refused: if there are too few.
        AgendaError: if one that must take part lacks what a run of the plan needs.
    """
    rows = list(Device.objects.select_related("host").exclude(health=Health.RETIRED))
    select = agenda.devices.select
    matching = [d for d in rows if accepts(select, facts_of(d) | {"serial": d.serial})]
    usable = [d for d in matching if d.health in USABLE]
    if not usable:
        raise Refused(_why_none(rows, matching), field="devices.select", hint=_what_there_is(rows))
    lacking = {device.pk: why_no_cell(agenda, planned, device.profile) for device in usable}
    usable.sort(key=lambda d: (lacking[d.pk] is not None, d.state != DeviceState.IDLE, d.pk))
    count = agenda.devices.count
    if count != "all" and count > len(usable):
        raise Refused(
            f"{count} devices are asked for, {len(usable)} match and are in good health",
            field="devices.count",
            hint="write `count: all`, or widen `devices.select`",
        )
    chosen = usable if count == "all" else usable[:count]
    if (refusal := lacking[chosen[-1].pk]) is not None:
        raise refusal
    return chosen


def _why_none(rows: Sequence[Device], matching: Sequence[Device]) -> str:
    if not rows:
        return "this farm has no device"
    if not matching:
        return "no device of this farm matches"
    found = ", ".join(f"{device} ({device.health})" for device in matching)
    return f"every device that matches is out of order: {found}"


def _what_there_is(rows: Sequence[Device]) -> str:
    facts = [f"{d}: kind {d.kind}, soc {(d.profile_json or {}).get('soc', '?')}" for d in rows[:8]]
    return "there is " + "; ".join(facts) if facts else "connect a phone, or start virtual ones"


def _run(experiment: Experiment, agenda: Agenda, planned: Planned, device: Device) -> Run:
    return Run(
        benchmark=planned.spec.benchmark.kind,
        spec_json=planned.spec.model_dump(mode="json"),
        labels=dict(planned.spec.labels),
        priority=agenda.config.priority,
        max_attempts=agenda.config.max_attempts,
        created_by_id=experiment.created_by_id,
        wanted=device,
        experiment=experiment,
        section=planned.section,
        workload=planned.workload,
        repeat=planned.repeat,
    )


def cancel_experiment(experiment: Experiment, by: AbstractBaseUser) -> int:
    """Ask all runs that have not ended to stop; return how many were asked. Raises Refused."""
    waiting = list(experiment.runs.exclude(state__in=ENDED).order_by("-pk"))
    if not waiting:
        raise Refused(f"experiment {experiment.pk} has ended: there is nothing to cancel")
    Experiment.objects.filter(pk=experiment.pk, cancel_requested_at=None).update(
        cancel_requested_at=timezone.now()
    )
    # From the last one on, so that no phone takes the next run while the others are told.
    return sum(leases.cancel(run.pk, str(by)) is not None for run in waiting)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an experiment is."""

    counts: Counter[str]  # runs per state
    left_s: float | None  # time on the wall until its end as planned [s]; None: nobody can say

    @property
    def total(self) -> int:
        """All its runs."""
        return self.counts.total()

    @property
    def done(self) -> int:
        """Those that have ended."""
        return sum(self.counts[state] for state in ENDED)

    @property
    def state(self) -> str:
        """One word for the whole: that of what its runs do."""
        if self.done < self.total:
            return "queued" if self.counts[State.QUEUED] == self.total else "measuring"
        for state in (State.COMPLETED, State.CANCELLED, State.ABORTED):
            if self.counts[state]:
                return str(state)
        return str(State.FAILED)


def progress_of(experiment: Experiment) -> Progress:
    """Return how many runs are where, and when the last device will be done."""
    counts = Counter(
        {row["state"]: row["n"] for row in experiment.runs.values("state").annotate(n=Count("id"))}
    )
    open_runs = experiment.runs.exclude(state__in=ENDED)
    devices = set(open_runs.values_list("wanted_id", flat=True))
    ends = [_left_on(experiment, device) for device in devices if device is not None]
    return Progress(counts, max(ends, default=None if devices else 0.0))


def _left_on(experiment: Experiment, device: int) -> float:
    """Return the time on the wall until a device has done its runs [s]."""
    mine = experiment.runs.filter(wanted=device)
    first = mine.exclude(state__in=ENDED).first()
    assert first is not None  # only devices with open runs are asked for
    per_run = _took(mine) or _planned(first)
    left = mine.exclude(state__in=ENDED).count() * per_run
    started = mine.exclude(state__in=[*ENDED, State.QUEUED]).aggregate(at=Min("started_at"))["at"]
    passed = (timezone.now() - started).total_seconds() if started else 0.0
    return max(0.0, left - min(passed, per_run))


def _took(runs: QuerySet[Run]) -> float | None:
    """Return how long the finished runs of a device took from start to start [s]."""
    times = list(
        runs.filter(state=State.COMPLETED)
        .order_by("started_at")
        .values_list("started_at", "finished_at")
    )
    spans = [(end - start).total_seconds() for start, end in times if start and end]
    return sum(spans) / len(spans) if spans else None


def _planned(run: Run) -> float:
    profile = (run.wanted.profile_json if run.wanted else None) or {}
    speed = float(profile.get("speed") or 1.0)
    return (run.spec.planned_s + SETTLING_S) / speed
