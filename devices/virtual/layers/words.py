"""The words of the rules: shapes, options, and what a layer costs a chip.

A shape has its sizes outermost first: (w), (h, w), (c, h, w) or (c, d, h, w).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Shape = tuple[int, ...]
Options = Mapping[int, Sequence[float]]

REST = -233  # nothing given; in a slice: an equal share of what is left
SIZES = (2, 11, 1, 0)  # options of channels, depth, height and width


@dataclass(frozen=True, slots=True)
class Cost:
    """What one layer makes and costs."""

    shapes: tuple[Shape, ...]  # one for all outputs, or one each
    macs: int = 0
    kind: str = "elementwise"  # one of physics.kernels.KINDS
    stored: int = 0  # numbers in the `.bin`, storage tags included


Costing = Callable[[Options, list[Shape]], Cost]


def get(options: Options, key: int, default: int = 0) -> int:
    """Return an integer option."""
    return int(options[key][0]) if options.get(key) else default


def elements(shape: Shape) -> int:
    """Return how many numbers a blob holds."""
    return math.prod(shape)


def passed(shape: Shape, stored: int = 0) -> Cost:
    """Return the cost of passing over so many numbers."""
    return Cost((shape,), elements(shape), stored=stored)


def picture(shape: Shape) -> tuple[int, int, int]:
    """Return channels, height and width; ValueError where a blob has other dimensions."""
    if len(shape) != 3:
        raise ValueError(f"takes channels, height and width, not {shape}")
    return shape[0], shape[1], shape[2]


def announced(options: Options, key: int, weights: int) -> int:
    """Return weights and the tag before them, if the line says the same."""
    if get(options, key) != weights:
        raise ValueError(f"announces {get(options, key)} weights, its shape needs {weights}")
    return 1 + weights
