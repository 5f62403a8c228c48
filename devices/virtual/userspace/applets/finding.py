"""find and xargs."""

import posixpath
import re
import stat as modes
from collections.abc import Awaitable, Callable, Iterator

from devices.clock import HOST
from devices.virtual.userspace.applets.call import AppletError, Call, number
from devices.virtual.userspace.execution import run_child
from devices.virtual.userspace.inodes import Stat
from devices.virtual.userspace.shell.patterns import compile_pattern

Test = Callable[[str, Stat], Awaitable[bool]]
_TYPES = {"f": modes.S_ISREG, "d": modes.S_ISDIR, "l": modes.S_ISLNK, "c": modes.S_ISCHR}
_SIZE = re.compile(r"([-+]?)(\d+)([ckMG]?)\Z")
_UNITS = {"c": 1, "": 512, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}
MAX_FOUND = 100_000  # a security limit
MAX_ARGUMENTS = 1_000  # of one xargs command


async def find(call: Call) -> None:
    """Walk directories and do something with what fits."""
    args = list(call.args)
    roots = []
    while args and not args[0].startswith(("-", "(", "!")):
        roots.append(args.pop(0))
    expression = _Expression(call, args)
    test = expression.parse()
    for root in roots or ["."]:
        await _walk(call, root, 0, test, expression)


async def _walk(call: Call, path: str, depth: int, test: Test, expression: "_Expression") -> None:
    files = call.system.files
    expression.count += 1
    if expression.count > MAX_FOUND:
        raise AppletError(f"more than {MAX_FOUND} files")
    try:
        stat = files.lstat(call.path(path))
    except OSError as error:
        await call.complain(f"'{path}': {error.strerror}")
        return
    await HOST.wait_async(0)
    if depth >= expression.least and not expression.is_depth_first:
        await test(path, stat)
    if modes.S_ISDIR(stat.mode) and depth < expression.most:
        try:
            names = files.listdir(call.path(path))
        except OSError as error:
            await call.complain(f"'{path}': {error.strerror}")
            names = []
        for name in names:
            await _walk(call, f"{path.rstrip('/')}/{name}", depth + 1, test, expression)
    if depth >= expression.least and expression.is_depth_first:
        await test(path, stat)


class _Expression:
    """find's expression: tests and actions joined by -a, -o and !."""

    def __init__(self, call: Call, args: list[str]) -> None:
        self._call = call
        self._args = args
        self._at = 0
        self._acts = False
        self.least, self.most = 0, 1_000
        self.is_depth_first = "-delete" in args or "-depth" in args
        self.count = 0

    def parse(self) -> Test:
        """Return the whole expression; without an action it prints."""
        test = self._either() if self._args else _always
        if self._at < len(self._args):
            raise AppletError(f"bad arg '{self._args[self._at]}'")
        if self._acts:
            return test

        async def and_print(path: str, stat: Stat) -> bool:
            return await test(path, stat) and await self._print(path, "\n")

        return and_print

    def _either(self) -> Test:
        left = self._both()
        while self._takes("-o", "-or"):
            left = _or(left, self._both())
        return left

    def _both(self) -> Test:
        left = self._not()
        while self._at < len(self._args) and self._args[self._at] not in ("-o", "-or", ")"):
            self._takes("-a", "-and")
            left = _and(left, self._not())
        return left

    def _not(self) -> Test:
        if self._takes("!", "-not"):
            return _negated(self._not())
        if self._takes("("):
            test = self._either()
            if not self._takes(")"):
                raise AppletError("missing )")
            return test
        return self._primary()

    def _primary(self) -> Test:
        name = self._next("expression")
        if name in ("-print", "-print0"):
            return self._printing("\0" if name == "-print0" else "\n")
        if name == "-delete":
            return self._deleting()
        if name == "-exec":
            return self._executing()
        if name in ("-maxdepth", "-mindepth"):
            depth = number(self._next(name))
            if name == "-maxdepth":
                self.most = depth
            else:
                self.least = depth
            return _always
        if name in ("-depth", "-xdev", "-true", "-follow", "-H", "-L"):
            return _always
        return self._matching(name)

    def _matching(self, name: str) -> Test:
        if name == "-empty":
            return self._empty()
        value = self._next(name)
        if name in ("-name", "-iname", "-path", "-ipath", "-wholename"):
            return _by_name(name, value)
        if name == "-type":
            kinds = [_TYPES[letter] for letter in value.split(",") if letter in _TYPES]

            async def by_type(_path: str, stat: Stat) -> bool:
                return any(kind(stat.mode) for kind in kinds)

            return by_type
        if name == "-size":
            return _by_size(value)
        if name == "-newer":
            newest = self._call.system.files.stat(self._call.path(value)).mtime_s

            async def newer(_path: str, stat: Stat) -> bool:
                return stat.mtime_s > newest

            return newer
        raise AppletError(f"bad arg '{name}'")

    def _empty(self) -> Test:
        files = self._call.system.files

        async def empty(path: str, stat: Stat) -> bool:
            if modes.S_ISDIR(stat.mode):
                return not files.listdir(self._call.path(path))
            return stat.size == 0

        return empty

    def _printing(self, end: str) -> Test:
        self._acts = True

        async def act(path: str, _stat: Stat) -> bool:
            return await self._print(path, end)

        return act

    async def _print(self, path: str, end: str) -> bool:
        await self._call.write(path + end)
        return True

    def _deleting(self) -> Test:
        self._acts = True
        files = self._call.system.files

        async def act(path: str, stat: Stat) -> bool:
            remove = files.rmdir if modes.S_ISDIR(stat.mode) else files.remove
            try:
                remove(self._call.path(path))
            except OSError as error:
                await self._call.complain(f"'{path}': {error.strerror}")
                return False
            return True

        return act

    def _executing(self) -> Test:
        self._acts = True
        words = []
        while (word := self._next("-exec")) not in (";", "+"):
            words.append(word)
        # `+` may run the command once per file too: only the number of runs differs.

        async def act(path: str, _stat: Stat) -> bool:
            filled = [word.replace("{}", path) for word in words]
            return await run_child(self._call.invocation, filled) == 0

        return act

    def _takes(self, *words: str) -> bool:
        is_there = self._at < len(self._args) and self._args[self._at] in words
        self._at += is_there
        return is_there

    def _next(self, name: str) -> str:
        if self._at >= len(self._args):
            raise AppletError(f"'{name}' needs 1 arg")
        self._at += 1
        return self._args[self._at - 1]


async def _always(_path: str, _stat: Stat) -> bool:
    return True


def _or(left: Test, right: Test) -> Test:
    async def test(path: str, stat: Stat) -> bool:
        return await left(path, stat) or await right(path, stat)

    return test


def _and(left: Test, right: Test) -> Test:
    async def test(path: str, stat: Stat) -> bool:
        return await left(path, stat) and await right(path, stat)

    return test


def _negated(inner: Test) -> Test:
    async def test(path: str, stat: Stat) -> bool:
        return not await inner(path, stat)

    return test


def _by_name(option: str, value: str) -> Test:
    ignores_case = option in ("-iname", "-ipath")
    pattern = compile_pattern([(value.lower() if ignores_case else value, False)])
    is_path = "path" in option or "whole" in option

    async def test(path: str, _stat: Stat) -> bool:
        text = path if is_path else posixpath.basename(path.rstrip("/")) or path
        return pattern.matches(text.lower() if ignores_case else text)

    return test


def _by_size(value: str) -> Test:
    match = _SIZE.match(value)
    if not match:
        raise AppletError(f"bad size '{value}'")
    sign, count, unit = match[1], int(match[2]), _UNITS[match[3]]

    async def test(_path: str, stat: Stat) -> bool:
        blocks = -(-stat.size // unit)
        if sign == "+":
            return blocks > count
        return blocks < count if sign == "-" else blocks == count

    return test


async def xargs(call: Call) -> int:
    """Run a command with the words of standard input behind it."""
    options = call.options("0n:I:rtps:E:P:", stops=True)
    command = list(options.operands) or ["echo"]
    data = (await call.invocation.stdin.read()).decode("utf-8", "surrogateescape")
    if "0" in options:
        words = [word for word in data.split("\0") if word]
    elif "I" in options:
        words = [line.strip() for line in data.splitlines() if line.strip()]
    else:
        words = list(_words(data))
    worst = 0
    for command_line in _command_lines(command, words, options.value("I"), options.value("n")):
        if not words and "r" in options:
            break
        worst = max(worst, await run_child(call.invocation, command_line))
    return 0 if worst == 0 else 123 if worst < 126 else worst


def _command_lines(
    command: list[str], words: list[str], placeholder: str | None, count: str | None
) -> Iterator[list[str]]:
    if placeholder is not None:
        for word in words:
            yield [part.replace(placeholder, word) for part in command]
        return
    size = number(count) if count else MAX_ARGUMENTS
    if size < 1:
        raise AppletError("bad -n")
    for start in range(0, max(1, len(words)), size):
        yield [*command, *words[start : start + size]]


def _words(text: str) -> Iterator[str]:
    """Cut text at blanks; quotes and backslashes protect them."""
    pattern = re.compile(r"'([^']*)'|\"([^\"]*)\"|\\(.)|([^\s'\"\\]+)|(\s+)", re.S)
    word: str | None = None
    for match in pattern.finditer(text):
        if match[5] is not None:
            if word is not None:
                yield word
            word = None
            continue
        word = (word or "") + next(group for group in match.groups()[:4] if group is not None)
    if word is not None:
        yield word
