"""What was true at each point of the event grid, kept long enough for late readers."""

from bisect import bisect_left
from typing import NamedTuple

from devices.virtual.kernel.gauge import Reading
from devices.virtual.kernel.track import Step, Track
from devices.virtual.physics.thermal import Temperatures

_FEWEST = 32  # grid points are kept in any case; whoever needs every one follows the machine


class Moment(NamedTuple):
    """One grid interval (start, end]; temperatures are those at its end."""

    start_ns: int
    end_ns: int
    temps_c: Temperatures
    part_w: tuple[float, ...]  # per cluster
    points: tuple[int, ...]
    caps: tuple[int, ...]  # the highest step allowed: kHz per cluster, then memory and GPU
    states: tuple[int, ...]  # per cooling device
    domains: tuple[int, ...]  # operating points of memory and GPU, as far as there are any
    gpu: float  # busy share
    busy: tuple[float, ...]  # per CPU
    power_w: float  # of the whole phone, charger losses included
    battery: Reading[float]
    memory_kb: int
    noise_ns: int  # where the counters of the sensors' noise start
    noise_seed: int

    def is_like(self, other: "Moment") -> bool:
        """Whether clocks, limits and busy shares are those of another moment."""
        return (
            self.points == other.points
            and self.busy == other.busy
            and self.caps == other.caps
            and self.states == other.states
            and self.domains == other.domains
            and self.gpu == other.gpu
        )

    def sharing(self, other: "Moment") -> "Moment":
        """Return this moment with the columns of one that it is like: the same, kept once."""
        return self._replace(
            points=other.points,
            caps=other.caps,
            states=other.states,
            domains=other.domains,
            busy=other.busy,
        )

    def followed_by(self, step: Step, start_ns: int, end_ns: int) -> "Moment":
        """Return a later moment of a phone in which only heat and charge have moved."""
        return self._replace(
            start_ns=start_ns,
            end_ns=end_ns,
            temps_c=step.warm.temps_c,
            part_w=step.part_w,
            power_w=step.phone_w,
            battery=step.battery,
        )

    @property
    def counted(self) -> tuple[int, ...]:
        """What the kernel keeps times and changes of."""
        return (*self.points, *self.domains, *self.states)


class _Unread(NamedTuple):
    """A moment that nobody has looked at yet."""

    like: Moment
    track: Track
    row: int
    start_ns: int

    def read(self) -> Moment:
        """Return it."""
        step = self.track.step(self.row)
        return self.like.followed_by(step, self.start_ns, self.start_ns + self.track.stride_ns)


class History:
    """Moments in order of time."""

    def __init__(self, first: Moment) -> None:
        self._moments: list[Moment | _Unread] = [first]
        self._ends = [first.end_ns]
        self._reach_ns = 0

    def keep(self, reach_ns: int) -> None:
        """Let readers look back so far from the start of the latest moment [ns]."""
        self._reach_ns = max(self._reach_ns, reach_ns)

    @property
    def last(self) -> Moment:
        """The latest moment."""
        return self._read(-1)

    @property
    def before(self) -> Moment:
        """The moment before the latest, or the latest if it is the only one."""
        return self._read(-2 if len(self._moments) > 1 else -1)

    def _read(self, index: int) -> Moment:
        moment = self._moments[index]
        if isinstance(moment, _Unread):
            moment = self._moments[index] = moment.read()
        return moment

    def append(self, moment: Moment) -> None:
        """Add the next moment."""
        self._moments.append(moment)
        self._ends.append(moment.end_ns)

    def follow(self, track: Track, start_ns: int) -> None:
        """Add the moments of a track, in which only heat and charge move from the latest on."""
        like, count, stride_ns = self.last, len(track.rows), track.stride_ns
        starts_ns = range(start_ns, start_ns + count * stride_ns, stride_ns)
        self._moments += [_Unread(like, track, i, at_ns) for i, at_ns in enumerate(starts_ns)]
        self._ends += range(start_ns + stride_ns, start_ns + (count + 1) * stride_ns, stride_ns)

    @property
    def is_full(self) -> bool:
        """True when the older half is due to be forgotten, because nobody looks back so far."""
        count = len(self._ends)
        if count <= 2 * _FEWEST:
            return False
        return self._ends[count // 2] < self.last.start_ns - self._reach_ns

    def forget(self) -> None:
        """Forget the older half."""
        half = len(self._ends) // 2
        del self._moments[:half], self._ends[:half]

    def wanted(self, stride_ns: int) -> int:
        """Return how many moments of this length readers may look back to."""
        return _FEWEST + self._reach_ns // stride_ns + 1

    def forget_all_but(self, count: int) -> None:
        """Forget all moments but the latest."""
        del self._moments[:-count], self._ends[:-count]

    def drop_last(self) -> None:
        """Take back the latest moment."""
        self._moments.pop()
        self._ends.pop()

    def at(self, t_ns: int) -> tuple[Moment, Moment, float]:
        """Return (moment before, moment of `t_ns`, share of its interval that has passed)."""
        i = bisect_left(self._ends, t_ns)
        if i >= len(self._ends):
            i -= 1
        if i == 0:
            return self._read(0), self._read(0), 1.0
        moment = self._read(i)
        width = moment.end_ns - moment.start_ns
        share = (t_ns - moment.start_ns) / width
        return self._read(i - 1), moment, 1.0 if share > 1.0 else share
