"""Layers that pass over the numbers of a blob: activations, arithmetic, norms, reductions."""

from collections.abc import Sequence

from benchmarks.families.layer_rules import (
    Cost,
    Costing,
    LayerError,
    Options,
    Shape,
    Stored,
    at_least,
    axis_of,
    integer,
    integers,
    matched,
    number,
    numbers,
    one_of,
    placed,
)

UNARY_OPERATIONS = 28
BINARY_OPERATIONS = 12  # the ones behind them differ between releases
REDUCTIONS = 11


def same(_: Options, inputs: Sequence[Shape]) -> Cost:
    """What comes out looks as what went in."""
    return Cost(inputs[0])


def shaped(*reals: int) -> Costing:
    """Return the rule of an activation whose options `reals` are real numbers."""

    def cost(options: Options, inputs: Sequence[Shape]) -> Cost:
        for key in reals:
            number(options, key, 0.0)
        return Cost(inputs[0])

    return cost


def gelu(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Exact, or by a hyperbolic tangent."""
    one_of(options, 0, 0, (0, 1))
    return Cost(inputs[0])


def softmax(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Shares of one along an axis."""
    axis_of(options, 0, 0, inputs[0])
    if integer(options, 0, 0) != 0 and integer(options, 1, 0) != 1:
        raise LayerError("an axis other than 0 needs option 1=1: older files counted otherwise")
    return Cost(inputs[0])


def unary(options: Options, inputs: Sequence[Shape]) -> Cost:
    """One function of each number."""
    one_of(options, 0, 0, range(UNARY_OPERATIONS))
    return Cost(inputs[0])


def binary(options: Options, inputs: Sequence[Shape]) -> Cost:
    """An operation on two blobs, of which one may be repeated, or on a blob and a number."""
    one_of(options, 0, 0, range(BINARY_OPERATIONS))
    if one_of(options, 1, 0, (0, 1)):
        number(options, 2, 0.0)
        if len(inputs) != 1:
            raise LayerError("takes one blob and the number of option 2, or two blobs")
        return Cost(inputs[0])
    if len(inputs) != 2:
        raise LayerError("takes two blobs, or one and a number: 1=1 2=NUMBER")
    first, second = aligned(*inputs)
    for one, other in zip(first, second, strict=True):
        if one != other and 1 not in (one, other):
            raise LayerError(f"combines blobs of shapes {inputs[0]} and {inputs[1]}")
    return Cost(Shape(*map(max, first, second)))


def aligned(first: Shape, second: Shape) -> tuple[Shape, Shape]:
    """Return both shapes with as many dimensions as the larger has.

    A vector lies along the outermost axis if that has its length, else along the innermost; other
    blobs are filled up on the inside.
    """
    return _widened(first, second), _widened(second, first)


def _widened(shape: Shape, to: Shape) -> Shape:
    missing = len(to) - len(shape)
    if missing <= 0:
        return shape
    if len(shape) == 1 and shape[0] != to[0]:
        return Shape(*(1,) * missing, shape[0])
    return Shape(*shape, *(1,) * missing)


def eltwise(options: Options, inputs: Sequence[Shape]) -> Cost:
    """The product, weighted sum or maximum of blobs of one shape."""
    one_of(options, 0, 0, (0, 1, 2))
    weights = numbers(options, 1)
    if len(set(inputs)) != 1:
        raise LayerError(f"combines blobs of shapes {' and '.join(map(str, inputs))}")
    if weights and len(weights) != len(inputs):
        raise LayerError(f"has {len(weights)} weights for {len(inputs)} blobs")
    return Cost(inputs[0])


def rectifier_per_channel(options: Options, inputs: Sequence[Shape]) -> Cost:
    """`PReLU`: one stored slope, or one per channel."""
    slopes = at_least(options, 0, 0, 1)
    if slopes != 1:
        matched(slopes, inputs[0][0], "slopes")
    return Cost(inputs[0], stored=(Stored(slopes),))


def batch_norm(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Slope, mean, variance and bias per channel."""
    channels = matched(integer(options, 0, 0), inputs[0][0], "channels")
    number(options, 1, 0.0)
    return Cost(inputs[0], stored=(Stored(channels),) * 4)


def scale(options: Options, inputs: Sequence[Shape]) -> Cost:
    """A stored factor per channel, and perhaps a bias; or a factor that is a second blob."""
    announced = integer(options, 0, 0)
    if announced == -233:
        if len(inputs) != 2 or inputs[1] != (inputs[0][0],):
            raise LayerError("takes a blob, and a vector with a number for each channel of it")
        one_of(options, 1, 0, (0,))
        return Cost(inputs[0])
    if len(inputs) != 1:
        raise LayerError("stores its factors: it takes one blob")
    channels = matched(announced, inputs[0][0], "factors")
    has_bias = one_of(options, 1, 0, (0, 1))
    return Cost(inputs[0], stored=(Stored(channels),) * (1 + has_bias))


def bias(options: Options, inputs: Sequence[Shape]) -> Cost:
    """A stored number per channel is added."""
    channels = matched(integer(options, 0, 0), inputs[0][0], "biases")
    return Cost(inputs[0], stored=(Stored(channels),))


def layer_norm(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Mean 0 and variance 1 along the innermost axis, or in each channel of a picture."""
    size, shape = at_least(options, 0, 0, 1), inputs[0]
    number(options, 1, 1e-3)
    inner = {shape[-1]} if len(shape) < 3 else {shape[-1], shape[-1] * shape[-2]}
    if size not in inner or len(shape) > 3:
        raise LayerError(f"normalizes {size} numbers; {shape} has {_listed(inner)} inside")
    has_factors = one_of(options, 2, 1, (0, 1))
    return Cost(shape, stored=(Stored(size),) * 2 * has_factors)


def group_norm(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Mean 0 and variance 1 in groups of channels."""
    groups, shape = at_least(options, 0, 1, 1), inputs[0]
    channels = matched(integer(options, 1, 0), shape[0], "channels")
    number(options, 2, 1e-3)
    if channels % groups:
        raise LayerError(f"{groups} groups do not divide {channels} channels")
    return Cost(shape, stored=(Stored(channels),) * 2 * one_of(options, 3, 1, (0, 1)))


def instance_norm(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Mean 0 and variance 1 in each channel of a picture."""
    channels, _, _ = inputs[0].picture
    number(options, 1, 1e-3)
    if not one_of(options, 2, 1, (0, 1)):
        return Cost(inputs[0])
    return Cost(
        inputs[0], stored=(Stored(matched(integer(options, 0, 0), channels, "channels")),) * 2
    )


def local_response(options: Options, inputs: Sequence[Shape]) -> Cost:
    """`LRN`: each number is divided by what its neighbors in other channels are."""
    one_of(options, 0, 0, (0,))  # 1 = neighbors in the picture
    if at_least(options, 1, 5, 1) % 2 == 0:
        raise LayerError("option 1 must be odd: as many neighbors on both sides")
    for key in (2, 3, 4):
        number(options, key, 1.0)
    _ = inputs[0].picture
    return Cost(inputs[0])


def reduction(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Sum, mean, maximum … over some axes or all."""
    one_of(options, 0, 0, range(REDUCTIONS))
    number(options, 2, 1.0)
    gone = reduced_axes(options, inputs[0])
    if one_of(options, 4, 0, (0, 1)):
        sizes = [1 if axis in gone else size for axis, size in enumerate(inputs[0])]
    else:
        sizes = [size for axis, size in enumerate(inputs[0]) if axis not in gone]
    return Cost(Shape(*(sizes or [1])))


def reduced_axes(options: Options, shape: Shape) -> frozenset[int]:
    """Return the axes that a reduction goes over."""
    axes = integers(options, 3)
    if axes and integer(options, 5, 0) != 1:
        raise LayerError("axes need option 5=1: older files counted them otherwise")
    if one_of(options, 1, 1, (0, 1)) or len(shape) == 1:
        return frozenset(range(len(shape)))
    return frozenset(placed(axis, len(shape)) for axis in axes)


def _listed(values: set[int]) -> str:
    return " or ".join(map(str, sorted(values)))
