"""The words of one layer line of a `.param`: its blobs and its options, strictly read."""

import re

from benchmarks.families.layer_rules import HINTS, MANY, LayerError, Options, Rule, Value, counted

_ARRAY = -23300  # key -23310 announces array 10
_LONGEST = 64  # characters of a number: the native reader crashes on some that are longer
INTEGER = re.compile(r"[+-]?[0-9]{1,10}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?", re.IGNORECASE)
_LARGEST = 3.4e38  # of a float32


def ends_of(words: list[str], rule: Rule) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """Split what follows a layer's name into inputs, outputs and options."""
    if not all(INTEGER.fullmatch(word) for word in words[:2]):
        raise LayerError(f"{words[0]!r} and {words[1]!r} must be the numbers of inputs and outputs")
    ins, outs = int(words[0]), int(words[1])
    if not (0 <= ins <= MANY and 1 <= outs <= MANY) or len(words) < 2 + ins + outs:
        raise LayerError(f"announces {ins} inputs and {outs} outputs, more than the line names")
    if ins not in rule.inputs or outs not in rule.outputs:
        raise LayerError(
            f"takes {counted(rule.inputs)} inputs and makes {counted(rule.outputs)} outputs"
        )
    names = words[2 : 2 + ins + outs]
    return tuple(names[:ins]), tuple(names[ins:]), words[2 + ins + outs :]


def options_of(words: list[str], rule: Rule) -> Options:
    options: dict[int, Value] = {}
    for word in words:
        key_text, separator, text = word.partition("=")
        if not separator or not INTEGER.fullmatch(key_text):
            raise LayerError(f"{word[:40]!r} is not key=value")
        key = int(key_text)
        is_array = key <= _ARRAY
        key = _ARRAY - key if is_array else key
        if key not in rule.keys and key != HINTS:
            raise LayerError(f"option {key} is unknown here; known: {sorted(rule.keys)}")
        if key in options:
            raise LayerError(f"option {key} is given twice")
        options[key] = _array(text) if is_array else _number(text)
    return options


def _array(text: str) -> tuple[int | float, ...]:
    announced, *values = text.split(",")
    if not INTEGER.fullmatch(announced) or int(announced) != len(values):
        raise LayerError(f"an array announces {announced[:20]!r} numbers and holds {len(values)}")
    return tuple(_number(value) for value in values)


def _number(text: str) -> int | float:
    if len(text) > _LONGEST:
        raise LayerError(f"{text[:40]!r} is longer than the {_LONGEST} characters that are read")
    if INTEGER.fullmatch(text):
        if not -(2**31) <= int(text) < 2**31:
            raise LayerError(f"{text} does not fit into 32 bits")
        return int(text)
    if not _DECIMAL.fullmatch(text):
        raise LayerError(f"{text[:40]!r} is not a number")
    value = float(text)
    if abs(value) > _LARGEST:
        raise LayerError(f"{text[:40]!r} is not a finite number of 32 bits")
    return value
