"""Products of matrices, with what is stored and among blobs."""

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.families.layer_rules import integer, number
from benchmarks.families.layers.products import COLUMN, NO_ADDEND, PER_ROW
from benchmarks.families.param_file import Layer
from benchmarks.families.steps.numbers import shares
from benchmarks.families.steps.stored import Blob, Blocks
from benchmarks.families.steps.windows import activated


def inner_product(layer: Layer, sources: Sequence[Blob], blocks: Blocks) -> Blob:
    """Return every output's sum over a blob, or over each row of a matrix."""
    matrix = blocks[0].reshape(layer.cost.shape[-1], -1)
    blob = sources[0] if len(layer.cost.shape) == 2 else sources[0].reshape(-1)
    total = blob @ matrix.T + (blocks[1] if len(blocks) > 1 else 0.0)
    return activated(layer.options, total)


def matrix_product(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return one blob times another."""
    first, second = sources
    if integer(layer.options, 0, 0) and second.ndim > 1:
        second = second.swapaxes(-1, -2)
    product: Blob = np.matmul(first, second)
    return product.reshape(layer.cost.shape)


def general_product(layer: Layer, sources: Sequence[Blob], blocks: Blocks) -> Blob:
    """Return alpha · (A · B + beta · C): the runtime multiplies what was added, too."""
    options, blobs, stored = layer.options, list(sources), list(blocks)
    sizes = [integer(options, key, 0) for key in (7, 8, 9)]
    factors = []
    for constant, turned, rows, columns in ((4, 2, 0, 2), (5, 3, 2, 1)):
        is_turned = bool(integer(options, turned, 0))
        if integer(options, constant, 0):
            shape = (sizes[rows], sizes[columns])
            blob = stored.pop(0).reshape(shape[::-1] if is_turned else shape)
        else:
            blob = np.atleast_2d(blobs.pop(0))
        factors.append(blob.T if is_turned else blob)
    product = factors[0] @ factors[1]
    if integer(options, 6, 0) and integer(options, 10, 0) != NO_ADDEND:
        addend = stored.pop(0)
        if integer(options, 10, 0) in (PER_ROW, COLUMN):
            addend = addend.reshape(-1, 1)
        elif addend.size == product.size:
            addend = addend.reshape(product.shape)
        product = product + number(options, 1, 1.0) * addend
    elif blobs:
        product = product + number(options, 1, 1.0) * _repeated(blobs[0], product)
    product = number(options, 0, 1.0) * product
    return (product.T if integer(options, 14, 0) else product).reshape(layer.cost.shape)


def _repeated(addend: Blob, product: Blob) -> Blob:
    """A vector is added to each row; where only that fits, to each column."""
    is_column = addend.ndim == 1 and addend.size not in (1, product.shape[1])
    return addend.reshape(-1, 1) if is_column else addend


def attention(layer: Layer, sources: Sequence[Blob], blocks: Blocks) -> Blob:
    """Return attention of several heads, with the projections around it."""
    width, heads = integer(layer.options, 0, 0), integer(layer.options, 1, 1)
    inputs = (sources[0], sources[min(1, len(sources) - 1)], sources[-1])
    projected = [
        (blob @ blocks[2 * at].reshape(width, -1).T + blocks[2 * at + 1])
        .reshape(len(blob), heads, -1)
        .swapaxes(0, 1)
        for at, blob in enumerate(inputs)
    ]
    factor = number(layer.options, 6, 1.0 / math.sqrt(width // heads))
    seen = _attended(projected[0], projected[1], projected[2], factor)
    joined = seen.swapaxes(0, 1).reshape(len(sources[0]), width)
    made: Blob = joined @ blocks[6].reshape(-1, width).T + blocks[7]
    return made


def scaled_attention(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return attention over [head, token, number]; several heads may share keys and values."""
    asking, keys, values = sources
    shared = len(asking) // len(keys)
    factor = number(layer.options, 6, 0.0) or 1.0 / math.sqrt(asking.shape[2])
    return _attended(asking, keys.repeat(shared, 0), values.repeat(shared, 0), factor)


def _attended(asking: Blob, keys: Blob, values: Blob, factor: float) -> Blob:
    seen: Blob = shares(factor * asking @ keys.swapaxes(1, 2), 2) @ values
    return seen
