"""A policy has two halves: a spec that is asked for, and a controller that remembers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from benchmarks.policies.tenancy.tenants import Tenant
from devices.profile import DeviceProfile


class Place(StrEnum):
    """Where a policy takes its decisions."""

    HOST = "host"  #: by `decide`, about once a second, beside whoever records the run
    AGENT = "agent"  #: by a `Plan` that is on the phone before the trial begins


@dataclass(frozen=True, slots=True)
class Task:
    """What a benchmark asks for, as far as a policy must know it; the same for the whole trial."""

    benchmark: str  # its kind
    variants: tuple[str, ...]  # workloads that lane 0 may run, the most accurate first
    period_s: float = 0.0  # from one start to the next; 0 = back to back [s]
    deadline_s: float | None = None  # of one inference [s]
    seed: int = 1  # of what a policy leaves to chance
    facts: Mapping[str, Any] = field(default_factory=dict)  # JSON: what was measured before


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment of a planned inference, as the phone told it."""

    slot: int  # of its inference
    number: int  # within it
    seconds: float
    core: int  # the clocks that were asked for, in the units of their knobs; -1 = none
    memory: int


@dataclass(frozen=True, slots=True)
class Observation:
    """What a policy may know at one tick; nothing that a real phone could not know."""

    t_s: float  # device time since the load started [s]
    newest: Mapping[str, float]  # newest valid value per channel, in SI
    variant: str  # the workload in force on lane 0
    finished: int  # inferences that ended since the last tick
    latency_s: float | None = None  # mean of those that ran that workload [s]; None if none did
    split: str = ""  # the cut that the newest inference ran under; "" = none
    tenants: Mapping[int, Tenant] = field(default_factory=dict)  # by lane, as they came
    segments: tuple[SegmentRow, ...] = ()  # that were told since the last tick, in their order


@dataclass(frozen=True, slots=True)
class SetVariant:
    """Run another variant from the next frame on, at another pace if one is given."""

    variant: str
    reason: str
    period_s: float | None = None  # from one start to the next; 0 = back to back [s]
    lane: int = 0


@dataclass(frozen=True, slots=True)
class SetSplit:
    """Hand over a blob, and go on from the one that comes back: the output, or one before it.

    An empty cut computes everything here.
    """

    cut: str
    reason: str
    predicted_s: float | None = None  # from request to answer [s]
    lane: int = 0
    back: str = ""  # the blob that comes back; "" = the output

    @property
    def split(self) -> str:
        """What the division is called: the blob inside the network that crosses."""
        return self.back or self.cut


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
    lane: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one inference, and the knobs that hold in it."""

    to: str  # the blob it ends with; "" = the output
    knobs: Mapping[str, int]  # such as {"cluster6.set_khz": 1_600_000}
    planned_s: float = 0.0  # how long it is expected to take [s]


@dataclass(frozen=True, slots=True)
class Way:
    """Another way through the segments of a plan, for an inference that is late."""

    values: tuple[tuple[int, ...], ...]  # per segment, in the order of its knobs
    planned_s: tuple[float, ...]  # per segment [s]


@dataclass(frozen=True, slots=True)
class Windows:
    """Two clocks of the memory, chosen from its traffic by the agent once per window."""

    knob: str
    low: int
    high: int
    length_s: float
    share: float  # of what LOW carries; more traffic asks for HIGH [1]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the agent carries out by itself, because a host would come too late.

    `lane` are settings of lane 0 in the agent's words (`period_us`, `cut`, `deadline_us` …);
    `knobs` are set once, before the load; `segments` are knobs to write inside one inference, and
    `ways` ever faster ways on, which needs an agent that can `plan`.
    """

    lane: Mapping[str, Any] = field(default_factory=dict)
    knobs: Mapping[str, int | str] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()
    ways: tuple[Way, ...] = ()
    budget_s: float = 0.0  # of one inference; 0 = the plan is never left [s]
    patience_s: float = 0.0  # so late may a segment begin before another way is taken [s]
    every: int = 20  # of so many inferences, one is told segment by segment
    windows: Windows | None = None  # the memory follows its traffic, whatever is computed
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)  # JSON: more for the record

    @property
    def split(self) -> str:
        """The split that lane 0 begins with, by its name; "" where everything runs here."""
        return str(self.lane.get("back") or self.lane.get("cut", ""))

    def told(self) -> dict[str, Any]:
        """Return what the record of a run says about its plan, as JSON."""
        return {
            "reason": self.reason,
            "lane": dict(self.lane),
            "knobs": dict(self.knobs),
            "segments": [
                [segment.to, dict(segment.knobs), round(segment.planned_s * 1e6)]
                for segment in self.segments
            ],
            "ways": len(self.ways),
            "budget_us": round(self.budget_s * 1e6),
            **({"windows": asdict(self.windows)} if self.windows else {}),
            **self.facts,
        }


@dataclass(frozen=True, slots=True)
class Replan:
    """Go on by another plan, from the next inference of lane 0 on."""

    plan: Plan
    number: int  # counts up
    reason: str


Action = SetVariant | SetSplit | SetShare | SetFreq | Idle | Replan


class Controller(Protocol):
    """The memory of one policy during one trial; it reads no clock, no file and no phone."""

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Return what to change now; an empty tuple leaves the phone as it is."""


class PolicySpec(BaseModel, ABC):
    """What is asked for: frozen parameters, the same in form, API and database.

    The first paragraph of a policy's docstring is its summary; `why` is one paragraph by hand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    min_period_s: ClassVar[float] = 1.0  # device time between two decisions
    places: ClassVar[frozenset[Place]] = frozenset({Place.HOST})
    suits: ClassVar[frozenset[str]] = frozenset()  # kinds of benchmark; empty = every one
    asks: ClassVar[frozenset[str]] = frozenset()  # facts of a Task that it cannot do without
    rehearses_all: ClassVar[bool] = False  # where clocks are rehearsed: every pair, and longer
    why: ClassVar[str] = ""
    source: ClassVar[str] = ""  # where the algorithm is from, and whether it is reconstructed
    kind: str = ""

    @abstractmethod
    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return the controller for one trial of this task on this phone."""

    def refuse(self, profile: DeviceProfile) -> None:
        """Refuse an untouched phone that lacks what this policy needs. Raises Lacking."""

    def plan(self, profile: DeviceProfile, task: Task) -> Plan | None:
        """Return what must be on the phone before the trial begins; None if nothing must."""
        return None
