"""What an ONNX file says of itself: inputs with their shapes, and the operators it needs.

Field numbers are those of the public `onnx.proto`. Nothing is executed, and no more is read than
what makes a clear refusal possible before the converter sees the file.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.onnx.wire import Field, WireError, message_of

MAX_ONNX_BYTES = 512 * 2**20  # a security limit
MAX_OPERATORS = 10_000
_MODEL_GRAPH, _MODEL_OPSET = 7, 8
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 5, 11, 12
_NODE_TYPE, _NODE_DOMAIN = 4, 7
_TENSOR_NAME, _TENSOR_LOCATION, _EXTERNAL = 8, 14, 1
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_ELEMENT, _TENSOR_SHAPE = 1, 2, 1, 1, 2
_SHAPE_SIDE, _SIDE_VALUE = 1, 1
_FLOAT32 = 1
_OWN_DOMAINS = frozenset(("", "ai.onnx"))


class OnnxError(ValueError):
    """An ONNX file was refused; `field` is where the way out is typed."""

    def __init__(self, message: str, field: str = "onnx") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a graph; a side that is not known before a run is None."""

    name: str
    sides: tuple[int | None, ...]
    is_float32: bool


@dataclass(frozen=True, slots=True)
class Model:
    """What is asked of an ONNX file before it is converted."""

    inputs: tuple[Input, ...]
    outputs: int
    operators: Mapping[str, int]  # how often each is used; DOMAIN::TYPE where it is not ONNX's own


def read(data: bytes) -> Model:
    """Return what an ONNX file says of itself. Raises OnnxError."""
    if len(data) > MAX_ONNX_BYTES:
        raise OnnxError(f".onnx of {len(data)} bytes; at most {MAX_ONNX_BYTES} are read")
    try:
        return _model(message_of(data))
    except WireError as error:
        raise OnnxError(
            f"this is no ONNX file ({error}): choose the .onnx that your framework exported"
        ) from error


def _model(file: Field) -> Model:
    found = list(file.fields())
    graphs = [field for field in found if field.number == _MODEL_GRAPH]
    if len(graphs) != 1 or not any(field.number == _MODEL_OPSET for field in found):
        raise WireError("it has no graph, or names no operator set")
    graph = list(graphs[0].fields())
    stored = {_stored_name(field) for field in graph if field.number == _GRAPH_INITIALIZER}
    nodes = [field for field in graph if field.number == _GRAPH_NODE]
    if not 1 <= len(nodes) <= MAX_OPERATORS:
        raise OnnxError(f"{len(nodes)} operators; accepted are 1 to {MAX_OPERATORS}")
    inputs = [_input(field) for field in graph if field.number == _GRAPH_INPUT]
    return Model(
        tuple(one for one in inputs if one.name not in stored),
        sum(field.number == _GRAPH_OUTPUT for field in graph),
        Counter(_operator(field) for field in nodes),
    )


def _stored_name(tensor: Field) -> str:
    name = ""
    for field in tensor.fields():
        if field.number == _TENSOR_NAME:
            name = field.text
        if field.number == _TENSOR_LOCATION and field.integer == _EXTERNAL:
            raise OnnxError(
                "its weights lie in a second file: save the model as one file, "
                "without external data"
            )
    return name


def _operator(node: Field) -> str:
    kind = domain = ""
    for field in node.fields():
        if field.number == _NODE_TYPE:
            kind = field.text
        elif field.number == _NODE_DOMAIN:
            domain = field.text
    return kind if domain in _OWN_DOMAINS else f"{domain}::{kind}"


def _input(value: Field) -> Input:
    name, element = "", 0
    sides: tuple[int | None, ...] = ()
    for field in value.fields():
        if field.number == _VALUE_NAME:
            name = field.text
        elif field.number == _VALUE_TYPE:
            for kind in field.fields():
                if kind.number == _TYPE_TENSOR:
                    element, sides = _tensor_type(kind)
    return Input(name, sides, element == _FLOAT32)


def _tensor_type(kind: Field) -> tuple[int, tuple[int | None, ...]]:
    element = 0
    sides: tuple[int | None, ...] = ()
    for field in kind.fields():
        if field.number == _TENSOR_ELEMENT:
            element = field.integer
        elif field.number == _TENSOR_SHAPE:
            sides = tuple(_side(side) for side in field.fields() if side.number == _SHAPE_SIDE)
    return element, sides


def _side(side: Field) -> int | None:
    for field in side.fields():
        if field.number == _SIDE_VALUE and field.integer > 0:
            return field.integer
    return None
