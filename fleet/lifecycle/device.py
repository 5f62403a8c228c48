"""The device's states and healths, and which step may follow which."""

from django.db.models import TextChoices


class State(TextChoices):
    """What the device is doing."""

    OFFLINE = "offline"  #: no usable connection and no live lease
    PROBING = "probing"  #: reading its profile; undoing what a dead run left behind
    IDLE = "idle"  #: usable and free
    RESERVED = "reserved"  #: leased, not touched
    RUNNING = "running"  #: a run prepares, measures or restores
    COOLING = "cooling"  #: free, but above the start limits


class Health(TextChoices):
    """Our judgment of the device."""

    GOOD = "good"
    UNKNOWN = "unknown"
    LOOPING = "looping"
    BAD = "bad"
    MAINTENANCE = "maintenance"
    RETIRED = "retired"


STEPS: dict[State, frozenset[State]] = {
    State.OFFLINE: frozenset({State.PROBING}),
    State.PROBING: frozenset({State.IDLE, State.COOLING, State.OFFLINE}),
    State.IDLE: frozenset({State.RESERVED, State.PROBING, State.OFFLINE}),
    State.RESERVED: frozenset({State.RUNNING, State.IDLE, State.PROBING, State.OFFLINE}),
    State.RUNNING: frozenset({State.IDLE, State.COOLING, State.PROBING, State.OFFLINE}),
    State.COOLING: frozenset({State.IDLE, State.PROBING, State.OFFLINE}),
}

#: Healths whose idle devices take ordinary runs.
USABLE: tuple[Health, ...] = (Health.GOOD,)
