"""From an ONNX file to a `.param` and a `.bin`, by pnnx in a cage, with refusals in words."""

import re
import signal
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from benchmarks.families.layers.table import RULES
from benchmarks.families.param_file import MAX_PARAM_BYTES, layer_lines
from benchmarks.onnx import cage, executable
from benchmarks.onnx.cage import Ended, Limits
from benchmarks.onnx.model import Model, OnnxError, read

MAX_SIDE = 8192  # of an input, as the agents take it
_MAX_BIN_BYTES = 512 * 2**20
_DIMENSIONS = 4  # batch, channels, height, width
_IN, _PARAM, _BIN = "model.onnx", "model.ncnn.param", "model.ncnn.bin"
_OUTPUTS = (f"ncnnparam={_PARAM}", f"ncnnbin={_BIN}")
_CONVERTING = Lock()  # one at a time: each may take most of the machine's memory

#: What the converter says of an operator that it cannot place.
_OPERATOR = (
    re.compile(r"No Op registered for (?P<op>[\w.:]+)"),
    re.compile(r"no such function with name (?P<op>[\w.:]+)"),
    re.compile(r"unexpected op_type (?P<op>[\w.:]+)"),
    re.compile(r"Could not find an implementation for (?P<op>[\w.:]+)"),
)
_COMPLAINT = re.compile(r"CreateSession failed (?P<why>[^\n]+)")
_SIZELESS = re.compile(r"^(Input\s+\S+\s+0\s+1\s+\S+)[ \t]*$", re.MULTILINE)


def convert(
    data: bytes,
    shape: Sequence[int] | None = None,
    program: Path | None = None,
    limits: Limits | None = None,
) -> tuple[bytes, bytes]:
    """Return the `.param` and `.bin` of an ONNX file; nothing has looked at them yet.

    `shape` is channels, height and width, for a file that leaves them open.

    Raises:
        OnnxError: with the field and the way out.
    """
    model = read(data)
    wanted = input_shape(model, shape)
    foreign = sorted(name for name in model.operators if "::" in name)
    if foreign:
        raise _unsupported(foreign)
    program = program or executable.find()
    sides = ",".join(map(str, (1, *wanted)))
    argv = (str(program), _IN, "fp16=0", f"inputshape=[{sides}]", *_OUTPUTS)
    with _CONVERTING, cage.ran(argv, {_IN: data}, limits or Limits()) as ended:
        param = cage.read_output(ended.folder, _PARAM, MAX_PARAM_BYTES)
        weights = cage.read_output(ended.folder, _BIN, _MAX_BIN_BYTES)
        if ended.code or param is None or weights is None:
            raise _refusal(ended, limits or Limits())
    return sized(param, wanted), weights


def input_shape(model: Model, given: Sequence[int] | None) -> tuple[int, int, int]:
    """Return channels, height and width of the one input, as the file or else the asker says."""
    if len(model.inputs) != 1:
        names = ", ".join(repr(one.name) for one in model.inputs) or "none"
        raise OnnxError(f"it has {len(model.inputs)} inputs ({names}); exactly one can be measured")
    [source] = model.inputs
    if not source.is_float32:
        raise OnnxError(f"its input {source.name!r} is not float32; export it with a float32 input")
    if len(source.sides) != _DIMENSIONS:
        raise OnnxError(
            f"its input {source.name!r} has {len(source.sides)} dimensions; accepted are four: "
            "batch, channels, height, width"
        )
    batch, *sides = source.sides
    if batch not in (None, 1):
        raise OnnxError(f"its batch is {batch}; export it with a batch of 1, or an open one")
    if given is None and None in sides:
        shown = " × ".join("?" if side is None else str(side) for side in sides)
        raise OnnxError(
            f"its input {source.name!r} is {shown}: say channels, height and width, "
            "such as 3,224,224",
            field="input_shape",
        )
    found = [fixed or wished for fixed, wished in zip(sides, given or sides, strict=True)]
    if given is not None and list(given) != found:
        raise OnnxError(
            f"{','.join(map(str, given))} does not fit the file, whose input is "
            f"{','.join('?' if side is None else str(side) for side in sides)}",
            field="input_shape",
        )
    if any(side is None or not 1 <= side <= MAX_SIDE for side in found):
        raise OnnxError(f"{found} has a side outside 1 to {MAX_SIDE}", field="input_shape")
    channels, height, width = (side or 0 for side in found)
    return channels, height, width


def is_sizeless(param: bytes) -> bool:
    """Whether a `.param` leaves the size of its one input open, as the converter's do."""
    return len(_SIZELESS.findall(param.decode("utf-8", "replace"))) == 1


def sized(param: bytes, shape: Sequence[int]) -> bytes:
    """Return a `.param` whose one input has a size; one that has it already stays as it is."""
    channels, height, width = shape
    if not is_sizeless(param):
        return param
    text = param.decode("utf-8", "replace")
    return _SIZELESS.sub(rf"\1 0={width} 1={height} 2={channels}", text).encode()


def refuse_unknown(param: bytes, model: Model) -> None:
    """Raise OnnxError naming every operator that became a layer which is not accepted."""
    kinds = {line.split()[0] for line in layer_lines(param)}
    unknown = sorted(kinds - set(RULES))
    if unknown and set(unknown) <= set(model.operators):
        raise _unsupported(unknown)
    if unknown:
        raise OnnxError(
            f"the converter made layers of it that are not supported ({', '.join(unknown)}), from "
            f"its operators {', '.join(sorted(model.operators))}: leave out that part of it"
        )


def _refusal(ended: Ended, limits: Limits) -> OnnxError:
    """Return why a conversion gave nothing, in words."""
    if ended.is_late or ended.code in (-signal.SIGXCPU, -signal.SIGKILL):
        return OnnxError(
            f"its conversion took longer than {limits.wall_s:.0f} s and was stopped: make the "
            "network smaller, or convert it yourself and upload its .param and .bin"
        )
    operators = {found["op"] for pattern in _OPERATOR for found in pattern.finditer(ended.said)}
    if operators:
        return _unsupported(sorted(operators))
    if "bad_alloc" in ended.said or "Failed to allocate" in ended.said:
        gib = limits.memory_bytes / 2**30
        return OnnxError(f"its conversion needs more than {gib:.3g} GiB of memory")
    if complaint := _COMPLAINT.search(ended.said):
        return OnnxError(f"the converter refuses it: {complaint['why'][:300].strip()}")
    if not ended.code:
        return OnnxError("the converter wrote no network: convert it yourself, and upload that")
    how = f"signal {-ended.code}" if ended.code < 0 else f"exit code {ended.code}"
    last = ended.said.strip().splitlines()[-1:] or ["nothing"]
    return OnnxError(f"the converter ended with {how} and said: {last[0][:300].strip()}")


def _unsupported(operators: Sequence[str]) -> OnnxError:
    names = ", ".join(operators)
    several = len(operators) > 1
    return OnnxError(
        f"the operator{'s' if several else ''} {names} {'are' if several else 'is'} not supported: "
        "export the model with standard operators, or leave out that part of it"
    )
