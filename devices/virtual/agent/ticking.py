"""Periodic sampling on an absolute grid of device time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devices.agent.wire import Cell
from devices.virtual.agent.body import Row, Sampling

Reader = Callable[[int], Row]
Columns = dict[int, list[list[Cell]]]  # per clock group, the clock first

_US = 1000
_KERNEL_KB = ("mem:available",)  # the kernel's kB are 1024 bytes, the wire's are 1000


def next_multiple(t_ns: int, period_ns: int) -> int:
    """Return the first multiple of a period that is not before `t_ns`."""
    return -(-t_ns // period_ns) * period_ns


@dataclass(slots=True)
class _Ticks:
    """A periodic group: its reader and its next instant on the absolute grid."""

    period_ns: int
    read: Reader
    next_ns: int
    kernel_kb: tuple[int, ...] = ()  # which values to convert

    def until(self, now_ns: int) -> list[list[Cell]]:
        """Return columns of every tick up to `now_ns`, the clock first."""
        times = range(self.next_ns, now_ns + 1, self.period_ns)
        if not times:
            return []
        self.next_ns = times[-1] + self.period_ns
        rows = map(self.read, times)
        columns: list[list[Cell]] = [list(column) for column in zip(*rows, strict=True)]
        for index in self.kernel_kb:
            columns[index] = [None if kb is None else kb * 1024 // 1000 for kb in columns[index]]
        return [list(times), *columns]


class Ticking:
    """The groups that are sampled, and the rows that nobody has taken yet."""

    def __init__(
        self,
        groups: Mapping[int, Sampling],
        reader: Callable[[tuple[str, ...]], Reader],
        now_ns: int,
    ) -> None:
        self._waiting: Columns = {}
        self._ticks: dict[int, _Ticks] = {}
        for number, sampling in groups.items():
            period_ns = sampling.period_us * _US
            first_ns = next_multiple(now_ns + 1, period_ns)
            converted = tuple(i for i, name in enumerate(sampling.ids) if name in _KERNEL_KB)
            self._ticks[number] = _Ticks(period_ns, reader(sampling.ids), first_ns, converted)

    @property
    def periods_ns(self) -> tuple[int, ...]:
        """The distance of two ticks in each group."""
        return tuple(ticks.period_ns for ticks in self._ticks.values())

    def follow(self, to_ns: int) -> None:
        """Read every tick up to `to_ns`."""
        for number, ticks in self._ticks.items():
            ticked = ticks.until(to_ns)
            kept = self._waiting.get(number)
            if kept and ticked:
                for column, more in zip(kept, ticked, strict=True):
                    column += more
            elif ticked:
                self._waiting[number] = ticked

    def take(self) -> Columns:
        """Return what was read since the last call."""
        taken, self._waiting = self._waiting, {}
        return taken
