"""A lane runs one work again and again: when inferences start, how far they got, when they end."""

from dataclasses import dataclass

from devices.virtual.kernel.course import Course, Pace, PaceAt, Route
from devices.virtual.kernel.inference import Inference, Told
from devices.virtual.kernel.timetable import Timetable
from devices.virtual.kernel.trip import Division
from devices.virtual.physics.cpu import Work
from devices.virtual.physics.noise import normal, seed_of
from devices.virtual.physics.numbers import N, most

NS = 1_000_000_000
_STRAGGLER = 2.2  # a draw above this (1.4 % of all) was disturbed by something [1]
_STRAGGLE = 0.08  # and took longer by this much per unit of the draw beyond [1]
NEVER = 1 << 62
HARDLY = 1e-9  # what is left of an inference in flight: never quite nothing


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """How a lane runs its work."""

    threads: int = 1
    mask: int = 0  # CPUs as bits; 0 = the scheduler chooses
    period_us: int = 0  # distance of slots; 0 = back to back
    depth: int = 2  # how many periods a start may be late before slots are dropped
    idle_us: int = 0  # pause after each inference
    n: int = 0  # stop after so many; 0 = endless
    dur_ms: int = 0  # stop starting after so long; 0 = endless
    on_gpu: bool = False  # computes on the GPU, with one thread that feeds it
    route: Route | None = None  # clocks within each inference; None = whatever they are
    division: Division | None = None  # what a peer does of it
    timetable: Timetable | None = None  # arrivals; None = by `period_us`
    share: float = 1.0  # of the time, in turns with other lanes that have less than all of it


def disturbed(draw: N, jitter: float) -> N:
    """Return how much longer than undisturbed an inference takes [1]."""
    return 1.0 + jitter * draw + most(draw - _STRAGGLER, 0.0) * _STRAGGLE


class Lane:
    """The progress of one lane; time stands still between calls of `run`."""

    def __init__(
        self, number: int, work: Work, settings: LaneSettings, at_ns: int, seed: int, jitter: float
    ) -> None:
        self.number = number
        self.work = work
        self.settings = settings
        self.course = self._courses(number, settings)
        self.pace_at: PaceAt  # set by whoever knows the silicon, for lanes that are planned
        self.dropped = 0
        self.done = 0
        self._seed = seed_of(seed, number)
        self._jitter = jitter
        self._start_ns = at_ns
        self._slot0_ns = at_ns  # due time of slot 0 under the present period
        self._slot = 0
        self._due_ns = at_ns + (settings.timetable.due_ns(0) if settings.timetable else 0)
        self._next_ns = self._due_ns
        self._left = 0.0  # of the inference (or stretch) in flight, in undisturbed latencies …
        self._since_ns = 0  # … at this instant,
        self._latency_s = 0.0  # from which on one of them takes so long (0: not known yet) …
        self._end_ns = 0  # … so that it ends here
        self._disturbed = 0.0  # how much of them one is [1]
        self._began_ns = 0
        self._busy_ns = 0  # of the inference in flight
        self._meter_j = 0.0  # of all that it has drawn …
        self._began_j = 0.0  # … and what that was when the inference in flight began
        self._flags = 8
        self._pending: tuple[Work, LaneSettings, int, int] | None = None
        self._stop_ns = NEVER

    @staticmethod
    def _courses(number: int, settings: LaneSettings) -> Course | None:
        return Course(settings.route, number) if settings.route else None

    @property
    def is_planned(self) -> bool:
        """Whether it follows a plan, now or from its next inference on."""
        return bool(self.course or (self._pending and self._pending[1].route))

    @property
    def stop_ns(self) -> int:
        """From when on nothing more is started, as far as that is known [ns]."""
        return self._stop_ns

    @property
    def ended(self) -> bool:
        """True when no inference is in flight and none will start."""
        return not self._left and self._next_ns >= self._stop_ns

    @property
    def unserved(self) -> int:
        """How many had come when the lane ended, and found nobody who took them up any more."""
        table = self.settings.timetable
        if table is None or not self.ended:
            return 0
        return max(0, table.come(self._stop_ns - 1 - self._slot0_ns) - self._slot)

    @property
    def is_even(self) -> bool:
        """Whether it computes without a pause, and goes on so until somebody interferes."""
        settings = self.settings
        return (
            bool(self._left)
            and self._pending is None
            and self._stop_ns == NEVER
            and not (settings.period_us or settings.idle_us or settings.n or settings.dur_ms)
            and not (self.course or settings.division or settings.timetable)
        )

    def change(self, work: Work, settings: LaneSettings, at_ns: int, pause_ns: int = 0) -> None:
        """Use other work or settings from the first inference that starts at `at_ns` or later;
        before it, nothing is computed for `pause_ns`.
        """
        self._pending = (work, settings, at_ns, pause_ns)
        if not self._left:
            self._adopt(max(at_ns, self._start_ns))

    def stop(self, at_ns: int) -> None:
        """Start nothing from `at_ns` on; what is in flight completes."""
        self._stop_ns = min(self._stop_ns, at_ns)

    def run(self, t0_ns: int, t1_ns: int, pace: Pace, out: list[Told]) -> float:
        """Compute from `t0_ns` to `t1_ns`; return the busy time [s] and append what completed."""
        now_ns, busy_ns = t0_ns, 0
        while True:
            if not self._left:
                now_ns = max(now_ns, self._next_ns)
                if now_ns >= t1_ns or now_ns >= self._stop_ns:
                    return busy_ns / NS
                self._begin(now_ns)
            here_ns, pace = self._compute(now_ns, t1_ns, pace)
            busy_ns += here_ns - now_ns
            now_ns = here_ns
            if now_ns == self._end_ns:
                self._arrive(now_ns, pace, out)
            elif now_ns >= t1_ns:
                return busy_ns / NS

    def _compute(self, now_ns: int, t1_ns: int, pace: Pace) -> tuple[int, Pace]:
        """Compute until `t1_ns` or less: an end, or another pace; return when, and the pace."""
        until_ns = t1_ns
        if self.course:
            pace, until_ns = self.course.pace(now_ns, self.pace_at)
        if pace.latency_s != self._latency_s:
            self._follow(now_ns, pace.latency_s)
        here_ns = min(self._end_ns, until_ns, t1_ns)
        self._spend(here_ns - now_ns, pace)
        return here_ns, pace

    def _arrive(self, now_ns: int, pace: Pace, out: list[Told]) -> None:
        """Do what comes after an inference, or after a stretch of one."""
        if self.course and self.course.advance(now_ns, self._slot):
            self._take_up(self._disturbed)
        else:
            self._complete(now_ns, pace, out)

    def _spend(self, ns: int, pace: Pace) -> None:
        self._busy_ns += ns
        self._meter_j += ns / NS * pace.power_w
        if self.course:
            self.course.spend(ns / NS, pace)

    def _take_up(self, left: float) -> None:
        """Have so much to do, in undisturbed latencies; how long one takes will be seen."""
        self._left = left
        self._latency_s = 0.0

    def _follow(self, now_ns: int, latency_s: float) -> None:
        """Go on at another pace: what is left from here on takes longer or shorter."""
        if self._latency_s:
            done = (now_ns - self._since_ns) / NS / self._latency_s
            self._left = max(self._left - done, HARDLY)
        self._since_ns, self._latency_s = now_ns, latency_s
        self._end_ns = now_ns + round(self._left * latency_s * NS)

    def _begin(self, now_ns: int) -> None:
        self._disturbed = disturbed(normal(self._seed, self.done + self.dropped), self._jitter)
        self._take_up(self._disturbed)
        self._began_ns = now_ns
        if self.course:
            self.course.begin(now_ns, self._due_ns)
        self._busy_ns, self._began_j = 0, self._meter_j

    def _complete(self, now_ns: int, pace: Pace, out: list[Told]) -> None:
        self._left = 0.0
        self.done += 1
        began = self._began_ns
        out.append(
            Inference(
                lane=self.number,
                t_ns=began,
                slot=self._slot,
                q_us=max(0, began - self._due_ns) // 1000,
                lat_us=(now_ns - began + 500) // 1000,
                cpu_us=round(self._busy_ns / 1000 * pace.threads * pace.share),
                core=pace.core,
                threads=pace.threads,
                uj=round((self._meter_j - self._began_j) * 1e6),
                flags=self._flags,
                end_ns=now_ns,
            )
        )
        self._flags = 0
        self._slot += 1
        if self._pending and self._pending[2] <= now_ns:
            self._adopt(now_ns)
        else:
            self._schedule(now_ns + self.settings.idle_us * 1000)
        self._check_quota()

    def _adopt(self, at_ns: int) -> None:
        assert self._pending is not None
        before = self.settings
        self.work, self.settings, _, pause_ns = self._pending
        at_ns += pause_ns
        if self.course is None or self.course.route is not self.settings.route:
            course = self._courses(self.number, self.settings)
            if course and self.course:
                course.follow(self.course)
            self.course = course
        self._pending = None
        self._flags = 8
        if self._is_paced_as(before):  # who comes knows nothing of the change
            self._schedule(at_ns)
        else:
            self._slot0_ns = at_ns - self._slot * self.settings.period_us * 1000
            self._next_ns = self._due_ns = at_ns
        self._check_quota()

    def _is_paced_as(self, before: LaneSettings) -> bool:
        now = self.settings
        is_paced = now.timetable is not None or now.period_us > 0
        pace = (before.timetable, before.period_us)
        return is_paced and (now.timetable, now.period_us) == pace

    def _schedule(self, ready_ns: int) -> None:
        """Choose the next slot: wait for it, or drop the slots that are too late to catch up."""
        table = self.settings.timetable
        if table:
            skipped = table.dropped(self._slot, ready_ns - self._slot0_ns, self.settings.depth)
            self._slot += skipped
            self.dropped += skipped
            self._due_ns = self._slot0_ns + table.due_ns(self._slot)
            self._next_ns = max(self._due_ns, ready_ns)
            return
        period_ns = self.settings.period_us * 1000
        if not period_ns:
            self._due_ns = self._next_ns = ready_ns
            return
        late_ns = ready_ns - (self._slot0_ns + self._slot * period_ns)
        if late_ns > self.settings.depth * period_ns:
            skipped = late_ns // period_ns - (self.settings.depth - 1)
            self._slot += skipped
            self.dropped += skipped
        self._due_ns = self._slot0_ns + self._slot * period_ns
        self._next_ns = max(self._due_ns, ready_ns)

    def _check_quota(self) -> None:
        settings = self.settings
        if settings.n and self.done >= settings.n:
            self._stop_ns = 0
        if settings.dur_ms:
            self._stop_ns = min(self._stop_ns, self._start_ns + settings.dur_ms * 1_000_000)
