"""The event grid: silicon, case and kernel move from point to point of it, in device time."""

from collections.abc import Callable
from math import exp
from typing import Protocol
from weakref import WeakSet

from devices.virtual.kernel.chip import Chip
from devices.virtual.kernel.clock import Clock
from devices.virtual.kernel.cooling import cooling_of
from devices.virtual.kernel.counters import Counters
from devices.virtual.kernel.cpufreq import PELT_S
from devices.virtual.kernel.draw import NO_HEAT, Draw, draw_of
from devices.virtual.kernel.gauge import Gauge
from devices.virtual.kernel.guard import Guard
from devices.virtual.kernel.hal import PowerService
from devices.virtual.kernel.history import History, Moment
from devices.virtual.kernel.lane import NS, Inference
from devices.virtual.kernel.load import Load, Usage
from devices.virtual.kernel.radio import Radio
from devices.virtual.kernel.rewind import Rewind
from devices.virtual.kernel.screen import Screen
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.kernel.warmth import Warmth
from devices.virtual.kernel.zones import Zones
from devices.virtual.physics.noise import seed_of
from devices.virtual.physics.thermal import DIE, Heat

EDGE_NS = 100_000_000  # commands take effect on whole tenths of a second of device time
_SETTLING_S = 50  # so long an idle phone has run before it is looked at [s]
#: An idle phone takes longer steps the longer it has been left alone: (quiet for, step) [ns].
_STRIDES = ((600 * NS, 10 * NS), (30 * NS, NS))
#: So does a phone that computes at the same clocks and as busily as before [ns]; its steps are
#: so many of its usual ones.
_STEADY_NS = 10 * NS
_STEADY_STEPS = 5


class Follower(Protocol):
    """Somebody who wants to have seen every instant before it is forgotten."""

    def follow(self, to_ns: int) -> None:
        """Read what is wanted up to `to_ns`, which nothing can change any more."""


class Grid:
    """What moves in a phone, and when.

    State moves only from grid point to grid point. The grid depends on what the phone does and
    never on who looks: reading interpolates and changes nothing.
    """

    def __init__(self, spec: PhoneSpec, seed: int, *, grid_ns: int = EDGE_NS) -> None:
        self.spec = spec
        self.now_ns = 0
        self.ambient_c = 22.0
        self.chip = Chip(spec, seed)
        self.zones = Zones(spec)
        self.cooling = cooling_of(spec, self.chip)
        self.guard = Guard(spec, self.zones, self.cooling, self.chip)
        patience_s = spec.vendor.puts_back_after_s if spec.vendor else None
        self.power_service = PowerService(self.chip.clocks, patience_s)
        self.gauge = Gauge(spec.battery)
        self.load = Load(self.chip, spec.base.idle_load)
        self.warmth = Warmth(spec.heat)
        self.radio = Radio(spec.radio)
        self.screen = Screen(spec.display)
        counted = [
            *(len(clock.steps) for clock in self.chip.clocks),
            *(device.max_state + 1 for device in self.cooling),
        ]
        self._counters = Counters.at_boot(self.chip.cpu_count, counted)
        self._seed = seed
        self._grid_step_ns, self._grid_ns = grid_ns, 0
        self._quiet_ns = -_STRIDES[0][0]  # since when nothing has happened
        self._noise = (0, seed_of(seed))
        self._next_noise: tuple[int, int] | None = None
        self._done: list[Inference] = []
        self._taken_ns = 0  # inferences up to here have been told
        self._wakes: list[int] = []  # when writes begin to count, where that is off the grid [ns]
        self._rewind: Rewind | None = None
        self._usage: Usage | None = None  # of the last interval, not yet counted
        self.history = History(self._settle())
        self.followers: WeakSet[Follower] = WeakSet()

    def advance(self, to_ns: int) -> None:
        """Move on to `to_ns` of device time; the past is left alone."""
        while self._grid_ns < to_ns:
            self._run(self._boundary())
            if self.history.is_full:
                for follower in self.followers:
                    follower.follow(self.history.last.start_ns)
                self.history.forget()
        self.now_ns = max(self.now_ns, to_ns)

    def take_inferences(self) -> list[Inference]:
        """Return what was completed by `now_ns` since the last call, in order of completion."""
        self._done.sort(key=lambda inference: inference.end_ns)
        ready = [inference for inference in self._done if inference.end_ns <= self.now_ns]
        del self._done[: len(ready)]
        self._taken_ns = self.now_ns
        return ready

    def actuate(self, clock: Clock, write: Callable[[int], None]) -> None:
        """Let `write` change a clock's settings, which count as soon as it has settled.

        The interval in which that happens is cut in two there.
        """
        write(self.now_ns)
        due_ns = self.now_ns + clock.delay_ns
        self._quiet_ns = self._steady_ns = self._grid_ns
        if due_ns > self._grid_ns:
            self._wakes.append(due_ns)
        elif self._rewind and due_ns > self._rewind.start_ns:
            self._cut(due_ns)

    @property
    def moment(self) -> Moment:
        """The grid interval that `now_ns` lies in."""
        return self.history.at(self.now_ns)[1]

    @property
    def counters(self) -> Counters:
        """What the kernel has counted until `now_ns`."""
        totals = self._counters.copy()
        last = self.history.last
        if self._usage is not None and self.now_ns > last.start_ns:
            was = self.history.before.counted
            totals.run(last.busy, last.counted, was, self.now_ns - last.start_ns)
        return totals

    def _settle(self) -> Moment:
        """Find the equilibrium of the idle phone and return it as the first moment."""
        for second in range(-_SETTLING_S, 0):
            self.chip.decide(second * NS)
            usage = self.load.run(0, NS, self.warmth.temps_c[DIE], [])
            draw = self._draw(usage, 0.0)
            self.warmth.settle(draw.heat_w, self.ambient_c)
            self.chip.observe(usage, 1.0)
        return self._moment(0, 0, usage, draw)

    def _boundary(self) -> int:
        """Return the end of the next interval."""
        start_ns = self._grid_ns
        stride_ns, origin_ns = self._grid_step_ns, 0
        if not self.load.lanes and not self.guard.is_active:
            for quiet_ns, step_ns in _STRIDES:
                if start_ns - self._quiet_ns >= quiet_ns:
                    stride_ns = step_ns
                    break
        elif self._is_steady(start_ns):
            # Counted from the start of the run, so that every run meets the same grid.
            stride_ns *= _STEADY_STEPS
            origin_ns = self._noise[0] % stride_ns
        end_ns = ((start_ns - origin_ns) // stride_ns + 1) * stride_ns + origin_ns
        if self._wakes:
            self._wakes = [due_ns for due_ns in self._wakes if due_ns > start_ns]
            end_ns = min([end_ns, *self._wakes])
        return end_ns

    def _is_steady(self, start_ns: int) -> bool:
        """Whether nothing but temperatures has moved for a while, and no poll falls in between."""
        stride_ns = _STEADY_STEPS * self._grid_step_ns
        if start_ns - self._steady_ns < _STEADY_NS:
            return False
        if any(lane.stop_ns < start_ns + stride_ns for lane in self.load.lanes.values()):
            return False
        return self.guard.keeps_time(stride_ns, self.history.last)

    def _touch(self, at_ns: int = 0) -> int:
        """Make room for a change: return the first edge it can count from, none later than due.

        A long idle step that reaches beyond that edge is taken back and done up to the edge.
        """
        at_ns = max(at_ns, self.now_ns)
        edge_ns = -(-at_ns // EDGE_NS) * EDGE_NS
        here_ns = -(-self.now_ns // EDGE_NS) * EDGE_NS
        if self._rewind and self._grid_ns > here_ns >= self._rewind.start_ns:
            self._cut(here_ns)
        self._rewind = None
        self._quiet_ns = self._steady_ns = self._grid_ns
        return edge_ns

    def _cut(self, end_ns: int) -> None:
        """Let the last interval, which reaches beyond `end_ns`, end there."""
        assert self._rewind is not None
        self._rewind.back(self._done)
        self.history.drop_last()
        self._grid_ns = self._rewind.start_ns
        self._usage = None
        if end_ns > self._grid_ns:
            self._simulate(end_ns)
            told_ns = self._taken_ns
            self._done = [i for i in self._done if i.end_ns > told_ns]

    def _run(self, end_ns: int) -> None:
        """Simulate one grid interval, within which every clock is constant."""
        start_ns = self._grid_ns
        self._account()
        if self._next_noise and self._next_noise[0] <= start_ns:
            self._noise, self._next_noise = self._next_noise, None
            self.guard.restart(start_ns)
        self.guard.poll(start_ns, self.history.last)
        if self.power_service.is_on:
            self.power_service.look(start_ns)
        self.chip.decide(start_ns)
        self._rewind = Rewind(start_ns, self.warmth, self.gauge, self.load)
        self._simulate(end_ns)

    def _account(self) -> None:
        """Let the kernel count and observe the last interval, which nothing can change any more."""
        if self._usage is None:
            return
        last = self.history.last
        dt_ns = last.end_ns - last.start_ns
        self._counters.run(last.busy, last.counted, self.history.before.counted, dt_ns)
        self.chip.observe(self._usage, 1.0 - exp(-dt_ns / NS / PELT_S))
        self._usage = None

    def _simulate(self, end_ns: int) -> None:
        """Move silicon and case on to `end_ns` with the clocks as they are."""
        start_ns = self._grid_ns
        dt_s = (end_ns - start_ns) / NS
        had_lanes = bool(self.load.lanes)
        usage = self.load.run(start_ns, end_ns, self.warmth.temps_c[DIE], self._done)
        if had_lanes:
            self._quiet_ns = end_ns
        draw = self._draw(usage, dt_s, self.radio.heat_w(start_ns, end_ns))
        self.warmth.run(draw.heat_w, self.ambient_c, dt_s)
        self._grid_ns = end_ns
        self._usage = usage
        moment = self._moment(start_ns, end_ns, usage, draw)
        if moment.is_like(self.history.last):
            moment = moment.sharing(self.history.last)
        else:
            self._steady_ns = end_ns
        self.history.append(moment)

    def _draw(self, usage: Usage, dt_s: float, radio_w: Heat = NO_HEAT) -> Draw:
        die_c = self.warmth.temps_c[DIE]
        return draw_of(
            self.chip,
            self.spec.base,
            self.gauge,
            usage,
            die_c,
            dt_s,
            radio_w,
            self.screen.power_w,
        )

    def _moment(self, start_ns: int, end_ns: int, usage: Usage, draw: Draw) -> Moment:
        policies = self.chip.policies
        return Moment(
            start_ns,
            end_ns,
            self.warmth.temps_c,
            draw.part_w,
            tuple([policy.point for policy in policies]),
            tuple([clock.limit for clock in self.chip.clocks]),
            tuple([device.state for device in self.cooling]),
            tuple([clock.point for clock in self.chip.domains]),
            usage.gpu,
            usage.busy,
            draw.phone_w,
            self.gauge.reading,
            self.spec.memory.free_kb - self.load.resident_kb,
            *self._noise,
        )
