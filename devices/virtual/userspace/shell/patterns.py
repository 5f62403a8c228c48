"""Shell patterns, matched by following all positions at once: no pattern can take forever."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from devices.virtual.userspace.characters import CLASSES
from devices.virtual.userspace.shell.errors import ShellError

STEPS = 2_000_000  # a security limit on the work of one match


Runs = Sequence[tuple[str, bool]]  # pieces of text and whether each was quoted


@dataclass(frozen=True, slots=True)
class Any:
    """`?`."""


@dataclass(frozen=True, slots=True)
class Star:
    """`*`."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """`[…]`."""

    characters: frozenset[str]
    ranges: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]
    is_negated: bool

    def accepts(self, char: str) -> bool:
        """Say whether one character is in the set."""
        found = (
            char in self.characters
            or any(low <= char <= high for low, high in self.ranges)
            or any(CLASSES[name](char) for name in self.classes)
        )
        return found is not self.is_negated


@dataclass(frozen=True, slots=True)
class Choice:
    """`@(…)`, `?(…)`, `*(…)`, `+(…)` or `!(…)`."""

    kind: str
    alternatives: "tuple[tuple[Node, ...], ...]"


Node = str | Any | Star | Bracket | Choice


class Pattern:
    """A compiled pattern."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = nodes

    @property
    def is_literal(self) -> bool:
        """Whether it can match one text only."""
        return all(isinstance(node, str) for node in self.nodes)

    @property
    def starts_with_dot(self) -> bool:
        """Whether its first character is written as a dot."""
        return bool(self.nodes) and isinstance(self.nodes[0], str) and self.nodes[0][:1] == "."

    def matches(self, text: str) -> bool:
        """Say whether the whole text fits."""
        return len(text) in _Walk(text).ends(self.nodes, {0})

    def prefixes(self, text: str) -> set[int]:
        """Return the lengths of all prefixes that fit."""
        return _Walk(text).ends(self.nodes, {0})

    def suffixes(self, text: str) -> set[int]:
        """Return the lengths of all suffixes that fit."""
        return _Walk(text[::-1]).ends(_reversed(self.nodes), {0})

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Return where matches begin and end, from left to right, each as long as can be."""
        walk = _Walk(text)
        at = 0
        while at < len(text):
            end = max(walk.ends(self.nodes, {at}), default=at)
            if end > at:
                yield at, end
            at = max(end, at + 1)


def compile_pattern(runs: Runs) -> Pattern:
    """Return the pattern that pieces of text make; quoted ones stand for themselves."""
    return _compile(tuple(runs))


@lru_cache(maxsize=512)
def _compile(runs: tuple[tuple[str, bool], ...]) -> Pattern:
    characters = [(char, is_quoted) for text, is_quoted in runs for char in text]
    nodes, _ = _Reader(characters).sequence(0, is_inner=False)
    return Pattern(nodes)


class _Walk:
    """All the places that a match can have reached in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._steps = 0

    def ends(self, nodes: Iterable[Node], starts: set[int]) -> set[int]:
        """Return where a match of `nodes` that begins at one of `starts` can end."""
        for node in nodes:
            self._steps += len(starts) + 1
            if self._steps > STEPS:
                raise ShellError("pattern too complex")
            starts = self._after(node, starts)
            if not starts:
                break
        return starts

    def _after(self, node: Node, starts: set[int]) -> set[int]:
        text, length = self._text, len(self._text)
        if isinstance(node, str):
            return {at + len(node) for at in starts if text.startswith(node, at)}
        if isinstance(node, Star):
            return set(range(min(starts), length + 1))
        if isinstance(node, Any):
            return {at + 1 for at in starts if at < length}
        if isinstance(node, Bracket):
            return {at + 1 for at in starts if at < length and node.accepts(text[at])}
        return self._choice(node, starts)

    def _choice(self, node: Choice, starts: set[int]) -> set[int]:
        if node.kind == "!":
            return self._none_of(node, starts)
        once = self._one_of(node, starts)
        if node.kind == "@":
            return once
        if node.kind == "?":
            return once | starts
        reached = set(once)
        while once:
            once = self._one_of(node, once) - reached
            reached |= once
        return reached | starts if node.kind == "*" else reached

    def _one_of(self, node: Choice, starts: set[int]) -> set[int]:
        ends: set[int] = set()
        for alternative in node.alternatives:
            ends |= self.ends(alternative, starts)
        return ends

    def _none_of(self, node: Choice, starts: set[int]) -> set[int]:
        ends: set[int] = set()
        for at in starts:
            everywhere = set(range(at, len(self._text) + 1))
            self._steps += len(everywhere)
            ends |= everywhere - self._one_of(node, {at})
        return ends


class _Reader:
    """Turns the characters of a pattern into nodes."""

    def __init__(self, characters: list[tuple[str, bool]]) -> None:
        self._characters = characters

    def sequence(self, at: int, *, is_inner: bool) -> tuple[tuple[Node, ...], int]:
        """Read nodes up to the end, or inside a choice up to `|` or `)`."""
        nodes: list[Node] = []
        while at < len(self._characters):
            if is_inner and self._characters[at] in (("|", False), (")", False)):
                break
            node, at = self._node(at)
            if isinstance(node, str) and nodes and isinstance(nodes[-1], str):
                nodes[-1] += node
            elif not (isinstance(node, Star) and nodes and isinstance(nodes[-1], Star)):
                nodes.append(node)
        return tuple(nodes), at

    def _node(self, at: int) -> tuple[Node, int]:
        char, is_quoted = self._characters[at]
        if is_quoted:
            return char, at + 1
        if char in "@?*+!" and self._is_unquoted(at + 1, "("):
            found = self._choice(at)
            if found:
                return found
        if char == "[" and (found_set := self._bracket(at + 1)):
            return found_set
        simple: dict[str, Node] = {"*": Star(), "?": Any()}
        return simple.get(char, char), at + 1

    def _choice(self, start: int) -> tuple[Node, int] | None:
        alternatives = []
        at = start + 1
        while True:
            nodes, at = self.sequence(at + 1, is_inner=True)
            alternatives.append(nodes)
            if at >= len(self._characters):
                return None
            if self._is_unquoted(at, ")"):
                kind = self._characters[start][0]
                return Choice(kind, tuple(alternatives)), at + 1

    def _bracket(self, at: int) -> tuple[Node, int] | None:
        is_negated = self._is_unquoted(at, "!") or self._is_unquoted(at, "^")
        at += is_negated
        start = at
        characters: set[str] = set()
        ranges: list[tuple[str, str]] = []
        classes: list[str] = []
        while at < len(self._characters):
            char, _ = self._characters[at]
            if self._is_unquoted(at, "]") and at > start:
                bracket = Bracket(frozenset(characters), tuple(ranges), tuple(classes), is_negated)
                return bracket, at + 1
            if name := self._class_name(at):
                classes.append(name)
                at += len(name) + 4
            elif self._is_unquoted(at + 1, "-") and not self._is_end(at + 2):
                ranges.append((char, self._characters[at + 2][0]))
                at += 3
            else:
                characters.add(char)
                at += 1
        return None

    def _class_name(self, at: int) -> str:
        text = "".join(char for char, _ in self._characters[at : at + 12])
        if not text.startswith("[:"):
            return ""
        name, colon, _ = text[2:].partition(":]")
        return name if colon and name in CLASSES else ""

    def _is_end(self, at: int) -> bool:
        return at >= len(self._characters) or self._is_unquoted(at, "]")

    def _is_unquoted(self, at: int, char: str) -> bool:
        return at < len(self._characters) and self._characters[at] == (char, False)


def _reversed(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    return tuple(_reversed_node(node) for node in reversed(nodes))


def _reversed_node(node: Node) -> Node:
    if isinstance(node, str):
        return node[::-1]
    if isinstance(node, Choice):
        return Choice(node.kind, tuple(_reversed(nodes) for nodes in node.alternatives))
    return node
