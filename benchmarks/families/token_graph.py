"""Layers of a transformer: rows of numbers, one per token, that look at each other."""

from functools import partial

import numpy as np

from benchmarks.families.graph import Channels, GraphWriter, Taps, little
from benchmarks.families.weights import normal

_EPSILON = "1.0e-06"
_SMALL = 0.02  # deviation of what starts at zero, or at one, and is learned


class TokenGraph(GraphWriter):
    """A writer of layers that know matrices with a row per token."""

    def patches(self, name: str, source: str, out: Channels, side: int) -> str:
        """Look at each patch of a picture once."""
        taps = Taps(out, self._channels[source], side, 1.0)
        options = f"0={out.here} 1={side} 3={side} 5=1 6={taps.count}"
        self._layer("Convolution", name, (source,), (name,), options)
        return self._weighed(name, taps)

    def tokens(self, name: str, source: str, count: int, width: int) -> str:
        """Turn a picture of patches into a row per patch, and put one that says it all before."""
        self._keep(f"{name}.columns", source, "Reshape", f"0={count} 1={width}")
        rows = self._keep(f"{name}.rows", f"{name}.columns", "Permute", "0=1")
        token = self._stored(f"{name}.token", 1, width)
        joined = f"{name}.joined"
        self._layer("Concat", joined, (token, rows), (joined,), "0=0")
        places = self._stored(f"{name}.places", count + 1, width)
        self._layer("BinaryOp", name, (joined, places), (name,), "0=0")
        self._channels[name] = Channels(width, width)
        return name

    def normalized(self, name: str, source: str) -> str:
        """Give each row mean 0 and variance 1, then a learned scale and offset."""
        width = self._channels[source].here
        number = self._taken()
        self._weights.append(partial(_norm_bytes, self._seed, number, width))
        return self._keep(name, source, "LayerNorm", f"0={width} 1={_EPSILON} 2=1")

    def attended(self, name: str, source: str, heads: int) -> str:
        """Let each row look at all rows in several heads."""
        width = self._channels[source].here
        square = Taps(Channels(width, width), Channels(width, width), 1, 1.0)
        for part in ("ask", "key", "value", "out"):
            self._weighed(f"{name}.{part}", square)
        return self._keep(name, source, "MultiHeadAttention", f"0={width} 1={heads} 2={width**2}")

    def first_row(self, name: str, source: str) -> str:
        """Take the first row, as a vector."""
        self._keep(f"{name}.row", source, "Crop", "-23309=1,0 -23310=1,1 -23311=1,0")
        return self._keep(name, f"{name}.row", "Flatten", "")

    def _keep(self, name: str, source: str, kind: str, options: str) -> str:
        return self.elementwise(name, source, kind, options)

    def _stored(self, name: str, rows: int, width: int) -> str:
        number = self._taken()
        self._weights.append(partial(_stored_bytes, self._seed, number, rows * width))
        self._layer("MemoryData", name, (), (name,), f"0={width} 1={rows}")
        return name

    def _taken(self) -> int:
        """Return the number of the next layer with weights."""
        self._weighted += 1
        return self._weighted - 1


def _norm_bytes(seed: int, number: int, width: int) -> bytes:
    scale = 1 + _SMALL * normal(seed, 2 * number, width)
    offset = _SMALL * normal(seed, 2 * number + 1, width)
    return little(scale.astype(np.float32)) + little(offset.astype(np.float32))


def _stored_bytes(seed: int, number: int, count: int) -> bytes:
    return little((_SMALL * normal(seed, 2 * number, count)).astype(np.float32))
