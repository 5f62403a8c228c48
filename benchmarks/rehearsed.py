"""What a rehearsal's rows say: median times, and energy of the whole phone per operator."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from benchmarks.policies.dvfs.profile_table import Floats, ProfileTable
from benchmarks.policies.dvfs.segments import borders
from benchmarks.rehearsed_grid import Points
from devices.clock import NS_PER_S
from devices.errors import StableDeviceError
from devices.samples import Event

LEAST_OP_S = 0.001  # shorter operators are merged: no plan changes a clock so fast
_EDGE_S = 0.15  # meters lag behind the start of a load


@dataclass(slots=True)
class Take:
    """The rows of one setting."""

    ops: int
    wanted: int = 0  # rows of operators; 0 = none, the phone rests
    numbers: list[int] = field(default_factory=list)
    seconds_of: list[float] = field(default_factory=list)
    joules_of: list[float] = field(default_factory=list)
    start_s: float | None = None
    end_s: float | None = None
    power: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def add_rows(self, numbers: list[int], seconds: list[float], joules: list[float]) -> None:
        """Take rows of operators; an agent that knows no energy gives none."""
        self.numbers += numbers
        self.seconds_of += seconds
        self.joules_of += joules

    def add_power(self, source: str, t_s: Sequence[float], watts: Sequence[float]) -> None:
        """Take readings of the whole phone's power."""
        self.power.setdefault(source, []).extend(zip(t_s, watts, strict=True))

    def notice(self, event: Event) -> None:
        """Take the borders of the load."""
        if event.kind == "started":
            self.start_s = event.t_ns / NS_PER_S
        if event.kind == "idle":
            self.end_s = event.t_ns / NS_PER_S
        if event.kind == "lost":
            self.wanted -= int(event.data["rows"])  # they never come; medians do with the others

    @property
    def seconds(self) -> float:
        """How long power has been read [s]."""
        times = [t for rows in self.power.values() for t, _ in rows]
        return max(times) - min(times) if times else 0.0

    @property
    def is_complete(self) -> bool:
        """Whether the load is over and all of its rows are here."""
        return self.end_s is not None and len(self.numbers) >= self.wanted

    @property
    def inference_s(self) -> float:
        """How long one inference takes [s]."""
        return float(self.times_s().sum())

    def times_s(self) -> Floats:
        """Return the median time of each operator [s]."""
        return self._medians(self.seconds_of)

    def joules(self) -> Floats | None:
        """Return the median energy of each operator's own cores and traffic [J], if known."""
        return self._medians(self.joules_of) if len(self.joules_of) == len(self.numbers) else None

    def _medians(self, values: Sequence[float]) -> Floats:
        numbers, column = np.array(self.numbers), np.array(values)
        return np.array([float(np.median(column[numbers == op])) for op in range(self.ops)])

    def watts(self) -> tuple[float, str] | None:
        """Return the mean power of the whole phone, the most trusted first, and its source."""
        low = -np.inf if self.start_s is None else self.start_s + _EDGE_S
        high = np.inf if self.end_s is None else self.end_s
        for source in ("physics", "gauge"):
            inside = [watt for t, watt in self.power.get(source, ()) if low <= t <= high]
            if inside:
                return float(np.mean(inside)), source
        return None


def table_of(
    ops: Sequence[str], points: Points, takes: Sequence[Take], rest: Take
) -> tuple[ProfileTable, str]:
    """Return the table of all takes, the fastest point first, and whose word its energy is.

    Raises:
        StableDeviceError: if nothing on this phone tells its power.
    """
    idle = rest.watts()
    found = [take.watts() for take in takes]
    if idle is None or any(watts is None for watts in found):
        raise StableDeviceError(
            "no power meter, rail or fuel gauge tells what an operator needs, so nothing can be "
            "planned; unplug the phone, or choose one that reports its current"
        )
    times = np.array([take.times_s() for take in reversed(takes)]).T
    energies = np.array([_energy_j(take) for take in reversed(takes)]).T
    starts = borders(times[:, -1], LEAST_OP_S)
    ends = [b - 1 for _, b in pairwise([*starts, len(ops)])]
    names = [*(ops[end] for end in ends[:-1]), ""]
    table = ProfileTable(
        tuple(names),
        points.core_khz,
        points.memory,
        np.add.reduceat(times, starts, axis=0),
        np.add.reduceat(energies, starts, axis=0),
        max(idle[0], 1e-6),
    )
    return table, idle[1]


def _energy_j(take: Take) -> Floats:
    """Return the whole phone's energy in each operator [J].

    The mean power is measured; where the agent knows what an operator's own cores and traffic
    draw, they are shared out by that, and only the rest by time.
    """
    measured = take.watts()
    assert measured is not None
    times_s, own_j = take.times_s(), take.joules()
    if own_j is None:
        return times_s * measured[0]
    rest_w = max(0.0, measured[0] - float(own_j.sum() / times_s.sum()))
    return own_j + rest_w * times_s
