"""Policies that choose one pair of clocks for the whole load."""

from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.policies.base import Plan
from benchmarks.policies.dvfs.phone_policy import ClockPolicy, constant, static_pair_of
from benchmarks.policies.dvfs.stage import Stage
from devices.errors import StableDeviceError


class RaceToIdle(ClockPolicy):
    """Runs every inference at the highest clocks and waits for the next one."""

    why: ClassVar[str] = (
        "Ending early and sleeping is what one does without a plan. It can even be right: where "
        "the waiting phone draws much, every second of waiting costs, and slow clocks save "
        "nothing. Compare it on the same phone before believing that slow is thrifty."
    )
    kind: Literal["race_to_idle"] = "race_to_idle"

    def planned(self, stage: Stage) -> Plan:
        """Keep both clocks at their top."""
        return constant(stage, stage.table.fastest, "both clocks at their top")


class StaticPair(ClockPolicy):
    """Runs everything at the one pair of clocks that needs least energy and is still in time."""

    why: ClassVar[str] = (
        "Half of what a clever schedule saves is saved by choosing one good pair of clocks and "
        "leaving them alone. No result about clocks inside an inference means anything without "
        "this number beside it."
    )
    writes_clocks: ClassVar[bool] = False  # without root it chooses among clusters
    kind: Literal["static_pair"] = "static_pair"

    def planned(self, stage: Stage) -> Plan:
        """Keep the pair that the rehearsal found best."""
        best = static_pair_of(stage)
        reason = f"cheapest pair in time: core {best['core']}, memory {best['memory']}"
        return constant(stage, int(best["point"]), reason)


class UserspaceFixed(ClockPolicy):
    """Runs everything at the pair of clocks that you name."""

    why: ClassVar[str] = (
        "For asking what one pair does, and for the points of a figure: whatever the planners "
        "say, this is measured."
    )
    kind: Literal["userspace_fixed"] = "userspace_fixed"
    core_khz: int = Field(0, ge=0, le=10_000_000, description="Clock of the cores; 0 is the "
                          "lowest that was rehearsed. [kHz]")  # fmt: skip
    memory: int = Field(0, ge=0, le=10_000_000, description="Clock of the memory, in the unit of "
                        "its knob; 0 is the lowest that was rehearsed.")  # fmt: skip

    def planned(self, stage: Stage) -> Plan:
        """Keep the named pair, if it was rehearsed."""
        core = _index(self.core_khz, stage.table.core_khz, "core_khz")
        memory = _index(self.memory, stage.table.memory_khz, "memory")
        return constant(stage, stage.table.point(core, memory), "the pair that was asked for")


def _index(value: int, known: tuple[int, ...], name: str) -> int:
    if value == 0:
        return 0
    if value not in known:
        raise StableDeviceError(
            f"{name} = {value} was not rehearsed; there are {', '.join(map(str, known))} "
            "(more with a finer grid)"
        )
    return known.index(value)
