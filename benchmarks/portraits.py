"""What there is to know of a workload: work, bytes, classes of layers, cuts, published accuracy."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from benchmarks.accuracies import ACCURACIES, Accuracy
from benchmarks.catalog import CATALOG
from benchmarks.families.applications import applications
from benchmarks.families.cuts import cuts_of, iteration_ends
from benchmarks.families.layer_classes import Part, parts_of
from benchmarks.families.param_file import ParamFile
from benchmarks.variants import FAMILIES
from benchmarks.workloads import OWN, WORKLOADS, Workload, find, layers_of

UNTRAINED = "Our weights are untrained: time and plumbing are real, answers are not."


@dataclass(frozen=True, slots=True)
class CutFacts:
    """One place where one blob alone crosses."""

    blob: str
    shape: tuple[int, ...]
    bytes: int  # as float32 [B]
    head_share: float  # of the multiply-accumulates before it [1]


@dataclass(frozen=True, slots=True)
class Portrait:
    """One workload, as pages, commands and REST show it."""

    name: str
    family: str
    width: float
    summary: str
    input: tuple[int, ...]
    output: tuple[int, ...]
    layers: int
    macs: int
    weight_bytes: int
    traffic_bytes: int  # that one inference must at least move [B]
    parts: tuple[Part, ...]
    cuts: tuple[CutFacts, ...]
    iterations: int  # of which a server takes the first; 0: no iterative network, a phone begins
    accuracy: Accuracy | None  # of the original; None: an upload, of which nobody knows
    variants: tuple[str, ...]  # with shared weights, the largest first; empty: none
    kinds: tuple[str, ...]  # benchmarks that can run it

    @property
    def macs_per_byte(self) -> float:
        """Multiply-accumulates per byte that is moved: low ones wait for memory [1/B]."""
        return self.macs / max(1, self.traffic_bytes)

    def as_dict(self) -> Mapping[str, Any]:
        """Return the portrait for programs."""
        return {**asdict(self), "note": UNTRAINED if self.accuracy else ""}


@dataclass(frozen=True, slots=True)
class NestedFamily:
    """What one of NestDNN's applications may run, from its smallest descendant to its largest."""

    name: str  # of the largest
    network: str
    dataset: str
    macs: tuple[int, int]
    weight_bytes: tuple[int, int]
    top1: tuple[float, float]  # of nested descendants [1]
    alone: str  # the one network that it has where nothing is nested
    alone_top1: float  # of that one [1]


def nested_families() -> list[NestedFamily]:
    """Return the families that tenants and shifting may name beside those of the catalog."""
    found = []
    for one in applications().values():
        own = FAMILIES[one.family].alone
        assert own is not None
        ends = [layers_of(name) for name in (_smallest(one.family), one.family)]
        found.append(
            NestedFamily(
                name=one.family,
                network=one.network,
                dataset=one.dataset,
                macs=(ends[0].macs, ends[1].macs),
                weight_bytes=(ends[0].weight_bytes, ends[1].weight_bytes),
                top1=(one.descendant_pct[0] / 100, one.descendant_pct[-1] / 100),
                alone=own.workload,
                alone_top1=own.top1,
            )
        )
    return found


def _smallest(family: str) -> str:
    return [one.name for one in OWN.values() if one.family == family][-1]


def portraits() -> list[Portrait]:
    """Return our own workloads, in the order of the catalog."""
    return [portrait(name) for name in WORKLOADS]


def portrait(name: str) -> Portrait:
    """Return one workload, ours or a user's; UnknownName with what there is."""
    workload = find(name)
    return _drawn(workload) if name in OWN else _painted(workload, layers_of(name))


@cache
def _drawn(workload: Workload) -> Portrait:
    return _painted(workload, layers_of(workload.name))


def _painted(workload: Workload, network: ParamFile) -> Portrait:
    total = max(1, network.macs)
    return Portrait(
        name=workload.name,
        family=workload.family,
        width=workload.width,
        summary=workload.summary,
        input=tuple(network.blobs[network.inputs[0].outputs[0]]),
        output=tuple(network.blobs[network.output]),
        layers=len(network.layers),
        macs=network.macs,
        weight_bytes=network.weight_bytes,
        traffic_bytes=sum(layer.traffic_bytes for layer in network.layers),
        parts=parts_of(network),
        cuts=tuple(
            CutFacts(cut.blob, tuple(cut.shape), cut.bytes, cut.head_macs / total)
            for cut in cuts_of(network)
        ),
        iterations=len(iteration_ends(network)),
        accuracy=ACCURACIES.get(workload.name),
        variants=_variants(workload),
        kinds=tuple(kind for kind in CATALOG if _can_run(kind, workload)),
    )


def _variants(workload: Workload) -> tuple[str, ...]:
    if workload.family not in FAMILIES or workload.name not in OWN:
        return ()
    return tuple(one.name for one in OWN.values() if one.family == workload.family)


def _can_run(kind: str, workload: Workload) -> bool:
    """A kind takes any workload, or families of which accuracies are known."""
    takes_any = "workload" in CATALOG[kind].spec_model.model_fields
    return takes_any or bool(_variants(workload))
