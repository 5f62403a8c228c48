"""Writes one network as ncnn's text `.param` and binary `.bin`, layer by layer."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.families.weights import normal

MAGIC = 7767517
_FUSED = {"": "", "relu": " 9=1", "relu6": " 9=3 -23310=2,0.0,6.0"}  # activation: its options
STORAGE_FLOAT32 = b"\0\0\0\0"
_SIXTH = "0=1.6666667e-01 1=5.0e-01"  # the published slope and middle of hard activations
_BIAS_DEVIATION = 0.05  # small, but not zero: a forgotten bias must change the output


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels of a blob: in this variant, and in the widest variant of its family."""

    here: int
    widest: int


def scaled(widest: int, width: float, divisor: int = 8) -> Channels:
    """Return `widest` channels at a width: whole multiples of `divisor`, never below 90 %."""
    return Channels(min(rounded(widest * width, divisor), widest), widest)


def rounded(wanted: float, divisor: int = 8) -> int:
    """Return the nearest multiple of `divisor` that is not below 90 % of what is wanted."""
    here = max(divisor, int(wanted + divisor / 2) // divisor * divisor)
    return here if here >= 0.9 * wanted else here + divisor


@dataclass(frozen=True, slots=True)
class Taps:
    """Weights [out, in, kernel, kernel]: the first corner of the widest layer's."""

    out: Channels
    source: Channels
    kernel: int
    gain: float

    @property
    def count(self) -> int:
        """How many there are in this variant."""
        return self.out.here * self.source.here * self.kernel**2

    def drawn(self, seed: int, stream: int, period: int) -> bytes:
        """Return them as a `.bin` has them."""
        shape = (self.out.widest, self.source.widest, self.kernel, self.kernel)
        drawn = _repeated(seed, stream, int(np.prod(shape)), period).reshape(shape)
        fan_in = self.source.widest * self.kernel**2
        scale = np.float32(self.gain / np.sqrt(fan_in))
        return little(drawn[: self.out.here, : self.source.here] * scale)


class GraphWriter:
    """Collects layers; a narrow variant's weights are slices of the widest one's.

    With a `period`, a layer's weights repeat after so many: drawing takes 0.1 µs per number.
    """

    def __init__(self, seed: int, period: int = 0) -> None:
        self._seed = seed
        self._period = period
        self._lines: list[str] = []
        self._weights: list[Callable[[], bytes]] = []  # drawn when they are asked for
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
        taps = Taps(out, self._channels[source], kernel, gain)
        options = _convolution_options(out.here, kernel, stride, taps.count, activation)
        self._layer("Convolution", name, (source,), (name,), options)
        return self._weighed(name, taps)

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
        taps = Taps(channels, Channels(group_width, group_width), kernel, gain)
        options = _convolution_options(channels.here, kernel, stride, taps.count, activation)
        options += f" 7={channels.here // group_width}"
        self._layer("ConvolutionDepthWise", name, (source,), (name,), options)
        return self._weighed(name, taps)

    def fully_connected(
        self,
        name: str,
        source: str,
        out: int | Channels,
        *,
        gain: float,
        extent: int = 1,
        activation: str = "",
    ) -> str:
        """Add a layer that sees every number of a blob, `extent` high and wide, or of each row."""
        made = Channels(out, out) if isinstance(out, int) else out
        taps = Taps(made, self._channels[source], extent, gain)
        options = f"0={made.here} 1=1 2={taps.count}{_FUSED[activation]}"
        self._layer("InnerProduct", name, (source,), (name,), options)
        return self._weighed(name, taps)

    def excited(self, name: str, source: str, inner: Channels) -> str:
        """Let each channel be weighed by what all channels say on average: squeeze and excite."""
        around, blob = self.split(source)
        channels = self._channels[source]
        blob = self.global_average(f"{name}.squeeze", blob)
        blob = self.fully_connected(
            f"{name}.reduce", blob, inner, activation="relu", gain=math.sqrt(2.0)
        )
        blob = self.fully_connected(f"{name}.excite", blob, channels, gain=1.0)
        blob = self.elementwise(f"{name}.weigh", blob, "HardSigmoid", _SIXTH)
        self._layer("BinaryOp", name, (around, blob), (name,), "0=2")
        self._channels[name] = channels
        return name

    def hard_swish(self, name: str, source: str) -> str:
        """Multiply each number by a sixth of itself plus a half, between nothing and itself."""
        return self.elementwise(name, source, "HardSwish", _SIXTH)

    def elementwise(self, name: str, source: str, kind: str, options: str = "") -> str:
        """Add a layer that looks at one number after the other."""
        self._layer(kind, name, (source,), (name,), options)
        self._channels[name] = self._channels[source]
        return name

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

    @property
    def param(self) -> bytes:
        """The `.param`; it needs no weights to be drawn."""
        head = [str(MAGIC), f"{len(self._lines)} {self._blobs}"]
        return ("\n".join(head + self._lines) + "\n").encode()

    def finish(self) -> tuple[bytes, bytes]:
        """Draw the weights and return the `.param` and the `.bin`."""
        return self.param, b"".join(draw() for draw in self._weights)

    def _layer(
        self, kind: str, name: str, inputs: tuple[str, ...], outputs: tuple[str, ...], options: str
    ) -> None:
        words = [kind, name, str(len(inputs)), str(len(outputs)), *inputs, *outputs]
        self._lines.append(" ".join([*words, options]).rstrip())
        self._blobs += len(outputs)

    def _weighed(self, name: str, taps: Taps) -> str:
        """Remember how to draw the weights of a layer, and its biases."""
        number = self._weighted
        self._weights += [lambda: _tagged(taps, self._seed, number, self._period)]
        self._weighted += 1
        self._channels[name] = taps.out
        return name


def _tagged(taps: Taps, seed: int, number: int, period: int) -> bytes:
    drawn = normal(seed, 2 * number + 1, taps.out.widest)[: taps.out.here]
    bias = drawn * np.float32(_BIAS_DEVIATION)
    return b"".join((STORAGE_FLOAT32, taps.drawn(seed, 2 * number, period), little(bias)))


def _repeated(seed: int, stream: int, count: int, period: int) -> NDArray[np.float32]:
    """Return so many numbers, the first `period` of them again and again; 0 repeats nothing."""
    drawn = normal(seed, stream, min(count, period or count))
    return drawn if drawn.size == count else np.resize(drawn, count)


def little(numbers: NDArray[np.float32]) -> bytes:
    """Return numbers as a `.bin` has them."""
    return numbers.astype("<f4").tobytes()


def _convolution_options(
    out: int, kernel: int, stride: int, weight_count: int, activation: str
) -> str:
    fused = _FUSED[activation]
    return f"0={out} 1={kernel} 3={stride} 4={kernel // 2} 5=1 6={weight_count}{fused}"
