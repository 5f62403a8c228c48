"""Parses basic and extended regular expressions."""

from dataclasses import dataclass

from devices.virtual.userspace.characters import CLASSES

MAX_PATTERN = 4096  # [characters], a security limit
MAX_REPEAT = 255  # RE_DUP_MAX
MAX_NESTING = 100  # a security limit


class RegexError(Exception):
    """The text is no regular expression, or one that is not supported."""


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """One character out of a set; an empty negated one is `.`."""

    characters: frozenset[str] = frozenset()
    ranges: tuple[tuple[str, str], ...] = ()
    classes: tuple[str, ...] = ()
    is_negated: bool = False

    def accepts(self, char: str) -> bool:
        """Say whether a character is in the set."""
        found = (
            char in self.characters
            or any(low <= char <= high for low, high in self.ranges)
            or any(CLASSES[name](char) for name in self.classes)
        )
        return found is not self.is_negated


@dataclass(frozen=True, slots=True)
class Assertion:
    """A place: `^`, `$`, `<`, `>`, `b` or `B`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Group:
    """`( … )`."""

    number: int
    body: "Node"


@dataclass(frozen=True, slots=True)
class Repeat:
    """`*`, `+`, `?` or `{low,high}`."""

    body: "Node"
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Concatenation:
    """One after the other."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Alternation:
    """One or the other."""

    branches: "tuple[Node, ...]"


Node = CharacterSet | Assertion | Group | Repeat | Concatenation | Alternation

_ESCAPED_SETS = {
    "w": CharacterSet(frozenset("_"), classes=("alnum",)),
    "W": CharacterSet(frozenset("_"), classes=("alnum",), is_negated=True),
    "s": CharacterSet(classes=("space",)),
    "S": CharacterSet(classes=("space",), is_negated=True),
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression and how many groups it has."""

    node: Node
    groups: int


def parse(pattern: str, *, is_extended: bool) -> Parsed:
    """Return the expression; RegexError in the words of regcomp(3)."""
    if len(pattern) > MAX_PATTERN:
        raise RegexError(f"pattern of {len(pattern)} characters, limit is {MAX_PATTERN}")
    reader = _Reader(pattern, is_extended=is_extended)
    node = reader.alternation()
    if not reader.is_done:
        raise RegexError("parentheses not balanced")
    return Parsed(node, reader.groups)


class _Reader:
    """Recursive descent; in a basic expression operators carry a backslash."""

    def __init__(self, pattern: str, *, is_extended: bool) -> None:
        self._pattern = pattern
        self._is_extended = is_extended
        self._at = 0
        self._depth = 0
        self.groups = 0

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        return self._at >= len(self._pattern)

    def alternation(self) -> Node:
        """Read branches."""
        branches = [self._branch()]
        while self._takes("|"):
            branches.append(self._branch())
        return branches[0] if len(branches) == 1 else Alternation(tuple(branches))

    def _branch(self) -> Node:
        parts: list[Node] = []
        while not self.is_done and not self._is_ahead("|") and not self._closes():
            node = self._atom(is_first=not parts)
            parts.append(self._repeated(node))
        return parts[0] if len(parts) == 1 else Concatenation(tuple(parts))

    def _closes(self) -> bool:
        return self._depth > 0 and self._is_ahead(")")

    def _atom(self, *, is_first: bool) -> Node:
        if self._takes("("):
            return self._group()
        char = self._pattern[self._at]
        self._at += 1
        if char == "\\":
            return self._escaped()
        if char == "[":
            return self._bracket()
        if char == ".":
            return CharacterSet(is_negated=True)
        if char == "^" and (self._is_extended or is_first):
            return Assertion("^")
        if char == "$" and (self._is_extended or self._is_at_end()):
            return Assertion("$")
        if char in "*+?" and self._is_extended and is_first:
            raise RegexError("repetition-operator operand invalid")
        return CharacterSet(frozenset(char))

    def _is_at_end(self) -> bool:
        return self.is_done or self._is_ahead(")") or self._is_ahead("|")

    def _group(self) -> Node:
        self.groups += 1
        number = self.groups
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise RegexError("parentheses nested too deep")
        body = self.alternation()
        if not self._takes(")"):
            raise RegexError("parentheses not balanced")
        self._depth -= 1
        return Group(number, body)

    def _escaped(self) -> Node:
        if self.is_done:
            raise RegexError("trailing backslash (\\)")
        char = self._pattern[self._at]
        self._at += 1
        if char in _ESCAPED_SETS:
            return _ESCAPED_SETS[char]
        if char in "<>bB":
            return Assertion(char)
        if char.isdecimal() and char != "0":
            raise RegexError("back-references are not supported")
        return CharacterSet(frozenset({"n": "\n", "t": "\t"}.get(char, char)))

    def _repeated(self, node: Node) -> Node:
        while not self.is_done:
            if self._pattern[self._at] == "*" and not isinstance(node, Assertion):
                self._at += 1
                node = Repeat(node, 0, None)
            elif self._takes("+"):
                node = Repeat(node, 1, None)
            elif self._takes("?"):
                node = Repeat(node, 0, 1)
            elif self._is_ahead("{"):
                node = self._bounded(node)
            else:
                break
        return node

    def _bounded(self, node: Node) -> Node:
        self._takes("{")
        closer = "}" if self._is_extended else "\\}"
        end = self._pattern.find(closer, self._at)
        bounds = self._pattern[self._at : end] if end >= 0 else ""
        low, comma, high = bounds.partition(",")
        if not low.isdecimal() or (high and not high.isdecimal()):
            raise RegexError("invalid repetition count(s)")
        most = int(low) if not comma else int(high) if high else None
        if int(low) > MAX_REPEAT or (most is not None and not int(low) <= most <= MAX_REPEAT):
            raise RegexError("invalid repetition count(s)")
        self._at = end + len(closer)
        return Repeat(node, int(low), most)

    def _bracket(self) -> Node:
        is_negated = self._pattern.startswith("^", self._at)
        self._at += is_negated
        start = self._at
        characters: set[str] = set()
        ranges: list[tuple[str, str]] = []
        classes: list[str] = []
        while True:
            if self.is_done:
                raise RegexError("brackets ([ ]) not balanced")
            char = self._pattern[self._at]
            if char == "]" and self._at > start:
                break
            if self._pattern.startswith("[:", self._at):
                classes.append(self._class_name())
            elif self._pattern[self._at + 1 : self._at + 2] == "-" and self._has_range_end():
                ranges.append((char, self._pattern[self._at + 2]))
                self._at += 3
            else:
                characters.add(char)
                self._at += 1
        self._at += 1
        return CharacterSet(frozenset(characters), tuple(ranges), tuple(classes), is_negated)

    def _has_range_end(self) -> bool:
        return self._pattern[self._at + 2 : self._at + 3] not in ("", "]")

    def _class_name(self) -> str:
        end = self._pattern.find(":]", self._at)
        name = self._pattern[self._at + 2 : end] if end >= 0 else ""
        if name not in CLASSES:
            raise RegexError("invalid character class")
        self._at = end + 2
        return name

    def _takes(self, operator: str) -> bool:
        is_there = self._is_ahead(operator)
        if is_there:
            self._at += 1 if self._is_extended else 2
        return is_there

    def _is_ahead(self, operator: str) -> bool:
        spelled = operator if self._is_extended else f"\\{operator}"
        return self._pattern.startswith(spelled, self._at)
