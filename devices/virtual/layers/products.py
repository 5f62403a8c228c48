"""Products of matrices: fully connected, of two blobs, attention."""

from devices.virtual.layers.words import Cost, Options, Shape, announced, elements, get


def inner_product(options: Options, sources: list[Shape]) -> Cost:
    """Every number of a blob with every output; a matrix is taken row by row."""
    source, out = sources[0], get(options, 0)
    by_row = len(source) == 2 and get(options, 2) == out * source[1]
    rows, width = source if by_row else (1, elements(source))
    stored = announced(options, 2, out * width) + (out if get(options, 1) else 0)
    shape = (rows, out) if by_row else (out,)
    # Many rows share the weights that a single one has to wait for.
    return Cost((shape,), rows * out * width, "matmul" if rows > 1 else "fc", stored)


def matmul(options: Options, sources: list[Shape]) -> Cost:
    """One blob times another, in stacks or not."""
    first, second = sources
    columns = 1
    if len(second) > 1:
        columns = second[-2] if get(options, 0) else second[-1]
    rows = first[-2] if len(first) > 1 else 1
    stack = max([shape[0] for shape in sources if len(shape) == 3], default=1)
    sizes = [stack] if max(map(len, sources)) == 3 else []
    sizes += ([rows] if len(first) > 1 else []) + ([columns] if len(second) > 1 else [])
    return Cost((tuple(sizes) or (1,),), stack * rows * first[-1] * columns, "matmul")


def gemm(options: Options, sources: list[Shape]) -> Cost:
    """A product of matrices, each of them an input or stored, plus another."""
    blobs = list(sources)
    m, n, k = (get(options, key) for key in (7, 8, 9))
    stored = 0
    if get(options, 4):
        stored += 1 + m * k
    else:
        rows, depth = (1, *blobs.pop(0))[-2:]
        m, k = (depth, rows) if get(options, 2) else (rows, depth)
    if get(options, 5):
        stored += 1 + k * n
    else:
        depth, columns = (1, *blobs.pop(0))[-2:]
        n = depth if get(options, 3) else columns
    kinds = {0: 1, 1: m, 2: m, 3: m * n, 4: n}
    if get(options, 6) and get(options, 10) in kinds:
        stored += 1 + kinds[get(options, 10)]
    sizes = (n, m) if get(options, 14) else (m, n)
    shape = (sizes[0], 1, sizes[1]) if get(options, 11) else sizes
    return Cost((shape,), m * n * k, "matmul", stored)


def attention(options: Options, sources: list[Shape]) -> Cost:
    """Attention of several heads, with the projections around it."""
    width, asking, seen = get(options, 0), sources[0], sources[-1][0]
    widths = (asking[1], get(options, 3, width), get(options, 4, width), asking[1])
    if get(options, 2) != width * asking[1]:
        raise ValueError(
            f"announces {get(options, 2)} weights, its shape needs {width * asking[1]}"
        )
    stored = sum(1 + width * wide for wide in widths) + 3 * width + asking[1]
    projected = 2 * asking[0] * width * widths[0] + seen * width * (widths[1] + widths[2])
    return Cost((asking,), projected + 2 * asking[0] * seen * width, "matmul", stored)


def scaled_attention(_: Options, sources: list[Shape]) -> Cost:
    """Attention over [head, token, number], without weights."""
    (heads, tokens, width), keys, values = sources
    shape = (heads, tokens, values[2])
    return Cost((shape,), heads * tokens * keys[1] * (width + values[2]), "matmul")
