"""The course of one inference through a plan: stretches of layers, each at clocks of its own.

A plan says for every stretch which clocks it wants, and how to go on when it is late. Clocks come
in force some time after they were written, so a stretch may begin at those of the one before it.
"""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, NamedTuple

from devices.virtual.kernel.windows import Watch, Windows
from devices.virtual.physics.cpu import Work

NS = 1_000_000_000
_NEVER = 1 << 62

#: Operating points by domain: clusters are counted from 0, the memory comes after the last one.
Points = tuple[tuple[int, int], ...]


class Pace(NamedTuple):
    """What the silicon offers to one lane, or one stretch of it, within one grid interval."""

    latency_s: float  # of the undisturbed work
    power_w: float  # drawn for the lane while it computes, with the die at REFERENCE_C
    core: int
    threads: int
    cores_w: tuple[float, ...] = ()  # of that power, what busy cores draw, per cluster
    bytes: float = 0.0  # that the undisturbed work moves
    share: float = 1.0  # of the time in which it computes at all; the rest is others' turns
    gpu_w: float = 0.0  # of the power, what the GPU draws
    growth_w_k: float = 0.0  # of the power, per kelvin that the die is warmer

    def warmer_by(self, kelvin: float) -> "Pace":
        """Return the same pace with the power of a warmer die."""
        return self._replace(power_w=self.power_w + self.growth_w_k * kelvin)


PaceAt = Callable[[Work, Points], Pace]  # what some layers take at these clocks


@dataclass(frozen=True, slots=True)
class Rung:
    """One way through all stretches."""

    points: tuple[Points, ...]  # per stretch
    tails_s: tuple[float, ...]  # per stretch: planned from its start to the end


@dataclass(frozen=True, slots=True)
class Route:
    """A plan as the silicon sees it."""

    works: tuple[Work, ...]  # the layers of each stretch
    rungs: tuple[Rung, ...]  # the plan, then ways that are ever faster
    delays_ns: Mapping[int, int]  # per domain: from a write until it counts
    budget_s: float = 0.0  # the time that the whole may take; 0 = the plan is never left
    patience_s: float = 0.0  # so late may a stretch begin before another rung is chosen
    every: int = 20  # of so many inferences, one is told stretch by stretch
    windows: Windows | None = None  # the memory's clock follows its traffic instead


class Leg(NamedTuple):
    """One stretch of one inference, as it went."""

    t_ns: int
    end_ns: int
    lane: int
    slot: int
    stretch: int
    uj: int
    points: Points  # asked for

    @property
    def us(self) -> int:
        """How long it took [µs]."""
        return (self.end_ns - self.t_ns) // 1000


class Course:
    """Where one lane is on its route."""

    def __init__(self, route: Route, lane: int) -> None:
        self.route = route
        self.legs: list[Leg] = []
        self.cores_j: list[float] = []  # per cluster, since the last look
        self.gpu_j = 0.0  # since the last look
        self.bytes = 0.0  # moved since the last look
        self._lane = lane
        self._stretch = 0
        self._rung = 0
        self._began_ns = self._entered_ns = 0
        self._energy_j = 0.0
        self._in_force: dict[int, int] = dict(route.rungs[0].points[0])
        self._waiting: list[tuple[int, int, int]] = []  # (when [ns], domain, point)
        self._watch: Watch | None = None

    def saved(self) -> dict[str, Any]:
        """Return what `put_back` needs to take this course back to where it is now."""
        kept = vars(self).copy()
        return kept | {
            "legs": self.legs.copy(),
            "cores_j": self.cores_j.copy(),
            "_in_force": self._in_force.copy(),
            "_waiting": self._waiting.copy(),
            "_watch": copy(self._watch),
        }

    def put_back(self, saved: dict[str, Any]) -> None:
        """Take back everything since."""
        vars(self).update(saved)

    def follow(self, before: "Course") -> None:
        """Go on where another plan was: its clocks are in force, and what it drew is not lost."""
        self.legs, self.cores_j = before.legs, before.cores_j
        self.gpu_j, self.bytes = before.gpu_j, before.bytes
        self._in_force |= before._in_force
        self._waiting = before._waiting

    @property
    def points(self) -> Points:
        """The clocks in force."""
        return tuple(sorted(self._in_force.items()))

    def begin(self, now_ns: int, due_ns: int) -> None:
        """Start an inference that was due; its time counts from then.

        Its first clocks were written when the one before it ended.
        """
        self._began_ns = due_ns
        self._rung = 0
        self._look(now_ns)
        self._enter(0, now_ns)

    def pace(self, now_ns: int, pace_at: PaceAt) -> tuple[Pace, int]:
        """Return the pace of the present stretch, and until when its clocks stay as they are."""
        self.rest(now_ns)
        until_ns = self._waiting[0][0] if self._waiting else _NEVER
        if self._watch:
            until_ns = min(until_ns, self._watch.next_ns)
        return pace_at(self.route.works[self._stretch], self.points), until_ns

    def rest(self, now_ns: int) -> None:
        """Let come in force what is due."""
        if self._watch:
            self._look(now_ns)
        while self._waiting and self._waiting[0][0] <= now_ns:
            _, domain, point = self._waiting.pop(0)
            self._in_force[domain] = point

    def _look(self, now_ns: int) -> None:
        """Close the windows of traffic that have ended, those of waiting too."""
        if self._watch is None:
            if self.route.windows is None:
                return
            self._watch = Watch(self.route.windows, now_ns)
            self._in_force[self._watch.rule.domain] = self._watch.level
        while (ended_ns := self._watch.look(now_ns)) is not None:
            self._write(self._watched, ended_ns)

    @property
    def _watched(self) -> Points:
        """What the windows ask for."""
        return ((self._watch.rule.domain, self._watch.level),) if self._watch else ()

    def spend(self, seconds: float, pace: Pace) -> None:
        """Count what a piece of a stretch took."""
        self._energy_j += seconds * pace.power_w
        if not self.cores_j:
            self.cores_j = [0.0] * len(pace.cores_w)
        for cluster, watt in enumerate(pace.cores_w):
            self.cores_j[cluster] += seconds * watt
        self.gpu_j += seconds * pace.gpu_w
        moved = seconds / pace.latency_s * pace.bytes
        self.bytes += moved
        if self._watch:
            self._watch.moved += moved

    def advance(self, now_ns: int, slot: int) -> bool:
        """Note that a stretch is done; return whether another one follows."""
        if slot % self.route.every == 0:
            asked = self.route.rungs[self._rung].points[self._stretch] + self._watched
            uj = round(self._energy_j * 1e6)
            self.legs.append(
                Leg(self._entered_ns, now_ns, self._lane, slot, self._stretch, uj, asked)
            )
        if self._stretch + 1 < len(self.route.works):
            self._enter(self._stretch + 1, now_ns)
            return True
        self._write(self.route.rungs[0].points[0], now_ns)
        return False

    def _enter(self, stretch: int, now_ns: int) -> None:
        self._stretch = stretch
        self._entered_ns = now_ns
        self._energy_j = 0.0
        if now_ns > self._began_ns:
            self._choose((now_ns - self._began_ns) / NS)
        self._write(self.route.rungs[self._rung].points[stretch], now_ns)

    def _choose(self, elapsed_s: float) -> None:
        """Leave the plan when it is late and would miss: the laziest rung that ends in time."""
        route, stretch = self.route, self._stretch
        plan = route.rungs[0].tails_s
        late_s = elapsed_s - (plan[0] - plan[stretch])
        if not route.budget_s or late_s <= route.patience_s:
            return
        left_s = route.budget_s - elapsed_s
        timely = [k for k, rung in enumerate(route.rungs) if rung.tails_s[stretch] <= left_s]
        self._rung = timely[0] if timely else len(route.rungs) - 1

    def _write(self, points: Points, now_ns: int) -> None:
        """Ask for clocks; what is not in force yet is replaced."""
        asked = dict(self._in_force)
        asked |= {domain: point for _, domain, point in self._waiting}
        for domain, point in points:
            if asked.get(domain) == point:
                continue
            due_ns = now_ns + self.route.delays_ns.get(domain, 0)
            self._waiting = [entry for entry in self._waiting if entry[1] != domain]
            self._waiting.append((due_ns, domain, point))
        self._waiting.sort()
