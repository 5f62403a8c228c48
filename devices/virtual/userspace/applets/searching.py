"""grep, egrep and fgrep."""

from dataclasses import dataclass, field

from devices.clock import HOST
from devices.virtual.userspace.applets.call import AppletError, Call, Options, lines_of, number
from devices.virtual.userspace.regex.machine import Match, Regex
from devices.virtual.userspace.regex.syntax import RegexError

_LINES_PER_TURN = 200  # between two looks at the rest of the phone
_NOTHING, _TROUBLE = 1, 2


async def grep(call: Call) -> int:
    """Print the lines that fit a pattern."""
    options = call.options(
        "EFGivclLnqsowxe:f:rRhHA:B:C:m:az", long={"color": "a", "line-buffered": "a"}
    )
    patterns, paths = await _patterns(call, options)
    search = _Search(call, options, patterns, shows_names=_shows_names(options, paths))
    for path in paths:
        await _one(call, path, search, options)
    if call.status:
        return _TROUBLE
    return 0 if search.found else _NOTHING


async def _one(call: Call, path: str, search: "_Search", options: Options) -> None:
    files = call.system.files
    if path != "-" and files.is_dir(call.path(path)):
        if "r" in options or "R" in options:
            for name in files.listdir(call.path(path)):
                await _one(call, f"{path.rstrip('/')}/{name}", search, options)
        elif "s" not in options:
            await call.complain(f"{path}: Is a directory")
        return
    if "s" in options and path != "-" and not files.exists(call.path(path)):
        call.status = 1
        return
    data = await call.content(path)
    if data is not None:
        await search.file("(standard input)" if path == "-" else path, data)


async def _patterns(call: Call, options: Options) -> tuple[list["_Pattern"], list[str]]:
    texts = options.values("e")
    for path in options.values("f"):
        data = await call.content(path)
        texts.extend(line.decode("utf-8", "surrogateescape") for line in lines_of(data or b""))
    operands = list(options.operands)
    if not texts and "f" not in options:
        if not operands:
            raise AppletError('no REGEX (see "grep --help")', _TROUBLE)
        texts = [operands.pop(0)]
    if not operands:
        operands = ["."] if "r" in options or "R" in options else ["-"]
    lines = [line for text in texts for line in text.split("\n")]
    return [_Pattern.compiled(line, call.name, options) for line in lines], operands


def _shows_names(options: Options, paths: list[str]) -> bool:
    if "h" in options:
        return False
    return "H" in options or "r" in options or "R" in options or len(paths) > 1


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One pattern: a text, or an expression."""

    text: str
    regex: Regex | None
    ignores_case: bool

    @classmethod
    def compiled(cls, text: str, name: str, options: Options) -> "_Pattern":
        ignores_case = "i" in options
        if "F" in options or name == "fgrep":
            return cls(text.lower() if ignores_case else text, None, ignores_case)
        is_extended = "E" in options or name == "egrep"
        try:
            regex = Regex(text, is_extended=is_extended, ignores_case=ignores_case)
        except RegexError as error:
            raise AppletError(f"bad regex '{text}': {error}", _TROUBLE) from None
        return cls(text, regex, ignores_case)

    def search(self, line: str, at: int) -> tuple[int, int] | None:
        if self.regex is not None:
            found: Match | None = self.regex.search(line, at)
            return (found.start, found.end) if found else None
        start = (line.lower() if self.ignores_case else line).find(self.text, at)
        return (start, start + len(self.text)) if start >= 0 else None


@dataclass
class _Search:
    """What to look for and what to print of it."""

    call: Call
    options: Options
    patterns: list[_Pattern]
    shows_names: bool
    found: bool = False
    _pieces: list[str] = field(default_factory=list)

    async def file(self, name: str, data: bytes) -> None:
        """Search one file."""
        lines = [line.decode("utf-8", "surrogateescape") for line in lines_of(data)]
        options = self.options
        most = number(options.value("m") or "-1")
        hits: list[int] = []
        for at, line in enumerate(lines):
            if at % _LINES_PER_TURN == 0:
                await HOST.wait_async(0)
            if len(hits) == most:
                break
            if bool(self._spans(line, only_one=True)) is not ("v" in options):
                hits.append(at)
                if "q" in options:
                    break
        self.found = self.found or bool(hits)
        await self.call.write(self._report(name, lines, hits))

    def _report(self, name: str, lines: list[str], hits: list[int]) -> str:
        options = self.options
        prefix = f"{name}:" if self.shows_names else ""
        if "q" in options:
            return ""
        if "l" in options:
            return f"{name}\n" if hits else ""
        if "L" in options:
            return "" if hits else f"{name}\n"
        if "c" in options:
            return f"{prefix}{len(hits)}\n"
        if "o" in options:
            return "".join(self._parts(prefix, at, lines[at]) for at in hits)
        return self._with_context(name, lines, hits)

    def _parts(self, prefix: str, at: int, line: str) -> str:
        numbered = f"{prefix}{at + 1}:" if "n" in self.options else prefix
        spans = self._spans(line, only_one=False)
        return "".join(f"{numbered}{line[start:end]}\n" for start, end in spans if end > start)

    def _with_context(self, name: str, lines: list[str], hits: list[int]) -> str:
        before = number(self.options.value("B") or self.options.value("C") or "0")
        after = number(self.options.value("A") or self.options.value("C") or "0")
        chosen = set(hits)
        shown: set[int] = set()
        for at in hits:
            shown.update(range(max(0, at - before), min(len(lines), at + after + 1)))
        pieces = []
        last = None
        for at in sorted(shown):
            if last is not None and at > last + 1 and (before or after):
                pieces.append("--\n")
            mark = ":" if at in chosen else "-"
            prefix = f"{name}{mark}" if self.shows_names else ""
            numbered = f"{at + 1}{mark}" if "n" in self.options else ""
            pieces.append(f"{prefix}{numbered}{lines[at]}\n")
            last = at
        return "".join(pieces)

    def _spans(self, line: str, *, only_one: bool) -> list[tuple[int, int]]:
        """Return where patterns fit, from left to right, the longest of those that begin there."""
        spans: list[tuple[int, int]] = []
        at = 0
        try:
            while at <= len(line):
                candidates = [found for p in self.patterns if (found := self._fit(p, line, at))]
                if not candidates:
                    break
                start, end = min(candidates, key=lambda span: (span[0], -span[1]))
                spans.append((start, end))
                if only_one:
                    break
                at = end if end > start else end + 1
        except RegexError as error:
            raise AppletError(str(error), _TROUBLE) from None
        return spans

    def _fit(self, pattern: _Pattern, line: str, at: int) -> tuple[int, int] | None:
        while (found := pattern.search(line, at)) is not None:
            start, end = found
            if "x" in self.options and (start, end) != (0, len(line)):
                return None if pattern.text or line else (0, 0)
            if "w" not in self.options or (_is_edge(line, start) and _is_edge(line, end)):
                return found
            at = start + 1
        return None


def _is_edge(line: str, at: int) -> bool:
    before = at > 0 and (line[at - 1].isalnum() or line[at - 1] == "_")
    after = at < len(line) and (line[at].isalnum() or line[at] == "_")
    return not (before and after)
