"""What an agent's protocol side asks of the machine below it: clocks, sensors, models and lanes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from devices.agent.wire import Cell
from devices.virtual.kernel.timetable import Timetable

if TYPE_CHECKING:
    from devices.virtual.agent.peering import NetworkShape, PeerOrder

Row = list[Cell]


class Refused(Exception):
    """A command that changes nothing; `code` is one of the protocol's error table."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Clocks:
    """Three clocks of the phone, read back to back [ns]."""

    mono_ns: int
    boot_ns: int
    real_ns: int
    width_ns: int = 0


@dataclass(frozen=True, slots=True)
class Sensor:
    """One readable quantity."""

    id: str  # class:name, made of the type and never of an index
    path: str
    unit: str  # of messages.WIRE_UNITS
    read_us: int = 0
    raw: int | None = None
    quality: str = "ok"  # or "unreadable"


@dataclass(frozen=True, slots=True)
class Sampling:
    """One periodic clock group: what is read together, and how often."""

    period_us: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelOrder:
    """What `load` asks for; paths are relative to the agent's folder of models."""

    id: str
    param: str
    bin: str
    param_sha256: str
    sha256: str
    bytes: int
    w: int
    h: int
    c: int
    input: str
    output: str
    threads: tuple[int, ...]
    fp16: bool = False


@dataclass(frozen=True, slots=True)
class RungOrder:
    """One way through a plan's segments: what each knob is set to, and how long is planned."""

    values: tuple[tuple[int, ...], ...]  # per segment, in the order of the plan's knobs
    us: tuple[int, ...]  # per segment


@dataclass(frozen=True, slots=True)
class WindowsOrder:
    """Two clocks of the memory, chosen from its traffic once per window."""

    knob: str
    low: int
    high: int
    us: int
    at_pm: int  # of what LOW carries; more traffic asks for HIGH


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """What `plan` asks for: knobs to set at cut points inside one inference."""

    id: str
    model: str
    to: tuple[str, ...]  # the blob that each segment ends with; "" = the output
    knobs: tuple[str, ...]  # that every segment sets; none for a plan that only measures
    rungs: tuple[RungOrder, ...]  # the plan itself, then faster ways
    budget_us: int = 0  # of the whole inference; 0 = the plan is never left
    patience_us: int = 0  # so late may a segment begin before a faster way is taken
    every: int = 20  # of so many inferences, one is told segment by segment
    windows: WindowsOrder | None = None  # the memory follows its traffic instead of a segment

    @property
    def set_knobs(self) -> tuple[str, ...]:
        """Every knob that it writes."""
        return (*self.knobs, *((self.windows.knob,) if self.windows else ()))


@dataclass(frozen=True, slots=True)
class LaneOrder:
    """The whole of a lane's settings under one generation."""

    lane: int
    gen: int
    mid: int
    model: str
    threads: int = 1
    processor: str = "cpu"  # or "gpu", for an agent that announces it
    mask: int = 0  # bit per core; 0 leaves the choice to the scheduler
    period_us: int = 0  # 0: back to back
    depth: int = 2
    idle_us: int = 0
    n: int = 0  # 0: endless
    dur_ms: int = 0  # 0: endless
    deadline_us: int = 0  # 0: none
    plan: str = ""  # the id of a plan; "" leaves the clocks alone
    cut: str = ""  # the blob that a peer gets; "" = everything is computed here
    back: str = ""  # the blob that the peer sends back; "" = the network's output
    fallback: bool = True  # finish here what the peer does not
    arrivals: str = ""  # the id of a timetable; "" = by `period_us`
    timetable: Timetable | None = None  # the one of that id
    share_pm: int = 1000  # of the time, in turns with other lanes that have less than all of it
    reload: bool = False  # another model's weights are read when the lane changes to it
    seed: int = 0  # of what is random in a simulated inference


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a body did or noticed, and when."""

    t_ns: int
    kind: str
    data: Mapping[str, Any]


@dataclass(slots=True)
class Harvest:
    """What came since the last harvest: columns per clock group, clock first, and happenings."""

    columns: dict[int, list[list[Cell]]] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)
    lost: dict[int, int] = field(default_factory=dict)  # rows that never got an index, per group


class Job(Protocol):
    """A command that takes a while."""

    def is_done(self) -> bool:
        """Return whether `result` may be asked."""

    def result(self) -> Mapping[str, Any]:
        """Return what the ack adds, or raise Refused."""


class Body(Protocol):
    """One machine that can run inferences and read its sensors."""

    kind: str
    caps: tuple[str, ...]
    speed_pm: int

    def clocks(self) -> Clocks:
        """Read the clocks."""

    def introduction(self) -> Mapping[str, Any]:
        """Return what `hello` says about this machine."""

    def core_mask(self) -> int:
        """Return one bit per core that a lane may ask for."""

    def sensors(self) -> Sequence[Sensor]:
        """Return every sensor with its present value."""

    def read(self, sensor: str) -> int | None:
        """Return one sensor's present value, or None."""

    def sample(self, groups: Mapping[int, Sampling]) -> None:
        """Read these groups from now on, and no others."""

    def load(self, order: ModelOrder) -> Job:
        """Make a model ready to run, after its digests were checked."""

    def unload(self, model: str) -> None:
        """Forget a model."""

    def golden(self, model: str, threads: int, ref: str, tol_e6: int) -> Job:
        """Compare the output for the deterministic input with a reference file."""

    def warm(self, model: str, threads: int, n: int) -> Job:
        """Run a few inferences outside every trial."""

    def plan(self, order: PlanOrder) -> Mapping[str, Any]:
        """Keep a plan for lanes to come; return what the ack adds, or raise Refused."""

    def connect(self, order: "PeerOrder") -> Job:
        """Look for the peer that may do a part of what lanes do."""

    def shape(self, network: "NetworkShape | None") -> None:
        """Make the network to the peer as slow as told; None undoes that."""

    def check_cut(self, model: str, cut: str, back: str) -> None:
        """Raise Refused unless a peer is known that can do what lies between two cuts."""

    def start(self, order: LaneOrder) -> int:
        """Start a lane; return when its first slot is due [ns]."""

    def change(self, order: LaneOrder) -> None:
        """Give a running lane other settings from its next frame on."""

    def stop(self, lane: int) -> None:
        """Stop a lane after the inference in flight."""

    def harvest(self) -> Harvest:
        """Bring the machine up to now and return what came since the last harvest."""

    def close(self) -> None:
        """Stop everything."""
