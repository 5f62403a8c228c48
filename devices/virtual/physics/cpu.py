"""How long one inference takes on given cores: a roofline per layer, threads, and their joins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from devices.virtual.physics.kernels import Kernels

FLOAT_BYTES = 4  # of a number in a model file


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a network as the silicon sees it; bytes are those of 32-bit floats."""

    kind: str  # one of physics.kernels.KINDS; anything else counts as elementwise
    macs: int
    bytes: int  # read and written: inputs, weights, outputs
    weights: int = 0  # of these, what comes from memory anew for each inference
    blob: str = ""  # its first output


@dataclass(frozen=True, slots=True)
class Work:
    """One inference."""

    name: str
    layers: tuple[Layer, ...]

    @property
    def bytes(self) -> int:
        """Weights and activations of all layers [B]."""
        return sum(layer.bytes for layer in self.layers)


class Core(NamedTuple):
    """What one thread gets."""

    cpu: int
    hz: float  # cycles per second of it, after what others take [1/s]
    macs_per_s: float  # in 1 × 1 convolutions


@dataclass(frozen=True, slots=True)
class Demand:
    """What one inference asks of the silicon, per layer."""

    macs: NDArray[np.float64]  # in the time of multiply-accumulates of a 1 × 1 convolution
    weight_bytes: NDArray[np.float64]
    bytes: float  # all that is read and written
    kernels: Kernels


def demand_of(work: Work, kernels: Kernels) -> Demand:
    """Work out what one inference costs with these kernels."""
    narrow = kernels.number_bytes / FLOAT_BYTES
    return Demand(
        np.array([_macs(layer, kernels) for layer in work.layers]),
        np.array([layer.weights * narrow for layer in work.layers]),
        work.bytes * narrow,
        kernels,
    )


def latency_s(demand: Demand, cores: Sequence[Core], bytes_per_s: float) -> float:
    """Return the duration of one inference with a thread on each of `cores` [s].

    The split is static, so the slowest thread decides; the serial part runs on the fastest. A
    layer waits for its weights or for its arithmetic, whichever takes longer; waiting for memory
    does not depend on the clock of the cores.
    """
    kernels, threads = demand.kernels, len(cores)
    distinct = len({core.cpu for core in cores})
    slowest = min(cores, key=lambda core: core.macs_per_s)
    fastest = max(core.macs_per_s for core in cores)
    per_mac_s = (1.0 - kernels.serial) / (threads * slowest.macs_per_s) + kernels.serial / fastest
    layer_s = np.maximum(demand.macs * per_mac_s, demand.weight_bytes / bytes_per_s)
    cycles = kernels.call_cycles + kernels.join_cycles * (distinct - 1)
    cycles += kernels.crowd_cycles * (threads - distinct)
    return float(layer_s.sum()) + len(layer_s) * cycles / slowest.hz


def _macs(layer: Layer, kernels: Kernels) -> float:
    ratio = kernels.ratio.get(layer.kind)
    if ratio is None:
        return layer.bytes / FLOAT_BYTES / kernels.numbers_per_mac
    return layer.macs / ratio
