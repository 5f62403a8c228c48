"""What inference code gets out of a core: speed per class of layer, and the price of a layer."""

from collections.abc import Mapping
from dataclasses import dataclass

#: Classes of layers: 3 × 3 convolutions that Winograd's method fits, other windows, 1 × 1, one
#: filter per channel, filters per group of channels, fully connected, products of two
#: activations, and everything that only passes over its numbers.
KINDS = (
    "winograd", "conv", "pointwise", "depthwise", "grouped", "fc", "matmul", "elementwise",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kernels:
    """One family of compute kernels.

    `ratio` holds multiply-accumulates per cycle relative to a 1 × 1 convolution; Winograd counts
    the work of the direct method.
    """

    number_bytes: int  # of a weight or an activation
    ratio: Mapping[str, float]  # per class with multiply-accumulates [1]
    numbers_per_mac: float  # of elementwise work: numbers passed in the time of one 1 × 1 MAC [1]
    serial: float  # share of the work that does not split over threads [1]
    call_cycles: float  # to start a layer
    join_cycles: float  # per further core that a layer's threads are joined from
    crowd_cycles: float  # per thread beyond the cores: it is joined only when scheduled again


#: Both families were fitted to a third of the published latencies of
#: `devices/virtual/validate/published/latency.json` by `devices.virtual.validate.fitting`.
SINGLE = Kernels(
    number_bytes=4,
    ratio={
        "winograd": 2.36, "conv": 0.71, "pointwise": 1.0, "depthwise": 0.297, "grouped": 0.87,
        "fc": 0.5, "matmul": 0.327,
    },
    numbers_per_mac=0.164,
    serial=0.159,
    call_cycles=2460.0,
    join_cycles=2520.0,
    crowd_cycles=12000.0,
)  # fmt: skip
HALF = Kernels(
    number_bytes=2,
    ratio={
        "winograd": 3.09, "conv": 0.699, "pointwise": 1.0, "depthwise": 0.31, "grouped": 0.753,
        "fc": 0.5, "matmul": 0.267,
    },
    numbers_per_mac=0.0603,
    serial=0.0786,
    call_cycles=2430.0,
    join_cycles=1870.0,
    crowd_cycles=10800.0,
)  # fmt: skip
#: By the arithmetic that the cores have: half floats came with ARMv8.2.
FAMILIES = {"single": SINGLE, "half": HALF}
