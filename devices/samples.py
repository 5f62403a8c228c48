"""The currency of the whole system: clock groups, batches of their rows, and events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.channels import Channel


@dataclass(frozen=True, slots=True)
class Group:
    """A clock group of one trial as its agent declared it; its channels never change."""

    trial: int  # the number that the host gave to `begin`
    number: int  # 0 fast, 1 slow, 2 infer
    name: str
    period_us: int | None  # nominal [µs of device time]; None = one row per event
    channels: tuple[Channel, ...]  # without the clock


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Consecutive rows of one clock group: the raw integers the phone gave."""

    trial: int
    group: int  # Group.number
    i0: int  # index of the first row, counted by the phone from 0 without holes
    t_ns: NDArray[np.int64]  # [rows], the phone's CLOCK_MONOTONIC
    raw: NDArray[np.int64]  # [channels, rows]
    valid: NDArray[np.bool_]  # [channels, rows]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return int(self.t_ns.shape[0])


@dataclass(frozen=True, slots=True)
class Event:
    """A named moment on the phone's clock, or a remark of the host about one."""

    trial: int
    i: int  # index counted by the phone from 0 per trial; -1 for the host's own remarks
    t_ns: int  # the phone's CLOCK_MONOTONIC
    kind: str  # started, applied, clk, baseline, throttled, error …
    data: Mapping[str, Any] = field(default_factory=dict)


Item = Group | Batch | Event
