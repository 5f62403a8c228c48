"""The run's states, which step may follow which, and how each error ends a run."""

from dataclasses import dataclass

from django.db.models import TextChoices

from benchmarks.preparation import NotSettled
from benchmarks.safety import SafetyStop
from devices.errors import StableDeviceError, TransientDeviceError, WorkloadError


class State(TextChoices):
    """Where a run is on its way."""

    QUEUED = "queued"  #: waiting for a phone
    LEASED = "leased"  #: a phone is held, nothing touched
    PREPARING = "preparing"  #: installing, settling to the start gate (trial 0)
    MEASURING = "measuring"  #: trials run, batches arrive
    RESTORING = "restoring"  #: load off; putting the phone back
    ANALYZING = "analyzing"  #: phone released; sealing, metrics, verdict
    COMPLETED = "completed"  #: metrics and verdict stand
    FAILED = "failed"  #: gave up; kind and one human sentence
    CANCELLED = "cancelled"  #: someone asked
    ABORTED = "aborted"  #: a safety limit was reached


LIVE: tuple[State, ...] = (State.LEASED, State.PREPARING, State.MEASURING, State.RESTORING)
ENDED: tuple[State, ...] = (State.COMPLETED, State.FAILED, State.CANCELLED, State.ABORTED)

STEPS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.LEASED, State.FAILED, State.CANCELLED}),
    State.LEASED: frozenset({State.PREPARING, State.QUEUED, State.FAILED, State.CANCELLED}),
    State.PREPARING: frozenset(
        {State.MEASURING, State.RESTORING, State.QUEUED, State.FAILED, State.CANCELLED}
    ),
    State.MEASURING: frozenset({State.RESTORING, State.QUEUED, State.FAILED, State.CANCELLED}),
    State.RESTORING: frozenset(
        {State.ANALYZING, State.QUEUED, State.FAILED, State.CANCELLED, State.ABORTED}
    ),
    State.ANALYZING: frozenset({State.COMPLETED, State.FAILED}),
    State.COMPLETED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.ABORTED: frozenset(),
}


class LeaseLost(Exception):
    """Somebody else owns this phone now: stop the load and leave, write nothing."""


class Cancelled(Exception):
    """A person asked for this run to stop."""


class PhaseTimeout(Exception):
    """A phase took longer than its limit."""


class WorkerStopping(Exception):
    """This worker is being stopped; the run goes back to the queue."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What follows `restoring`: a word for `state_after`, and the sentence people read."""

    word: str  # measured, retry, failed, cancelled, aborted
    failure: str | None = None


#: First match wins; the word in front of the sentence is the class of the failure.
_ENDINGS: tuple[tuple[type[Exception], str, str], ...] = (
    (Cancelled, "cancelled", "cancelled"),
    (WorkerStopping, "retry", "infrastructure"),
    (SafetyStop, "aborted", "safety"),
    (PhaseTimeout, "failed", "timeout"),
    (NotSettled, "failed", "start gate"),
    (TransientDeviceError, "retry", "infrastructure"),
    (StableDeviceError, "failed", "configuration"),
    (WorkloadError, "failed", "benchmark"),
)


def ending_of(error: Exception) -> Ending:
    """Return how a run that met `error` ends; an unknown error is a bug of ours."""
    for kind, word, klass in _ENDINGS:
        if isinstance(error, kind):
            return Ending(word, f"{klass}: {error}")
    return Ending("failed", f"bug: {type(error).__name__}: {error}")
