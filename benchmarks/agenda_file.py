"""Agendas as text: strict YAML, and sentences that name the line, the field and the way out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from benchmarks.agenda import NAME_RULE, Agenda, AgendaError, Devices, plan
from benchmarks.naming import unknown

MOST_BYTES = 256 * 1024
DEEPEST = 12
_FORBIDDEN = (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken, yaml.DirectiveToken)
_OPENING = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)

Place = tuple[str | int, ...]


def read_agenda(text: str) -> Agenda:
    """Return the agenda in a text. Raises AgendaError: `line 7, workloads.0.params.x: …`."""
    lines: dict[Place, int] = {}
    try:
        agenda = check_agenda(_document(text, lines))
        plan(agenda)
    except AgendaError as error:
        raise AgendaError(_with_line(error, lines), error.place) from None
    return agenda


def check_agenda(document: Any) -> Agenda:
    """Return the agenda of a JSON-like document. Raises AgendaError at the first wrong field."""
    if not isinstance(document, Mapping):
        raise AgendaError("an agenda is a mapping that begins with `experiment: NAME`", ())
    try:
        return Agenda.model_validate(document)
    except ValidationError as error:
        raise _explained(error) from None


def _document(text: str, lines: dict[Place, int]) -> Any:
    if len(text.encode()) > MOST_BYTES:
        raise AgendaError(f"an agenda has at most {MOST_BYTES // 1024} KiB", ())
    try:
        _check_tokens(yaml.scan(text, Loader=yaml.SafeLoader))
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise AgendaError(f"line {line}: this is no YAML: {error.problem}", ()) from None
    except yaml.YAMLError as error:
        raise AgendaError(f"this is no YAML: {error}", ()) from None
    return None if node is None else _plain(node, (), lines)


def _check_tokens(tokens: Iterable[yaml.Token]) -> None:
    """Refuse what an agenda needs not, at the first of it: the scanner's work grows with depth."""
    depth = 0
    for token in tokens:
        line = token.start_mark.line + 1
        if isinstance(token, _FORBIDDEN):
            raise AgendaError(f"line {line}: anchors, aliases and tags are not taken", ())
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > DEEPEST:
            raise AgendaError(f"line {line}: this is nested too deeply", ())


def _plain(node: Node, place: Place, lines: dict[Place, int]) -> Any:
    """Return a node as plain data, noting the line of each place."""
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return _mapping(node, place, lines)
    if isinstance(node, SequenceNode):
        return [_plain(child, (*place, at), lines) for at, child in enumerate(node.value)]
    assert isinstance(node, ScalarNode)
    try:
        return yaml.SafeLoader("").construct_object(node)
    except ValueError as error:
        raise AgendaError(f"{node.value!r}: {error}", place) from None


def _mapping(node: MappingNode, place: Place, lines: dict[Place, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in found:
            message = f"line {key.start_mark.line + 1}: {name!r} stands here a second time"
            raise AgendaError(message, (*place, name))
        lines[*place, name] = key.start_mark.line + 1
        found[name] = _plain(value, (*place, name), lines)
    return found


def _with_line(error: AgendaError, lines: Mapping[Place, int]) -> str:
    if str(error).startswith("line "):
        return str(error)
    place = error.place
    while place not in lines and place:
        place = place[:-1]
    head = f"line {lines[place]}" if place in lines else "agenda"
    return f"{head}, {error.field}: {error}" if error.field else f"{head}: {error}"


def _explained(error: ValidationError) -> AgendaError:
    first = error.errors()[0]
    place = [part for part in first["loc"] if part not in ("function-after", "literal['all']")]
    if first["type"] == "extra_forbidden":
        known = _fields_at(place[:-1])
        return AgendaError(str(unknown("key", str(place[-1]), known)), place)
    if first["type"] == "missing":
        return AgendaError(f"{place[-1]} is missing", place)
    if first["loc"][:2] == ("devices", "count"):
        return AgendaError(f"= {first['input']!r:.60}: a number from 1 to 100, or all", place[:2])
    if first["type"] == "string_pattern_mismatch" and place[-1] == "id":
        return AgendaError(f"= {first['input']!r:.60}: {NAME_RULE}", place)
    message = first["msg"].removeprefix("Value error, ")
    return AgendaError(f"= {first['input']!r:.60}: {message[:1].lower()}{message[1:]}", place)


def _fields_at(place: Sequence[str | int]) -> list[str]:
    models: dict[str, type[BaseModel]] = {
        "sections": Agenda.model_fields["sections"].annotation.__args__[0],  # type: ignore[union-attr]
        "workloads": Agenda.model_fields["workloads"].annotation.__args__[0],  # type: ignore[union-attr]
        "config": type(Agenda.model_fields["config"].default),
        "devices": Devices,
    }
    return list(models[str(place[0])].model_fields if place else Agenda.model_fields)
