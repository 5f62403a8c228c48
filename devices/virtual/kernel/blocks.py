"""The blocks that a phone file may leave out: idle states, GPU, DRAM clocks, screen, radio.

A block that is missing means that the phone has no such part, or that nobody knows anything
about it; it never means a value.
"""

from itertools import pairwise
from typing import Literal, TypeVar

from pydantic import field_validator, model_validator

from devices.virtual.kernel.fact import Fact, Sourced

_Row = TypeVar("_Row", bound=tuple[float, ...])


class IdleState(Fact):
    """A state that idle cores fall into, shallowest first."""

    name: str  # as /sys/devices/system/cpu/cpuN/cpuidle/stateM/name shows it
    entry_us: int
    exit_us: int
    residency_us: int  # not worth entering for a shorter sleep [µs]
    leak_share: float  # of the cluster's leakage that is left in it [1]


class Idle(Sourced):
    """What a cluster saves when it has nothing to do."""

    states: tuple[IdleState, ...]


class Gpu(Sourced):
    """A GPU that Linux clocks through devfreq."""

    name: str  # Adreno 640
    node: str  # its folder under /sys/class/devfreq: 2c00000.qcom,kgsl-3d0
    driver: Literal["kgsl", "mali"]  # which other files there are
    governor: str  # at boot
    opps: tuple[tuple[int, float], ...]  # (Hz, mW when fully busy), slowest first
    idle_mw: float  # clocked and without work; power-collapsed it draws nothing [mW]
    macs_per_cycle: float | None = None  # all shader cores together, large convolution

    @field_validator("opps")
    @classmethod
    def _rises(cls, opps: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
        return rising("opps", opps)


class MemoryLevels(Sourced):
    """The clocks of DRAM and interconnect, as devfreq shows them."""

    node: str  # its folder under /sys/class/devfreq: soc:qcom,cpubw
    unit: Literal["MB/s", "kHz", "Hz"]  # of the node's numbers
    governor: str  # at boot
    rows: tuple[tuple[int, float, float], ...]  # (the node's number, GB/s, mW without traffic)

    @field_validator("rows")
    @classmethod
    def _rises(
        cls, rows: tuple[tuple[int, float, float], ...]
    ) -> tuple[tuple[int, float, float], ...]:
        return rising("rows", rows)


class Display(Sourced):
    """What the screen draws beyond the base load, with a home screen on it."""

    panel: str  # OLED, 6.4 inch
    dim_w: float  # lit at the lowest brightness [W]
    full_w: float  # at the highest [W]


class ChargeSwitch(Fact):
    """A file of the battery's with which root stops the charging."""

    name: Literal["charging_enabled", "battery_charging_enabled", "input_suspend"]
    lies: bool = False  # it takes and shows what is written, and the charging goes on

    @property
    def suspends(self) -> bool:
        """Whether it cuts the phone off its cable; the others leave the cable feeding it."""
        return self.name == "input_suspend"


class RadioLink(Sourced):
    """What one radio draws beyond the base load of the phone: a linear model with a tail."""

    mbit_s: float  # the most it carries, either way [Mbit/s]
    active_w: float  # while anything is transferred, whatever the rate [W]
    down_w_per_mbit_s: float  # and per rate [W·s/Mbit]
    up_w_per_mbit_s: float
    tail_s: float  # it stays awake for so long after the last byte [s]
    tail_w: float
    node: dict[str, float]  # where that heat goes: shares of the network's nodes [1]

    @model_validator(mode="after")
    def _heats_something(self) -> "RadioLink":
        if abs(sum(self.node.values()) - 1.0) > 1e-6:
            raise ValueError(f"the shares of node add up to {sum(self.node.values()):g}, not to 1")
        return self


class Radio(Fact):
    """The ways into the network."""

    wifi: RadioLink
    cellular: RadioLink | None = None


def rising(name: str, rows: tuple[_Row, ...]) -> tuple[_Row, ...]:
    """Return rows whose columns rise, the first one strictly; raises ValueError with the row."""
    if not rows:
        raise ValueError(f"{name} is empty: give one row per clock, slowest first")
    for before, row in pairwise(rows):
        if row[0] <= before[0] or any(a > b for a, b in zip(before, row, strict=False)):
            raise ValueError(f"{name}: {list(row)} must not be below {list(before)} in any column")
    return rows
