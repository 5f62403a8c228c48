"""Writes tiny ONNX files byte by byte, so that nothing that reads them had a hand in them."""

import struct
from collections.abc import Iterable, Sequence

import numpy as np

Sides = Sequence[int | str]


def varint(number: int) -> bytes:
    """Return a number, seven bits to the byte, the lowest first."""
    number &= (1 << 64) - 1
    out = bytearray()
    while True:
        number, low = number >> 7, number & 127
        out.append(low | (128 if number else 0))
        if not number:
            return bytes(out)


def whole(field: int, value: int) -> bytes:
    """Return a field that is a number."""
    return varint(field << 3) + varint(value)


def block(field: int, data: bytes | str) -> bytes:
    """Return a field that is bytes, text or a message."""
    raw = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(raw)) + raw


def tensor(name: str, *sides: int, seed: int = 1, more: bytes = b"") -> bytes:
    """Return stored random weights."""
    values = np.random.default_rng(seed).uniform(-0.3, 0.3, sides).astype("<f4")
    dims = b"".join(whole(1, side) for side in sides)
    return dims + whole(2, 1) + block(8, name) + block(9, values.tobytes()) + more


def value(name: str, sides: Sides, element: int = 1) -> bytes:
    """Return the declaration of an input or output; a side that is a word stays open."""
    shape = b"".join(
        block(1, whole(1, side) if isinstance(side, int) else block(2, side)) for side in sides
    )
    return block(1, name) + block(2, block(1, whole(1, element) + block(2, shape)))


def ints(name: str, *values: int) -> bytes:
    """Return an attribute that is a list of numbers."""
    return block(1, name) + b"".join(whole(8, one) for one in values) + whole(20, 7)


def one_int(name: str, number: int) -> bytes:
    """Return an attribute that is a number."""
    return block(1, name) + whole(3, number) + whole(20, 2)


def node(kind: str, sources: str, target: str, *attributes: bytes, domain: str = "") -> bytes:
    """Return an operator; `sources` are names with blanks between them."""
    ends = b"".join(block(1, source) for source in sources.split(" ")) + block(2, target)
    told = b"".join(block(5, attribute) for attribute in attributes)
    return ends + block(3, target) + block(4, kind) + told + (block(7, domain) if domain else b"")


def model(
    nodes: Iterable[bytes],
    weights: Iterable[bytes],
    inputs: Iterable[bytes],
    outputs: Iterable[bytes],
) -> bytes:
    """Return a whole file of operator set 17."""
    parts = [block(1, one) for one in nodes] + [block(2, "graph")]
    parts += [block(5, one) for one in weights] + [block(11, one) for one in inputs]
    parts += [block(12, one) for one in outputs]
    opset = block(8, block(1, "") + whole(2, 17))
    return whole(1, 8) + block(2, "simmer") + block(7, b"".join(parts)) + opset


def small(
    activation: str = "Relu",
    sides: Sides = (1, 3, 16, 16),
    domain: str = "",
    element: int = 1,
    more_inputs: Sequence[bytes] = (),
    more_of_weights: bytes = b"",
) -> bytes:
    """Return a network of two convolutions, a residual and a classifier."""
    kernel = ints("kernel_shape", 3, 3), ints("pads", 1, 1, 1, 1)
    nodes = (
        node("Conv", "x w1 b1", "c1", *kernel, ints("strides", 2, 2)),
        node(activation, "c1", "r1", domain=domain),
        node("Conv", "r1 w2", "c2", *kernel, one_int("group", 8)),
        node("Add", "c2 r1", "s"),
        node("GlobalAveragePool", "s", "p"),
        node("Flatten", "p", "f", one_int("axis", 1)),
        node("Gemm", "f w3 b3", "g", one_int("transB", 1)),
        node("Softmax", "g", "y", one_int("axis", 1)),
    )
    weights = (
        tensor("w1", 8, 3, 3, 3, more=more_of_weights),
        tensor("b1", 8, seed=2),
        tensor("w2", 8, 1, 3, 3, seed=3),
        tensor("w3", 10, 8, seed=4),
        tensor("b3", 10, seed=5),
    )
    inputs = (value("x", sides, element), *more_inputs)
    return model(nodes, weights, inputs, [value("y", (1, 10))])


def attending() -> bytes:
    """Return a network that looks at the places of a picture as a transformer does."""
    turned = ints("perm", 0, 2, 1)
    nodes = (
        node("Conv", "x w", "c", ints("kernel_shape", 4, 4), ints("strides", 4, 4)),
        node("Reshape", "c sizes", "r"),
        node("Transpose", "r", "t", turned),
        node("MatMul", "t wq", "q"),
        node("MatMul", "t wk", "k"),
        node("Transpose", "k", "kt", turned),
        node("MatMul", "q kt", "scores"),
        node("Softmax", "scores", "shares", one_int("axis", -1)),
        node("MatMul", "shares t", "seen"),
        node("Add", "seen t", "both"),
        node("LayerNormalization", "both gain shift", "even", one_int("axis", -1)),
        node("ReduceMean", "even", "mean", ints("axes", 1), one_int("keepdims", 0)),
        node("Gemm", "mean wf bf", "y", one_int("transB", 1)),
    )
    sizes = whole(1, 3) + whole(2, 7) + block(8, "sizes") + block(9, struct.pack("<3q", 1, 8, 16))
    weights = [
        sizes,
        tensor("w", 8, 3, 4, 4),
        tensor("gain", 8, seed=2),
        tensor("shift", 8, seed=3),
    ]
    weights += [tensor(name, 8, 8, seed=seed) for seed, name in enumerate(("wq", "wk"), start=4)]
    weights += [tensor("wf", 10, 8, seed=6), tensor("bf", 10, seed=7)]
    return model(nodes, weights, [value("x", (1, 3, 16, 16))], [value("y", (1, 10))])
