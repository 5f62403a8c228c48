"""A policy has two halves: a spec that is asked for, and a controller that remembers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from devices.profile import DeviceProfile


@dataclass(frozen=True, slots=True)
class Observation:
    """What a policy may know at one tick; nothing that a real phone could not know."""

    t_s: float  # device time since the load started [s]
    newest: Mapping[str, float]  # newest valid value per channel, in SI
    variant: str  # the workload in force
    finished: int  # inferences that ended since the last tick
    latency_s: float | None = None  # their mean latency [s]; None if none ended


@dataclass(frozen=True, slots=True)
class SetVariant:
    """Run another variant from the next frame on."""

    variant: str
    reason: str


@dataclass(frozen=True, slots=True)
class SetSplit:
    """Cut the network at a blob and finish it elsewhere; an empty name finishes it here."""

    cut: str
    reason: str
    peer: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetShare:
    """Give a lane a share of the time [0 to 1]."""

    lane: int
    share: float
    reason: str


@dataclass(frozen=True, slots=True)
class SetFreq:
    """Write a frequency knob, such as `cluster4.max_khz` [kHz]."""

    knob: str
    khz: int
    reason: str


@dataclass(frozen=True, slots=True)
class Idle:
    """Pause after each inference [s]."""

    seconds: float
    reason: str


Action = SetVariant | SetSplit | SetShare | SetFreq | Idle


class Controller(Protocol):
    """The memory of one policy during one trial; it reads no clock, no file and no phone."""

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Return what to change now; an empty tuple leaves the phone as it is."""


class PolicySpec(BaseModel, ABC):
    """What is asked for: frozen parameters, the same in form, API and database."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    min_period_s: ClassVar[float] = 1.0  # device time between two decisions

    @abstractmethod
    def start(self, profile: DeviceProfile) -> Controller:
        """Return the controller for one trial on this phone."""
