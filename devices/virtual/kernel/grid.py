"""The event grid: silicon, case and kernel move from point to point of it, in device time."""

from collections.abc import Callable

from devices.virtual.kernel.clock import Clock
from devices.virtual.kernel.counters import Counters
from devices.virtual.kernel.draw import asked_of
from devices.virtual.kernel.guard import room_k
from devices.virtual.kernel.history import Moment
from devices.virtual.kernel.inference import Inference, one_by_one
from devices.virtual.kernel.lane import NEVER, NS
from devices.virtual.kernel.rest import Outlook, Rest
from devices.virtual.kernel.rewind import Rewind
from devices.virtual.kernel.silicon import Silicon
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.kernel.track import Track

EDGE_NS = 100_000_000  # commands take effect on whole tenths of a second of device time
#: An idle phone takes longer steps the longer it has been left alone: (quiet for, step) [ns].
_STRIDES = ((600 * NS, 10 * NS), (30 * NS, NS))
#: So does a phone that computes at the same clocks and as busily as before [ns]; its steps are
#: so many of its usual ones.
_STEADY_NS = 10 * NS
_STEADY_STEPS = 5
#: After so long without a change a kernel is at rest, unless one of its governors remembers more:
#: whatever looks would choose again what it has chosen. Nobody is asked then until something
#: happens.
_REST_NS = 2 * EDGE_NS


class Grid(Silicon):
    """When something moves in a phone.

    State moves only from grid point to grid point. The grid depends on what the phone does and
    never on who looks: reading interpolates and changes nothing.
    """

    def __init__(self, spec: PhoneSpec, seed: int, *, grid_ns: int = EDGE_NS) -> None:
        super().__init__(spec, seed)
        self.now_ns = 0
        self._grid_step_ns = grid_ns
        self._next_noise: tuple[int, int] | None = None
        self._taken_ns = 0  # inferences up to here have been told
        self._wakes: list[int] = []  # when writes begin to count, where that is off the grid [ns]
        self._rewind: Rewind | None = None
        self._rest: Rest | None = None

    def advance(self, to_ns: int) -> None:
        """Move on to `to_ns` of device time; the past is left alone."""
        while self._grid_ns < to_ns:
            self._run(self._boundary(), to_ns)
            self._forget()
        self.now_ns = max(self.now_ns, to_ns)

    def rest(self, to_ns: int) -> Outlook | None:
        """Move on until the phone is at rest, but not beyond `to_ns`; return its outlook then."""
        while self._grid_ns < to_ns:
            outlook = self.outlook(to_ns)
            if outlook:
                return outlook
            self._run(self._boundary(), to_ns)
            self._forget()
        return None

    def _forget(self) -> None:
        if self.history.is_full:
            for follower in self.followers:
                follower.follow(self.history.last.start_ns)
            self.history.forget()

    def take_inferences(self) -> list[Inference]:
        """Return what was completed by `now_ns` since the last call, in order of completion."""
        ready = [told for told in self._done if told.end_ns <= self.now_ns]
        self._done = [told for told in self._done if told.end_ns > self.now_ns]
        self._taken_ns = self.now_ns
        return one_by_one(ready)

    def actuate(self, clock: Clock, write: Callable[[int], None]) -> None:
        """Let `write` change a clock's settings, which count as soon as it has settled.

        The interval in which that happens is cut in two there.
        """
        write(self.now_ns)
        due_ns = self.now_ns + clock.delay_ns
        self._stir()
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
        to_ns = self.now_ns if self._usage is not None else 0
        return self._account.until(to_ns, self.history.last)

    def outlook(self, to_ns: int) -> Outlook | None:
        """Return how a phone at rest goes on towards `to_ns`; None if somebody must look first."""
        start_ns = self._grid_ns
        if not (self._rest and start_ns < to_ns):
            return None
        limit_c, last = self.guard.limit_c, self.history.last
        if room_k(limit_c, last.temps_c) <= 0.0 or self.guard.is_stirred(start_ns, last):
            return None
        stride_ns, origin_ns, until_ns = self._stride(start_ns)
        if (start_ns - origin_ns) % stride_ns:
            return None
        count = -(-(min(to_ns, until_ns) - start_ns) // stride_ns)
        looks = self.guard.looks(start_ns, stride_ns)
        end_ns = start_ns + count * stride_ns
        return Outlook(self._rest, limit_c, looks, stride_ns, count, end_ns)

    def follow(self, track: Track, count: int, to_ns: int) -> None:
        """Go where somebody else has computed that this phone goes, within its outlook."""
        assert self._rest is not None
        self.guard.sleep(self._grid_ns, track.stride_ns, count)
        end_ns = self._grid_ns + count * track.stride_ns
        if end_ns <= to_ns:
            self._take_many(self._rest, track, count)
            self._rewind = None
        else:
            self._take_many(self._rest, track, count - 1)
            self._rewind = Rewind(self._grid_ns, self.warmth, self.gauge, self.load)
            self._take(self._rest, track.step(count - 1), end_ns)
        self._forget()

    def _stride(self, start_ns: int) -> tuple[int, int, int]:
        """Return how long an interval from `start_ns` on is, from where such intervals are
        counted, and until when they stay so, whatever happens but heat.
        """
        stride_ns, until_ns = self._grid_step_ns, NEVER
        if not self.load.lanes and not self.guard.is_active:
            for quiet_ns, step_ns in _STRIDES:
                if start_ns - self._quiet_ns >= quiet_ns:
                    stride_ns = step_ns
                    break
                until_ns = self._quiet_ns + quiet_ns
            return stride_ns, 0, until_ns
        if self._is_steady(start_ns):
            # Counted from the start of the run, so that every run meets the same grid.
            stride_ns *= _STEADY_STEPS
            return stride_ns, self._noise[0] % stride_ns, NEVER
        is_early = start_ns - self._steady_ns < _STEADY_NS
        return stride_ns, 0, self._steady_ns + _STEADY_NS if is_early else NEVER

    def _boundary(self) -> int:
        """Return the end of the next interval."""
        start_ns = self._grid_ns
        stride_ns, origin_ns, _ = self._stride(start_ns)
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
        self._stir()
        return edge_ns

    def _stir(self) -> None:
        """Let everything look again."""
        self._quiet_ns = self._steady_ns = self._grid_ns
        self._rest = None

    def _cut(self, end_ns: int) -> None:
        """Let the last interval, which reaches beyond `end_ns`, end there."""
        assert self._rewind is not None
        self._rewind.back(self._done)
        for lane in self.load.lanes.values():
            lane.forget(end_ns)
        self.radio.forget(end_ns)
        self.history.drop_last()
        self._grid_ns = self._rewind.start_ns
        if self._account.since_ns == self._grid_ns:
            self._usage = None
        if end_ns > self._grid_ns:
            self._simulate(end_ns)
            told_ns = self._taken_ns
            self._done = [i for i in self._done if i.end_ns > told_ns]

    def _run(self, end_ns: int, to_ns: int) -> None:
        """Simulate one grid interval, within which every clock is constant.

        Only one that reaches `to_ns` can be taken back.
        """
        start_ns = self._grid_ns
        self._rest = self._rest or self._find_rest(start_ns)
        if not self._rest:
            self._observe()
        if self._next_noise and self._next_noise[0] <= start_ns:
            self._noise, self._next_noise = self._next_noise, None
            self.guard.restart(start_ns)
        has_looked = self.guard.poll(start_ns, self.history.last)
        if self._rest and has_looked and self.states() != self.history.last.states:
            self._rest = None
            self._observe()
        if self._rest:
            if end_ns >= to_ns:
                self._rewind = Rewind(start_ns, self.warmth, self.gauge, self.load)
            self._go_on(self._rest, end_ns)
            return
        if self.power_service.is_on:
            self.power_service.look(start_ns)
        self.chip.decide(start_ns)
        self._rewind = Rewind(start_ns, self.warmth, self.gauge, self.load)
        self._simulate(end_ns)

    def _find_rest(self, start_ns: int) -> Rest | None:
        """Return what stays as it is, if every governor would choose again what it has chosen."""
        unchanged_ns = start_ns - self._steady_ns
        if (
            unchanged_ns < _REST_NS
            or self._wakes
            or self._next_noise
            or not self.radio.is_silent(start_ns)
            or not self.power_service.is_content
            or any(unchanged_ns < clock.memory_ns for clock in self.chip.clocks)
        ):
            return None
        paces = self.load.paces()
        if paces is None or self._usage is None:
            return None
        return Rest(asked_of(self.chip, self.spec.base, self._usage, self.screen.power_w), paces)
