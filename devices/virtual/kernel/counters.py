"""What the kernel counts since boot: busy time, time in each state, changes, load averages."""

from dataclasses import dataclass, field
from math import exp

from devices.virtual.kernel.history import Moment

_LOAD_S = (60.0, 300.0, 900.0)  # the spans of the three load averages [s]


@dataclass(slots=True)
class Tally:
    """How long one thing has been in each of its states, and how often it changed."""

    ns: list[int]
    moves: dict[tuple[int, int], int] = field(default_factory=dict)  # (from, to) -> how often

    @property
    def changes(self) -> int:
        """How often it changed at all."""
        return sum(self.moves.values())


@dataclass(slots=True)
class Counters:
    """Totals in ns of device time, load averages in runnable threads."""

    busy_ns: list[float]  # per CPU
    tallies: list[Tally]  # operating points of policies, memory and GPU, states of cooling devices
    load: list[float]

    @classmethod
    def at_boot(cls, cpus: int, states: list[int]) -> "Counters":
        """Return counters that stand at zero; `states` has how many there are of each thing."""
        tallies = [Tally([0] * count) for count in states]
        return cls([0.0] * cpus, tallies, [0.0] * len(_LOAD_S))

    def copy(self) -> "Counters":
        """Return an independent copy."""
        tallies = [Tally(tally.ns.copy(), tally.moves.copy()) for tally in self.tallies]
        return Counters(self.busy_ns.copy(), tallies, self.load.copy())

    def run(
        self, busy: tuple[float, ...], states: tuple[int, ...], was: tuple[int, ...], dt_ns: int
    ) -> None:
        """Count one grid interval; `was` are the states of the one before."""
        for cpu, share in enumerate(busy):
            if share:
                self.busy_ns[cpu] += share * dt_ns
        for i, state in enumerate(states):
            tally = self.tallies[i]
            tally.ns[state] += dt_ns
            if state != was[i]:
                move = (was[i], state)
                tally.moves[move] = tally.moves.get(move, 0) + 1
        running = sum(busy)
        for i, span_s in enumerate(_LOAD_S):
            self.load[i] += (running - self.load[i]) * (1.0 - exp(-dt_ns / 1e9 / span_s))


class Account:
    """What has been counted, and the span since then, in which nothing changed."""

    def __init__(self, totals: Counters) -> None:
        self._totals = totals
        self._was: tuple[int, ...] = ()  # the states before the span
        self.since_ns = 0

    def until(self, t_ns: int, last: Moment) -> Counters:
        """Return the totals at `t_ns`, which lies in the span; it has gone on as in `last`."""
        totals = self._totals.copy()
        if t_ns > self.since_ns:
            totals.run(last.busy, last.counted, self._was, t_ns - self.since_ns)
        return totals

    def close(self, t_ns: int, last: Moment) -> int:
        """Count the whole span, which ends here; return its length [ns]."""
        dt_ns = t_ns - self.since_ns
        self._totals.run(last.busy, last.counted, self._was, dt_ns)
        return dt_ns

    def open(self, t_ns: int, last: Moment) -> None:
        """Begin a new span."""
        self.since_ns, self._was = t_ns, last.counted
