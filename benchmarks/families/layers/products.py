"""Layers that multiply matrices: fully connected, products of blobs, attention."""

from collections.abc import Sequence

from benchmarks.families.layer_rules import (
    Cost,
    LayerError,
    Options,
    Shape,
    Stored,
    at_least,
    integer,
    matched,
    number,
    one_of,
)
from benchmarks.families.layers.windows import activation, stored

NO_ADDEND, SCALAR, PER_ROW, COLUMN, WHOLE, ROW = range(-1, 5)  # what Gemm adds


def inner_product(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Every number of a blob with every output; a matrix is taken row by row."""
    source, out = inputs[0], at_least(options, 0, 0, 1)
    activation(options)
    one_of(options, 8, 0, (0,))  # 8-bit weights
    announced = integer(options, 2, 0)
    by_row = len(source) == 2 and announced == out * source[1]
    weights = out * (source[1] if by_row else source.elements)
    matched(announced, weights)
    rows = source[0] if by_row else 1
    shape = Shape(rows, out) if by_row else Shape(out)
    return Cost(shape, rows * weights, stored(weights, out, options, 1))


def matrix_product(options: Options, inputs: Sequence[Shape]) -> Cost:
    """One blob times another; what has no third dimension is the same for all of them."""
    first, second = inputs
    is_turned = bool(one_of(options, 0, 0, (0, 1)))
    if not all(1 <= len(shape) <= 3 for shape in inputs) or {len(first), len(second)} == {1, 3}:
        raise LayerError(
            f"multiplies vectors, matrices and stacks of them, not {first} and {second}"
        )
    depth, columns = second[-2:] if len(second) > 1 else (second[0], 1)
    if is_turned and len(second) > 1:
        depth, columns = columns, depth
    rows = first[-2] if len(first) > 1 else 1
    stacks = {shape[0] for shape in inputs if len(shape) == 3} or {1}
    if first[-1] != depth or len(stacks - {1}) > 1:
        raise LayerError(f"cannot multiply {first} by {second}{' turned' * is_turned}")
    stack = max(stacks)
    sizes = [stack] if max(len(first), len(second)) == 3 else []
    sizes += [rows] if len(first) > 1 else []
    sizes += [columns] if len(second) > 1 else []
    return Cost(Shape(*(sizes or [1])), stack * rows * depth * columns)


def general_product(options: Options, inputs: Sequence[Shape]) -> Cost:
    """`Gemm`: alpha · (A · B + beta · C), each of them an input or stored."""
    for key, allowed in ((12, (0, 1)), (13, (0, 1)), (18, (0,))):
        one_of(options, key, 0, allowed)
    for key in (0, 1):
        number(options, key, 1.0)
    stored_a, stored_b, stored_c = (one_of(options, key, 0, (0, 1)) for key in (4, 5, 6))
    if stored_a and stored_b:
        raise LayerError("multiplies two stored matrices: store the product")
    wanted = 2 - stored_a - stored_b
    if len(inputs) not in range(wanted, wanted + 2 - stored_c):
        raise LayerError(f"takes {wanted} inputs, and one more where it adds one")
    blobs = list(inputs)
    first, second = _factors(options, blobs)
    if blobs:
        _check_addend(blobs[0], first[0], second[1])
    blocks = [Stored(first.elements, True)] * stored_a + [Stored(second.elements, True)] * stored_b
    if stored_c:
        blocks += _addend(options)
    macs = first[0] * first[1] * second[1]
    return Cost(_laid_out(options, first[0], second[1]), macs, tuple(blocks))


def _factors(options: Options, blobs: list[Shape]) -> tuple[Shape, Shape]:
    """Take the matrices that are no constants from `blobs`; return both as they are multiplied."""
    turned = [one_of(options, key, 0, (0, 1)) for key in (2, 3)]
    sizes = [at_least(options, key, 0, 0) for key in (7, 8, 9)]
    m, n, k = sizes
    first = Shape(m, k) if integer(options, 4, 0) else _matrix(blobs.pop(0), turned[0])
    second = Shape(k, n) if integer(options, 5, 0) else _matrix(blobs.pop(0), turned[1])
    if first[1] != second[0] or not first.elements or not second.elements:
        raise LayerError(f"cannot multiply {first} by {second}")
    for said, made in zip(sizes, (first[0], second[1], first[1]), strict=True):
        if said not in (0, made):
            raise LayerError(f"announces sizes {m}, {n} and {k}, multiplies {first} by {second}")
    return first, second


def _matrix(shape: Shape, is_turned: int) -> Shape:
    if len(shape) > 2:
        raise LayerError(f"multiplies matrices, not {shape}")
    rows, columns = shape if len(shape) == 2 else (1, shape[0])
    return Shape(columns, rows) if is_turned else Shape(rows, columns)


def _check_addend(shape: Shape, rows: int, columns: int) -> None:
    if shape not in ((1,), (rows,), (columns,), (rows, 1), (rows, columns), (1, columns)):
        raise LayerError(f"cannot add {shape} to {rows}×{columns}")


def _addend(options: Options) -> list[Stored]:
    """Return what is stored to be added; its size is the announced one, which must be there."""
    rows, columns = integer(options, 7, 0), integer(options, 8, 0)
    kind = one_of(options, 10, 0, range(NO_ADDEND, ROW + 1))
    sizes = {SCALAR: 1, PER_ROW: rows, COLUMN: rows, WHOLE: rows * columns, ROW: columns}
    if kind == NO_ADDEND:
        return []
    if not sizes[kind]:
        raise LayerError("stores what is added, and options 7 and 8 do not say how much")
    return [Stored(sizes[kind], True)]


def _laid_out(options: Options, rows: int, columns: int) -> Shape:
    if one_of(options, 14, 0, (0, 1)):
        rows, columns = columns, rows
    return Shape(rows, 1, columns) if one_of(options, 11, 0, (0, 1)) else Shape(rows, columns)


def attention(options: Options, inputs: Sequence[Shape]) -> Cost:
    """`MultiHeadAttention`: each row looks at all rows, in several heads at once.

    Its inputs are what asks; or also what is looked at; or that as keys and as values.
    """
    width, heads = at_least(options, 0, 0, 1), at_least(options, 1, 1, 1)
    for key in (5, 7, 18):  # a mask, a cache, 8-bit weights
        one_of(options, key, 0, (0,))
    number(options, 6, 0.0)
    asking, keys, values = (inputs[0], inputs[min(1, len(inputs) - 1)], inputs[-1])
    if any(len(shape) != 2 for shape in inputs) or keys[0] != values[0]:
        raise LayerError(f"takes matrices, a row per token, not {', '.join(map(str, inputs))}")
    if width % heads:
        raise LayerError(f"{heads} heads do not divide a width of {width}")
    widths = (asking[1], integer(options, 3, width), integer(options, 4, width))
    if (keys[1], values[1]) != widths[1:]:
        raise LayerError(f"announces keys and values {widths[1]} and {widths[2]} wide, gets "
                         f"{keys[1]} and {values[1]}")  # fmt: skip
    matched(integer(options, 2, 0), width * widths[0])
    blocks = [Stored(width * wide, True) for wide in (*widths, widths[0])]
    biases = [Stored(width)] * 3 + [Stored(widths[0])]
    pairs = [block for both in zip(blocks, biases, strict=True) for block in both]
    tokens, seen = asking[0], keys[0]
    projected = tokens * 2 * width * widths[0] + seen * width * (widths[1] + widths[2])
    return Cost(Shape(tokens, widths[0]), projected + 2 * tokens * seen * width, tuple(pairs))


def scaled_attention(options: Options, inputs: Sequence[Shape]) -> Cost:
    """`SDPA`: attention over [head, token, number] without weights of its own."""
    for key in (5, 7, 18):
        one_of(options, key, 0, (0,))
    number(options, 6, 0.0)
    (heads, tokens, width), (groups, seen, same), (as_many, too, out) = (
        shape.picture for shape in inputs
    )
    if (groups, seen, width) != (as_many, too, same) or heads % groups:
        raise LayerError(f"cannot look with {inputs[0]} at {inputs[1]} and {inputs[2]}")
    return Cost(Shape(heads, tokens, out), heads * tokens * seen * (width + out))
