"""RegNet on a map of networks and phones: where its best split lies."""

from dataclasses import dataclass

from benchmarks.offloading.estimates import Estimates
from benchmarks.offloading.networks import network_pipeline
from benchmarks.offloading.pipeline import Pipeline, Split
from benchmarks.policies.offload.choosing import Situation
from benchmarks.policies.offload.dynamic_split import DynamicSplit
from benchmarks.policies.offload.neurosurgeon import Neurosurgeon
from benchmarks.workloads import workload_files
from devices.agent.codecs import CODECS

JPEG_BYTES = 90_000  # what a 224×224 picture really weighs on its way (typical camera quality)
UP_MBIT_S = (1, 5, 20, 100)
PHONE_S = (0.045, 0.180)  # the whole network, one fast and one slow phone [s]
SERVER_S, RTT_S = 0.006, 0.020


@dataclass(frozen=True, slots=True)
class Cell:
    """One network, one phone, and the split that answers first."""

    up_mbit_s: float
    phone_s: float
    split: Split

    @property
    def is_interior(self) -> bool:
        """Whether phone and server share the work."""
        return not self.split.is_local and not self.split.shows_input


def pipeline(only: tuple[str, ...]) -> Pipeline:
    """Return the splits after residual blocks, float32; the input travels as JPEG."""
    network = workload_files("regnet").network
    found = network_pipeline(network, CODECS["fp32"], CODECS["fp32"], only)
    return Pipeline(tuple(_as_jpeg(split) for split in found.splits))


def _as_jpeg(split: Split) -> Split:
    if not split.shows_input:
        return split
    return Split(
        split.name,
        split.device_work,
        split.server_work,
        JPEG_BYTES,
        split.received_bytes,
        shows_input=True,
    )


def best_splits(splits: Pipeline) -> list[Cell]:
    """Return the fastest split of every cell of the map; both fastest policies must agree."""
    cells = []
    for up in UP_MBIT_S:
        for phone_s in PHONE_S:
            rates = Estimates(phone_s, SERVER_S, up * 1e6, up * 1e6, RTT_S)
            seen = Situation(splits, rates, sla_s=1.0)
            split = Neurosurgeon().choose(seen).split
            assert rates.predict(DynamicSplit().choose(seen).split) == rates.predict(split)
            cells.append(Cell(up, phone_s, split))
    return cells
