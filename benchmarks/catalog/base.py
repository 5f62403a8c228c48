"""What every benchmark kind is: parameters that can be asked for, and numbers it reports."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.validity import Verdict
from benchmarks.arrivals import Arrivals
from benchmarks.cloud.shaping import Network
from benchmarks.figures import Drawing, Subject
from benchmarks.policies.base import PolicySpec
from benchmarks.policies.dvfs.stage import Processor
from benchmarks.trace import Trace
from benchmarks.workloads import find, names
from devices.errors import StableDeviceError


def _known(name: str) -> str:
    return find(name).name


LIGHT_MACS = 10**6  # below, an inference takes microseconds: rows of it outrun every link


def refuse_light(workload: str) -> str:
    """Return why a workload cannot run back to back; "" if it can."""
    macs = find(workload).macs
    if not 0 < macs < LIGHT_MACS:
        return ""
    return (
        f"one inference of {workload} is {macs / 1e6:.2g} MMAC, a matter of microseconds: back to "
        "back it would log more rows than a link carries"
    )


def _with_choices(schema: dict[str, Any]) -> None:
    schema["enum"] = names()  # asked each time: users bring workloads


def listed(value: Any) -> Any:
    """Read `1.0, 0.25` as a form or a command line gives it: blanks or commas between."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


WorkloadName = Annotated[str, AfterValidator(_known), Field(json_schema_extra=_with_choices)]
WorkloadNames = Annotated[tuple[WorkloadName, ...], BeforeValidator(listed)]


THOROUGH_REPEATS = 10  # of a rehearsal that is to know a phone as well as it can be known

GRACE_S = 120.0  # what beginning and ending a load may take beside it [s of device time]

#: No phone of today computes faster: what would need more can be refused unmeasured [1/s].
BEST_MACS_PER_S = 1e12


class BenchmarkSpec(BaseModel, ABC):
    """The parameters of one kind; each field's description ends with its unit in brackets."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str

    @property
    @abstractmethod
    def planned_s(self) -> float:
        """How long the load will run [s of device time]."""

    @property
    def longest_s(self) -> float:
        """When a load that still runs is given up [s of device time]."""
        return self.planned_s * 1.1 + GRACE_S

    @abstractmethod
    def loads(self) -> tuple["Load", ...]:
        """Return what runs on the phone, one lane each; a policy works on the first."""

    def refuse_policy(self, policy: PolicySpec) -> None:
        """Refuse a policy that does not go together with this spec. Raises Objection."""

    def grid(self) -> "Grid | None":
        """Return what must be rehearsed before the run; None for a kind that plans nothing."""
        return None

    def loads_after(self, findings: Mapping[str, Any]) -> tuple["Load", ...]:
        """Return what runs on the phone, given what its preparation found out."""
        return self.loads()

    @property
    def sets_knobs(self) -> bool:
        """Whether the agent must run with the right to write clocks, where the phone gives it."""
        return False

    def facts(self) -> dict[str, Any]:
        """Return what a policy of this kind must know beside the load, as JSON."""
        return {}

    @abstractmethod
    def analyze(self, trace: Trace) -> "Analysis":
        """Return what a stored trace says; a pure function, computed again at any time."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a trace says: numbers, whether to believe them, and what a page draws beside them."""

    metrics: tuple[Metric, ...]
    verdict: Verdict
    details: dict[str, Any]  # JSON: throttled spans and phases [s since the load started]


@dataclass(frozen=True, slots=True)
class SplitLoad:
    """How a lane talks to a segment server."""

    codec: str  # of blobs inside the network
    input_codec: str
    output_codec: str
    timeout_s: float  # an answer later than this is given up [s of device time]
    network: Network


PERIODIC = Arrivals()


@dataclass(frozen=True, slots=True)
class Load:
    """One lane of inferences."""

    workload: str
    threads: int
    duration_s: float  # [s of device time]
    period_s: float  # 0 = back to back [s]
    sample_hz: float  # how often the fast sensors are read [Hz of device time]
    variants: tuple[str, ...] = ()  # what a policy may run instead, the first being `workload`
    shares_weights: bool = True  # if not, a change of variant reads the new one's weights
    deadline_s: float | None = None  # of one inference [s]
    settings: Mapping[str, Any] = field(default_factory=dict)  # more, in the agent's words
    split: SplitLoad | None = None  # a server may do a part of it
    arrivals: Arrivals = PERIODIC  # when its inferences are asked for

    @property
    def workloads(self) -> tuple[str, ...]:
        """Every workload that must be on the phone."""
        return self.variants or (self.workload,)


@dataclass(frozen=True, slots=True)
class Grid:
    """What a rehearsal measures, and for which interval plans are made of it."""

    mode: Literal["auto", "root", "advisory"]
    cluster: str  # "" = the fastest that has room
    threads: int
    cores: int | None  # clocks of the cores, at most; None = all that there are
    memory: int | None  # clocks of the memory, likewise
    repeats: int  # inferences of each pair that are told operator by operator, at least
    slack: float  # the interval over the shortest possible time [1]
    period_s: float  # the interval itself; 0 = from the slack [s]
    processor: Processor = "cpu"  # "cores" are then the GPU's clocks
    every: int = 4  # of so many rehearsed inferences, one is told operator by operator

    def thorough(self) -> "Grid":
        """Return it with every clock that the phone allows, and every inference told."""
        repeats = max(self.repeats, THOROUGH_REPEATS)
        return replace(self, cores=None, memory=None, repeats=repeats, every=1)

    def check(self, period_s: float, race_s: float) -> None:
        """Refuse an interval that even the fastest clocks do not meet.

        Raises:
            StableDeviceError: with the shortest time that would do.
        """
        if period_s < race_s:
            raise StableDeviceError(
                f"period_ms = {period_s * 1000:.4g}: one inference takes {race_s * 1000:.4g} ms at "
                f"the highest clocks of this phone; ask for {race_s * 1100:.4g} ms or more, or "
                "give `slack` instead"
            )


def no_figures(_: Sequence[Subject]) -> Sequence[Drawing]:
    """Return nothing: a kind need not draw."""
    return ()


@dataclass(frozen=True, slots=True)
class BenchmarkKind:
    """One row of the catalog."""

    name: str
    summary: str
    spec_model: type[BenchmarkSpec]
    why: str = ""  # one paragraph by hand: what it is for, and what to beware of
    #: What a comparison of its runs shows, beside what all kinds have.
    figures: Callable[[Sequence[Subject]], Sequence[Drawing]] = no_figures

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the parameters."""
        return self.spec_model.model_json_schema()


def phases_of(trace: Trace) -> list[list[Any]]:
    """Return the phases of a trace as JSON: name, start and end [s since the load started]."""
    return [[phase.name, phase.start_s, phase.end_s] for phase in trace.phases]
