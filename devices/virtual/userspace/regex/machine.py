"""Compiles an expression to a small program and runs all its threads side by side."""

from dataclasses import dataclass

from devices.virtual.userspace.regex.syntax import (
    Alternation,
    Assertion,
    CharacterSet,
    Concatenation,
    Group,
    Node,
    RegexError,
    Repeat,
    parse,
)

MAX_STATES = 5_000  # a security limit on the size of the program
MAX_STEPS = 3_000_000  # a security limit on the work of one search


@dataclass(slots=True)
class _Step:
    """One instruction: take a character, test a place, note a place, or branch."""

    kind: str  # take, test, note, split, match
    following: int = -1
    other: int = -1  # of split
    taken: CharacterSet | None = None
    place: str = ""
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """Where an expression fits, and where its groups do; (-1, -1) for a group that took no part."""

    spans: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.spans[0][1]


class Regex:
    """A compiled expression."""

    def __init__(self, pattern: str, *, is_extended: bool, ignores_case: bool = False) -> None:
        parsed = parse(pattern, is_extended=is_extended)
        self._ignores_case = ignores_case
        self.groups = parsed.groups
        self._steps: list[_Step] = []
        end = self._add(_Step("match"))
        self._start = self._compile(parsed.node, end)
        self._literal = None if ignores_case else _literal(parsed.node)

    def search(self, text: str, at: int = 0) -> Match | None:
        """Return the leftmost match from `at` on, and of those the longest."""
        if self._literal is not None:
            found = text.find(self._literal, at)
            return Match(((found, found + len(self._literal)),)) if found >= 0 else None
        return _Search(self._steps, self._start, text, self.groups, self._ignores_case).run(at)

    def _compile(self, node: Node, following: int) -> int:
        """Add the steps of `node`, to go on at `following`; return the first one."""
        if isinstance(node, CharacterSet):
            return self._add(_Step("take", following, taken=node))
        if isinstance(node, Assertion):
            return self._add(_Step("test", following, place=node.kind))
        if isinstance(node, Concatenation):
            for part in reversed(node.parts):
                following = self._compile(part, following)
            return following
        if isinstance(node, Alternation):
            return self._branches(node, following)
        if isinstance(node, Group):
            end = self._add(_Step("note", following, slot=2 * node.number + 1))
            return self._add(_Step("note", self._compile(node.body, end), slot=2 * node.number))
        return self._repeat(node, following)

    def _branches(self, node: Alternation, following: int) -> int:
        first, *others = [self._compile(branch, following) for branch in node.branches]
        for other in others:
            first = self._add(_Step("split", first, other))
        return first

    def _repeat(self, node: Repeat, following: int) -> int:
        if node.high is None:
            loop = self._add(_Step("split", -1, following))
            self._steps[loop].following = self._compile(node.body, loop)
            following = loop
        else:
            end = following
            for _ in range(node.high - node.low):
                following = self._add(_Step("split", self._compile(node.body, following), end))
        for _ in range(node.low):
            following = self._compile(node.body, following)
        return following

    def _add(self, step: _Step) -> int:
        if len(self._steps) >= MAX_STATES:
            raise RegexError("regular expression too big")
        self._steps.append(step)
        return len(self._steps) - 1


Threads = dict[int, tuple[int, ...]]  # where a thread stands, and the places it noted


class _Search:
    """One search through one text."""

    def __init__(
        self, steps: list[_Step], start: int, text: str, groups: int, ignores_case: bool
    ) -> None:
        self._steps = steps
        self._start = start
        self._text = text
        self._empty = (-1,) * (2 * groups + 2)
        self._ignores_case = ignores_case
        self._work = 0

    def run(self, at: int) -> Match | None:
        """Go through the text once; a thread that began earlier beats all later ones."""
        threads: Threads = {}
        best: tuple[int, ...] | None = None
        for position in range(at, len(self._text) + 1):
            if best is None:
                self._follow(threads, self._start, (position, *self._empty[1:]), position)
            best = self._finished(threads, best, position)
            if position == len(self._text) or (best is not None and not threads):
                break
            threads = self._advanced(threads, position)
        return None if best is None else _match(best)

    def _finished(
        self, threads: Threads, best: tuple[int, ...] | None, position: int
    ) -> tuple[int, ...] | None:
        for state, notes in threads.items():
            if self._steps[state].kind != "match":
                continue
            if best is None or notes[0] < best[0] or notes[0] == best[0]:
                best = (notes[0], position, *notes[2:])
        if best is not None:
            late = [state for state, notes in threads.items() if notes[0] > best[0]]
            for state in late:
                del threads[state]
        return best

    def _advanced(self, threads: Threads, position: int) -> Threads:
        char = self._text[position]
        following: Threads = {}
        for state, notes in threads.items():
            self._work += 1
            step = self._steps[state]
            if step.taken is not None and self._accepts(step.taken, char):
                self._follow(following, step.following, notes, position + 1)
        if self._work > MAX_STEPS:
            raise RegexError("regular expression takes too long")
        return following

    def _accepts(self, taken: CharacterSet, char: str) -> bool:
        if taken.accepts(char):
            return True
        return self._ignores_case and taken.accepts(char.swapcase())

    def _follow(self, threads: Threads, start: int, notes: tuple[int, ...], position: int) -> None:
        """Add the thread at `start` and all that it becomes without taking a character."""
        waiting = [(start, notes)]
        seen: set[int] = set()
        while waiting:
            state, notes = waiting.pop()
            self._work += 1
            if state in seen or (state in threads and threads[state][0] <= notes[0]):
                continue
            seen.add(state)
            step = self._steps[state]
            if step.kind == "split":
                waiting.append((step.other, notes))
                waiting.append((step.following, notes))
            elif step.kind == "note":
                noted = (*notes[: step.slot], position, *notes[step.slot + 1 :])
                waiting.append((step.following, noted))
            elif step.kind == "test":
                if self._is_at(step.place, position):
                    waiting.append((step.following, notes))
            else:
                threads[state] = notes

    def _is_at(self, place: str, position: int) -> bool:
        if place == "^":
            return position == 0
        if place == "$":
            return position == len(self._text)
        before = position > 0 and _is_word(self._text[position - 1])
        after = position < len(self._text) and _is_word(self._text[position])
        kinds = {
            "<": after and not before,
            ">": before and not after,
            "b": before is not after,
            "B": before is after,
        }
        return kinds[place]


def _is_word(char: str) -> bool:
    return char == "_" or char.isalnum()


def _match(notes: tuple[int, ...]) -> Match:
    return Match(tuple((notes[slot], notes[slot + 1]) for slot in range(0, len(notes), 2)))


def _literal(node: Node) -> str | None:
    """Return the text that an expression without any operator stands for."""
    parts = node.parts if isinstance(node, Concatenation) else (node,)
    pieces: list[str] = []
    for part in parts:
        if not isinstance(part, CharacterSet) or part.is_negated or part.ranges or part.classes:
            return None
        if len(part.characters) != 1:
            return None
        pieces.extend(part.characters)
    return "".join(pieces)
