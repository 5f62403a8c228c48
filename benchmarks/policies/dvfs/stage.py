"""What a rehearsal found out about one phone: the table that policies plan with, as JSON too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from benchmarks.policies.dvfs.profile_table import GPU_ACTUATION, Actuation, ProfileTable

STAGE = "stage"  # its key among the findings of a run

Mode = Literal["root", "advisory"]
Processor = Literal["cpu", "gpu"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One network on one cluster, measured at some pairs of clocks.

    In mode `advisory`, where no clock may be written, a point is a cluster: its mask stands where
    a core clock would, and there is one column.
    """

    mode: Mode
    cluster: str
    mask: str  # the cores that the lane may use, in hex
    threads: int
    core_knob: str  # cluster6.set_khz; "" in mode advisory
    memory_knob: str  # mem.set_khz; "" where the memory's clock cannot be set
    table: ProfileTable  # its operators are named for the blob that they end with
    period_s: float  # from one release to the next, and the deadline of each inference [s]
    source: str  # whose word the energy is: physics, rails or gauge
    masks: tuple[str, ...] = ()  # in mode advisory: per point
    processor: Processor = "cpu"  # "gpu": the core clock of the table is the GPU's

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON, in whole µs and µJ."""
        return {
            "mode": self.mode,
            "cluster": self.cluster,
            "mask": self.mask,
            "threads": self.threads,
            "core_knob": self.core_knob,
            "memory_knob": self.memory_knob,
            "ops": list(self.table.ops),
            "core": list(self.table.core_khz),
            "memory": list(self.table.memory_khz),
            "time_us": _whole(self.table.time_s),
            "energy_uj": _whole(self.table.energy_j),
            "idle_uw": round(self.table.idle_w * 1e6),
            "period_us": round(self.period_s * 1e6),
            "source": self.source,
            "masks": list(self.masks),
            "processor": self.processor,
        }

    @property
    def actuation(self) -> Actuation:
        """How slowly the planned clocks come in force."""
        return GPU_ACTUATION if self.processor == "gpu" else Actuation()

    def knobs(self, point: int) -> dict[str, int]:
        """Return what the knobs are at a point; nothing in mode advisory."""
        core, memory = self.table.khz(point)
        knobs = {self.core_knob: core} if self.core_knob else {}
        return knobs | ({self.memory_knob: memory} if self.memory_knob else {})

    def point_of(self, core: int, memory: int) -> int | None:
        """Return the point of clocks as a phone tells them; None for what nobody rehearsed."""
        table = self.table
        memory = memory if self.memory_knob else table.memory_khz[0]
        if core not in table.core_khz or memory not in table.memory_khz:
            return None
        return table.point(table.core_khz.index(core), table.memory_khz.index(memory))

    def governors(self, word: str) -> dict[str, str]:
        """Return the knobs that give every clock of the stage to one governor."""
        names = [knob for knob in (self.core_knob, self.memory_knob) if knob]
        return {f"{knob.partition('.')[0]}.gov": word for knob in names}


def stage_of(findings: Mapping[str, Any]) -> Stage | None:
    """Return the stage that is among the findings, if there was a rehearsal."""
    told = findings.get(STAGE)
    if not told:
        return None
    table = ProfileTable(
        tuple(told["ops"]),
        tuple(told["core"]),
        tuple(told["memory"]),
        np.array(told["time_us"], dtype=float) / 1e6,
        np.array(told["energy_uj"], dtype=float) / 1e6,
        told["idle_uw"] / 1e6,
    )
    return Stage(
        told["mode"], told["cluster"], told["mask"], told["threads"], told["core_knob"],
        told["memory_knob"], table, told["period_us"] / 1e6, told["source"],
        tuple(told["masks"]), told.get("processor", "cpu"),
    )  # fmt: skip


def _whole(values: "np.ndarray[Any, np.dtype[np.float64]]") -> list[Sequence[int]]:
    rows: list[Sequence[int]] = np.maximum(np.rint(values * 1e6), 1).astype(int).tolist()
    return rows
