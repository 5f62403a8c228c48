"""How long one inference takes on given cores: a roofline over the classes of its layers."""

from collections.abc import Sequence
from dataclasses import dataclass

#: Multiply-accumulates per cycle relative to a large convolution, per class of layer (estimated
#: from published ncnn latencies of MobileNetV2 and ResNet50 on the same cores).
EFFICIENCY = {"conv": 1.0, "depthwise": 0.12, "fc": 0.5}
ELEMENTWISE = 0.25  # pooling, addition, activation: one operation per element
MACS_PER_LAYER = 150_000  # what starting a layer and joining its threads costs, as work


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a network as the silicon sees it."""

    kind: str  # conv, depthwise, fc; everything else counts as elementwise
    macs: int
    bytes: int  # read and written: inputs, weights, outputs


@dataclass(frozen=True, slots=True)
class Work:
    """One inference."""

    name: str
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """What one inference asks of the silicon."""

    macs: float  # in units of a large convolution's multiply-accumulates
    bytes: float


@dataclass(frozen=True, slots=True)
class Speed:
    """What a chip offers to inference code."""

    macs_per_cycle: tuple[float, ...]  # one core, per cluster, large convolution
    serial: float  # share of the work that does not split over threads [1]
    bytes_per_s: float  # sustained memory bandwidth [B/s]


def demand_of(work: Work) -> Demand:
    """Add up the layers of one inference."""
    macs = sum(
        layer.macs / EFFICIENCY.get(layer.kind, ELEMENTWISE) + MACS_PER_LAYER
        for layer in work.layers
    )
    return Demand(macs, sum(layer.bytes for layer in work.layers))


def latency_s(demand: Demand, rates: Sequence[float], speed: Speed) -> float:
    """Return the duration of one inference [s].

    `rates` holds one large-convolution rate per thread [MAC/s]. The split is static, so the
    slowest thread decides; the serial part runs on the fastest. Memory time does not depend on
    the clock of the cores.
    """
    threads = len(rates)
    parallel_s = demand.macs * (1.0 - speed.serial) / (threads * min(rates))
    serial_s = demand.macs * speed.serial / max(rates)
    return parallel_s + serial_s + demand.bytes / speed.bytes_per_s
