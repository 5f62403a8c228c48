"""What a layer may carry, what shape it makes and what it costs: the words of the rules; pure."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Value = int | float | tuple[int | float, ...]
Options = Mapping[int, Value]

MAX_ELEMENTS = 2**31 - 1  # a security limit: more overflows the native reader
NUMBER_BYTES = 4  # float32
HINTS = 30  # the option of every layer that repeats the shapes of its outputs
MANY = 64  # a security limit: inputs, and outputs, of one layer


class Shape(tuple[int, ...]):
    """The sizes of one blob, outermost first: (w), (h, w), (c, h, w) or (c, d, h, w)."""

    __slots__ = ()

    def __new__(cls, *sizes: int) -> "Shape":
        """Take the sizes one by one."""
        return super().__new__(cls, sizes)

    def __getnewargs__(self) -> tuple[int, ...]:
        """Say how a copy is made: from the sizes, too."""
        return tuple(self)

    @property
    def elements(self) -> int:
        """How many numbers the blob holds."""
        return math.prod(self)

    @property
    def picture(self) -> tuple[int, int, int]:
        """Channels, height and width; LayerError where the blob has other dimensions."""
        if len(self) != 3:
            raise LayerError(f"takes channels, height and width, not {self}")
        return self[0], self[1], self[2]

    def __repr__(self) -> str:
        return "×".join(map(str, self))

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Stored:
    """Numbers of a layer in the `.bin`, behind a storage tag or without one."""

    numbers: int
    is_tagged: bool = False

    @property
    def bytes(self) -> int:
        """How much of the file they are [B]."""
        return NUMBER_BYTES * (self.numbers + self.is_tagged)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one layer makes and needs."""

    shape: Shape  # of each output
    macs: int = 0  # multiply-accumulates of one inference
    stored: tuple[Stored, ...] = ()  # in the order of the `.bin`
    parts: tuple[Shape, ...] = ()  # of each output, where they differ


class LayerError(ValueError):
    """The options of a layer do not fit its type or its input."""


Costing = Callable[[Options, Sequence[Shape]], Cost]


@dataclass(frozen=True, slots=True)
class Rule:
    """One layer type: option keys it knows, how many blobs go in and out, what it costs."""

    keys: frozenset[int]
    inputs: range
    outputs: range
    cost: Costing


def rule(cost: Costing, *keys: int, inputs: int | range = 1, outputs: int | range = 1) -> Rule:
    """Return a rule; a plain number of inputs or outputs is exactly that many."""
    ins, outs = (
        range(count, count + 1) if isinstance(count, int) else count for count in (inputs, outputs)
    )
    return Rule(frozenset(keys), ins, outs, cost)


def up_to(least: int, most: int = MANY) -> range:
    """Return how many blobs may be named."""
    return range(least, most + 1)


def counted(number: range) -> str:
    """Return how many are accepted, in words: 2, 1 to 3, 1 or more."""
    if len(number) == 1:
        return str(number[0])
    return f"{number[0]} or more" if number[-1] == MANY else f"{number[0]} to {number[-1]}"


def integer(options: Options, key: int, default: int) -> int:
    """Return an integer option; a wrong type is refused."""
    value = options.get(key, default)
    if not isinstance(value, int):
        raise LayerError(f"option {key} must be an integer, not {value!r}")
    return value


def at_least(options: Options, key: int, default: int, least: int) -> int:
    """Return an integer option that has a lower bound."""
    value = integer(options, key, default)
    if value < least:
        raise LayerError(f"option {key} must be at least {least}, not {value}")
    return value


def one_of(options: Options, key: int, default: int, allowed: Sequence[int]) -> int:
    """Return an integer option that has few possible values."""
    value = integer(options, key, default)
    if value not in allowed:
        known = ", ".join(map(str, allowed))
        raise LayerError(f"option {key} must be one of {known}, not {value}")
    return value


def number(options: Options, key: int, default: float) -> float:
    """Return a real option; one without a decimal point would be read as the bits of an integer."""
    value = options.get(key, default)
    if isinstance(value, float) or value == 0:
        return float(value)
    raise LayerError(f"option {key} must be written with a decimal point, not {value!r}")


def integers(options: Options, key: int) -> tuple[int, ...]:
    """Return an array of integers; empty where there is none."""
    value = options.get(key, ())
    if not isinstance(value, tuple) or not all(isinstance(part, int) for part in value):
        raise LayerError(f"option {key} must be an array of integers, not {value!r}")
    return tuple(int(part) for part in value)


def numbers(options: Options, key: int) -> tuple[float, ...]:
    """Return an array of real numbers; empty where there is none."""
    value = options.get(key, ())
    if not isinstance(value, tuple):
        raise LayerError(f"option {key} must be an array, not {value!r}")
    if not all(isinstance(part, float) or part == 0 for part in value):
        raise LayerError(f"option {key} must be written with decimal points, not {value!r}")
    return tuple(map(float, value))


def axis_of(options: Options, key: int, default: int, shape: Shape) -> int:
    """Return an axis of a blob, counted from the outermost; negative ones count from the end."""
    return placed(integer(options, key, default), len(shape))


def placed(axis: int, dimensions: int) -> int:
    """Return an axis as a number from 0 on, or LayerError."""
    if not -dimensions <= axis < dimensions:
        raise LayerError(f"there is no axis {axis} in {dimensions} dimensions")
    return axis % dimensions


def check_hints(options: Options, shapes: Sequence[Shape]) -> None:
    """Refuse shapes written beside a layer that are not what it makes: runtimes plan by them.

    Per output: dimensions, width, height, channels; newer writers have depth before channels.
    """
    hints = integers(options, HINTS)
    plain = [part for shape in shapes for part in _hint(shape, 3)]
    deep = [part for shape in shapes for part in _hint(shape, 4)]
    if hints and list(hints) not in (plain, deep):
        made = " and ".join(map(str, shapes))
        raise LayerError(f"option {HINTS} says {hints}, the layer makes {made}: leave it out")


def _hint(shape: Shape, sizes: int) -> tuple[int, ...]:
    inner = tuple(reversed(shape))
    if len(shape) == 3 and sizes == 4:
        inner = (*inner[:2], 1, inner[2])
    return (len(shape), *inner, *(1,) * (sizes - len(inner)))


def matched(announced: int, needed: int, what: str = "weights") -> int:
    """Return how many numbers are stored, if the line and the shapes agree."""
    if announced != needed:
        raise LayerError(f"announces {announced} {what}, its shape needs {needed}")
    return needed
