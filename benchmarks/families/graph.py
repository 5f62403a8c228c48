"""Writes one network as ncnn's text `.param` and binary `.bin`, layer by layer."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.families.weights import normal

MAGIC = 7767517
_FUSED = {"": "", "relu": " 9=1", "relu6": " 9=3 -23310=2,0.0,6.0"}  # activation: its options
_STORAGE_FLOAT32 = b"\0\0\0\0"
_BIAS_DEVIATION = 0.05  # small, but not zero: a forgotten bias must change the output


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels of a blob: in this variant, and in the widest variant of its family."""

    here: int
    widest: int


def scaled(widest: int, width: float, divisor: int = 8) -> Channels:
    """Return `widest` channels at a width: whole multiples of `divisor`, never below 90 %."""
    wanted = widest * width
    here = max(divisor, int(wanted + divisor / 2) // divisor * divisor)
    if here < 0.9 * wanted:
        here += divisor
    return Channels(min(here, widest), widest)


class GraphWriter:
    """Collects layers; a narrow variant's weights are slices of the widest one's."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lines: list[str] = []
        self._weights: list[bytes] = []
        self._channels: dict[str, Channels] = {}
        self._blobs = 0
        self._weighted = 0

    def input(self, name: str, width: int, height: int, channels: int) -> str:
        """Declare the input image."""
        self._layer("Input", name, (), (name,), f"0={width} 1={height} 2={channels}")
        self._channels[name] = Channels(channels, channels)
        return name

    def conv(
        self,
        name: str,
        source: str,
        out: Channels,
        *,
        kernel: int,
        stride: int = 1,
        activation: str = "",
        gain: float = 1.0,
    ) -> str:
        """Add a convolution with `same` padding; `gain` scales the deviation of its output."""
        channels = self._channels[source]
        weights = self._convolution(out, channels, kernel, gain)
        options = _convolution_options(out.here, kernel, stride, weights.size, activation)
        self._layer("Convolution", name, (source,), (name,), options)
        return self._weighed(name, out, weights)

    def depthwise(
        self, name: str, source: str, *, stride: int, activation: str, kernel: int = 3
    ) -> str:
        """Add a convolution that keeps the channels apart."""
        gain = math.sqrt(2.0)
        return self.grouped(
            name, source, 1, stride=stride, activation=activation, gain=gain, kernel=kernel
        )

    def grouped(
        self,
        name: str,
        source: str,
        group_width: int,
        *,
        stride: int,
        activation: str,
        gain: float,
        kernel: int = 3,
    ) -> str:
        """Add a convolution that mixes channels only within groups of `group_width`."""
        channels = self._channels[source]
        weights = self._convolution(channels, Channels(group_width, group_width), kernel, gain)
        options = _convolution_options(channels.here, kernel, stride, weights.size, activation)
        options += f" 7={channels.here // group_width}"
        self._layer("ConvolutionDepthWise", name, (source,), (name,), options)
        return self._weighed(name, channels, weights)

    def fully_connected(
        self,
        name: str,
        source: str,
        out: int,
        *,
        gain: float,
        extent: int = 1,
        activation: str = "",
    ) -> str:
        """Add a layer that sees every number of a blob, `extent` high and wide."""
        weights = self._convolution(Channels(out, out), self._channels[source], extent, gain)
        fused = _FUSED[activation]
        self._layer(
            "InnerProduct", name, (source,), (name,), f"0={out} 1=1 2={weights.size}{fused}"
        )
        return self._weighed(name, Channels(out, out), weights)

    def residual(self, name: str, source: str, branch: str, *, activation: str = "") -> str:
        """Add the copy of `source` to what its other copy became on the way."""
        total = f"{name}.sum" if activation else name
        self._layer("BinaryOp", total, (source, branch), (total,), "0=0")
        self._channels[name] = self._channels[total] = self._channels[branch]
        if activation:
            self._layer("ReLU", name, (total,), (name,), "")
        return name

    def split(self, source: str) -> tuple[str, str]:
        """Copy a blob for its two consumers, as ncnn wants it."""
        copies = (f"{source}.a", f"{source}.b")
        self._layer("Split", f"{source}.split", (source,), copies, "")
        for copy in copies:
            self._channels[copy] = self._channels[source]
        return copies

    def pool(self, name: str, source: str, *, kernel: int, stride: int, pad: int) -> str:
        """Add a maximum over windows."""
        options = f"0=0 1={kernel} 2={stride} 3={pad} 5=1"
        self._layer("Pooling", name, (source,), (name,), options)
        self._channels[name] = self._channels[source]
        return name

    def global_average(self, name: str, source: str) -> str:
        """Average each channel to one number."""
        self._layer("Pooling", name, (source,), (name,), "0=1 4=1")
        self._channels[name] = self._channels[source]
        return name

    def softmax(self, name: str, source: str) -> str:
        """Turn scores into shares of one."""
        self._layer("Softmax", name, (source,), (name,), "0=0")
        self._channels[name] = self._channels[source]
        return name

    def finish(self) -> tuple[bytes, bytes]:
        """Return the `.param` and the `.bin`."""
        head = [str(MAGIC), f"{len(self._lines)} {self._blobs}"]
        return ("\n".join(head + self._lines) + "\n").encode(), b"".join(self._weights)

    def _layer(
        self, kind: str, name: str, inputs: tuple[str, ...], outputs: tuple[str, ...], options: str
    ) -> None:
        words = [kind, name, str(len(inputs)), str(len(outputs)), *inputs, *outputs]
        self._lines.append(" ".join([*words, options]).rstrip())
        self._blobs += len(outputs)

    def _convolution(
        self, out: Channels, source: Channels, kernel: int, gain: float
    ) -> NDArray[np.float32]:
        """Return weights [out, in, kernel, kernel]: the first corner of the widest layer's."""
        shape = (out.widest, source.widest, kernel, kernel)
        drawn = normal(self._seed, 2 * self._weighted, int(np.prod(shape))).reshape(shape)
        fan_in = source.widest * kernel * kernel
        scale = np.float32(gain / np.sqrt(fan_in))
        return np.ascontiguousarray(drawn[: out.here, : source.here] * scale)

    def _weighed(self, name: str, out: Channels, weights: NDArray[np.float32]) -> str:
        drawn = normal(self._seed, 2 * self._weighted + 1, out.widest)[: out.here]
        bias = drawn * np.float32(_BIAS_DEVIATION)
        little = (weights.astype("<f4").tobytes(), bias.astype("<f4").tobytes())
        self._weights += [_STORAGE_FLOAT32, *little]
        self._weighted += 1
        self._channels[name] = out
        return name


def _convolution_options(
    out: int, kernel: int, stride: int, weight_count: int, activation: str
) -> str:
    fused = _FUSED[activation]
    return f"0={out} 1={kernel} 3={stride} 4={kernel // 2} 5=1 6={weight_count}{fused}"
