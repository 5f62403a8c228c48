"""What a network costs, operator by operator, at every pair of core and memory clock."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Actuation:
    """How slowly a written clock comes in force.

    `core_s` is that of what computes, be it cores or a GPU. Defaults: measured by others on an
    Orin Nano (arXiv 2606.16106): a write stalls its writer for less than 0.1 ms and takes effect
    after 1 ms on the cores and 8 ms in the memory.
    """

    core_s: float = 0.001
    memory_s: float = 0.008
    stall_s: float = 0.0001


GPU_ACTUATION = Actuation(core_s=0.005)  # 5 ms on the GPU; from the same measurements


@dataclass(frozen=True, slots=True, eq=False)
class ProfileTable:
    """Measured or modelled time and energy of each operator at each pair of clocks.

    A *point* is the index of one pair: `core * len(memory_khz) + memory`, both counted from the
    slowest clock. A phone whose memory clock cannot be set has one memory column.
    """

    ops: tuple[str, ...]
    core_khz: tuple[int, ...]  # ascending
    memory_khz: tuple[int, ...]  # ascending
    time_s: Floats  # [operators, points]
    energy_j: Floats  # [operators, points], of the whole phone while the operator runs
    idle_w: float  # of the whole phone while it waits for the next release

    def __post_init__(self) -> None:
        wanted = (len(self.ops), len(self.core_khz) * len(self.memory_khz))
        for name, values in (("time_s", self.time_s), ("energy_j", self.energy_j)):
            if values.shape != wanted:
                raise ValueError(f"{name} has the shape {values.shape}, the profile {wanted}")
            if not np.all(np.isfinite(values)) or np.any(values <= 0):
                raise ValueError(f"{name} must be positive at every operator and pair of clocks")

    @property
    def points(self) -> int:
        """How many pairs of clocks there are."""
        return len(self.core_khz) * len(self.memory_khz)

    @property
    def fastest(self) -> int:
        """The point with both clocks at their top."""
        return self.points - 1

    @property
    def race_s(self) -> float:
        """The shortest time that one inference can take [s]."""
        return float(self.time_s.sum(axis=0).min())

    def point(self, core: int, memory: int) -> int:
        """Return the point of a pair of clocks, both by index."""
        return core * len(self.memory_khz) + memory

    def pair(self, point: int) -> tuple[int, int]:
        """Return the indexes of core and memory clock of a point."""
        return divmod(point, len(self.memory_khz))

    def khz(self, point: int) -> tuple[int, int]:
        """Return core and memory clock of a point [kHz]."""
        core, memory = self.pair(point)
        return self.core_khz[core], self.memory_khz[memory]

    def below(self, core_cap_khz: int) -> tuple[int, ...]:
        """Return the points that a thermal clamp of the cores leaves; never none."""
        allowed = [i for i, khz in enumerate(self.core_khz) if khz <= core_cap_khz] or [0]
        memory = range(len(self.memory_khz))
        return tuple(self.point(core, column) for core in allowed for column in memory)

    def scaled(self, factors: Sequence[float] | Floats) -> "ProfileTable":
        """Return the table with each operator slower (or faster) by its factor."""
        column = np.asarray(factors, dtype=float)[:, None]
        return ProfileTable(
            self.ops,
            self.core_khz,
            self.memory_khz,
            self.time_s * column,
            self.energy_j * column,
            self.idle_w,
        )


def interval_energy_j(busy_j: float, busy_s: float, interval_s: float, idle_w: float) -> float:
    """Return the energy of a whole interval [J]: the work, then waiting for the next release.

    Energy counted only while busy always favors racing, or always crawling.
    """
    return busy_j + idle_w * max(0.0, interval_s - busy_s)
