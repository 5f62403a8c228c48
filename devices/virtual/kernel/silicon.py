"""What moves in one phone within one grid interval: silicon, kernel and case."""

from math import exp
from typing import Protocol
from weakref import WeakSet

import numpy as np

from devices.virtual.kernel.chip import Chip
from devices.virtual.kernel.cooling import cooling_of
from devices.virtual.kernel.counters import Account, Counters
from devices.virtual.kernel.cpufreq import PELT_S
from devices.virtual.kernel.draw import NO_HEAT, Draw, asked_of, draw_of
from devices.virtual.kernel.gauge import Gauge
from devices.virtual.kernel.guard import Guard
from devices.virtual.kernel.hal import PowerService
from devices.virtual.kernel.history import History, Moment
from devices.virtual.kernel.inference import Told
from devices.virtual.kernel.lane import NEVER, NS
from devices.virtual.kernel.load import Load, Usage
from devices.virtual.kernel.radio import Radio
from devices.virtual.kernel.rest import Rest, moved
from devices.virtual.kernel.screen import Screen
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.kernel.track import Step, Track
from devices.virtual.kernel.warmth import Warmth
from devices.virtual.kernel.zones import Zones
from devices.virtual.physics.noise import seed_of
from devices.virtual.physics.power import excess_k
from devices.virtual.physics.thermal import DIE, Heat

_SETTLING_S = 50  # so long an idle phone has run before it is looked at [s]


class Follower(Protocol):
    """Somebody who wants to have seen every instant before it is forgotten."""

    def follow(self, to_ns: int) -> None:
        """Read what is wanted up to `to_ns`, which nothing can change any more."""


class Silicon:
    """The parts of one phone, as they are at the last grid point."""

    def __init__(self, spec: PhoneSpec, seed: int) -> None:
        self.spec = spec
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
        self._account = Account(Counters.at_boot(self.chip.cpu_count, counted))
        self._usage: Usage | None = None  # of the span that is not yet counted
        self._seed = seed
        self._noise = (0, seed_of(seed))
        self._done: list[Told] = []
        self._grid_ns = 0
        self.followers: WeakSet[Follower] = WeakSet()
        self._quiet_ns = -NEVER  # since when nothing has happened
        self._steady_ns = 0  # since when clocks, limits and busy shares are as they are
        self.history = History(self._settle())

    def _settle(self) -> Moment:
        """Find the equilibrium of the idle phone and return it as the first moment."""
        for second in range(-_SETTLING_S, 0):
            self.chip.decide(second * NS)
            usage = self.load.run(0, NS, self.warmth.temps_c[DIE], [])
            draw = self._draw(usage, 0.0)
            self.warmth.settle(draw.heat_w, self.ambient_c)
            self.chip.observe(usage, 1.0)
        return self._moment(0, 0, usage, draw)

    def _observe(self) -> None:
        """Let the kernel count and observe what nothing can change any more."""
        last = self.history.last
        if self._usage is not None:
            dt_ns = self._account.close(self._grid_ns, last)
            self.chip.observe(self._usage, 1.0 - exp(-dt_ns / NS / PELT_S))
            self._usage = None
        self._account.open(self._grid_ns, last)

    def _go_on(self, rest: Rest, end_ns: int) -> None:
        """Move on while nothing changes but heat and charge."""
        dt_s = (end_ns - self._grid_ns) / NS
        temps_c, draw = moved(
            rest.asked, self.gauge, self.gauge.charge, self.warmth.flow.stride(dt_s),
            self.warmth.temps_c, self.ambient_c,
        )  # fmt: skip
        warm = self.warmth.after(temps_c, draw.heat_w, self.ambient_c, dt_s)
        self._take(rest, Step(warm, draw.part_w, draw.phone_w, draw.battery), end_ns)

    def _take(self, rest: Rest, step: Step, end_ns: int) -> None:
        """Be where an interval has led that began at the last grid point."""
        warmer_k = excess_k(self.warmth.temps_c[DIE])
        for lane, pace in rest.paces:
            lane.run(self._grid_ns, end_ns, pace.warmer_by(warmer_k), self._done)
        self.history.append(self.history.last.followed_by(step, self._grid_ns, end_ns))
        self._be(step, end_ns)

    def _take_many(self, rest: Rest, track: Track, count: int) -> None:
        """Be where the first intervals of a track have led."""
        if not count:
            return
        start_ns, stride_ns = self._grid_ns, track.stride_ns
        ends_ns = start_ns + stride_ns * np.arange(1, count + 1)
        dies_c = np.empty(count)
        dies_c[0], dies_c[1:] = self.warmth.temps_c[DIE], track.dies_c[: count - 1]
        warmer_k = excess_k(dies_c)
        for lane, pace in rest.paces:
            powers_w = pace.power_w + pace.growth_w_k * warmer_k
            lane.march(start_ns, ends_ns, powers_w, pace, self._done)
        first = self._first_wanted(count, stride_ns)
        self.history.follow(track.part(first, count), start_ns + first * stride_ns)
        if first:
            self.history.forget_all_but(count - first)
        self._be(track.step(count - 1), start_ns + count * stride_ns)

    def _first_wanted(self, count: int, stride_ns: int) -> int:
        """Return which is the first of so many new moments that anybody will look back to."""
        needless = 0 if self.followers else count - self.history.wanted(stride_ns)
        return max(needless, 0)

    def _be(self, step: Step, end_ns: int) -> None:
        self.warmth.now = step.warm
        self.gauge.take(step.battery)
        self._grid_ns = end_ns
        if self.load.lanes:
            self._quiet_ns = end_ns

    def states(self) -> tuple[int, ...]:
        """Return the state of each cooling device."""
        return tuple([device.state for device in self.cooling])

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

    def _draw(self, usage: Usage, dt_s: float, radio_w: Heat = NO_HEAT) -> Draw[float]:
        asked = asked_of(self.chip, self.spec.base, usage, self.screen.power_w, radio_w)
        die_c = self.warmth.temps_c[DIE]
        draw = draw_of(asked, self.gauge, self.gauge.charge, die_c, dt_s)
        self.gauge.take(draw.battery)
        return draw

    def _moment(self, start_ns: int, end_ns: int, usage: Usage, draw: Draw[float]) -> Moment:
        policies = self.chip.policies
        return Moment(
            start_ns,
            end_ns,
            self.warmth.temps_c,
            draw.part_w,
            tuple([policy.point for policy in policies]),
            tuple([clock.limit for clock in self.chip.clocks]),
            self.states(),
            tuple([clock.point for clock in self.chip.domains]),
            usage.gpu,
            usage.busy,
            draw.phone_w,
            self.gauge.reading,
            self.spec.memory.free_kb - self.load.resident_kb,
            *self._noise,
        )
