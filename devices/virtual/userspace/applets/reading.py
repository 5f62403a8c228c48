"""cat, head, tail, tee and wc."""

from devices.virtual.userspace.applets.call import AppletError, Call, number
from devices.virtual.userspace.streams import ByteReader

_PIECE = 64 * 1024


async def cat(call: Call) -> int | None:
    """Copy files to standard output."""
    operands = call.options("uevt").operands or ("-",)
    for path in operands:
        if path == "-":
            await _copy(call, call.invocation.stdin)
            continue
        data = await call.content(path)
        if data:
            await call.write_bytes(data)
    return None


async def _copy(call: Call, stdin: ByteReader) -> None:
    try:
        while piece := await stdin.read(_PIECE):
            await call.write_bytes(piece)
    except BrokenPipeError:
        raise
    except OSError as error:
        await call.complain(f"-: {error.strerror}")


async def head(call: Call) -> int | None:
    """Print the first lines or bytes."""
    options = call.options("n:c:qv0123456789")
    operands = options.operands or ("-",)
    shows_names = ("v" in options or len(operands) > 1) and "q" not in options
    for position, path in enumerate(operands):
        if shows_names:
            await call.write(f"{chr(10) if position else ''}==> {path} <==\n")
        count = options.value("c")
        if path == "-":
            await _head_of_stream(call, _line_count(call, options.value("n")), count)
            continue
        data = await call.content(path)
        if data is not None:
            await call.write_bytes(_head(data, _line_count(call, options.value("n")), count))
    return None


def _line_count(call: Call, given: str | None) -> int:
    """Return what -n says, or the old form -5."""
    old = "".join(arg[1:] for arg in call.args if arg[:1] == "-" and arg[1:].isdecimal())
    return number(given) if given is not None else int(old or 10)


async def _head_of_stream(call: Call, lines: int, count: str | None) -> None:
    stdin = call.invocation.stdin
    if count is not None or lines < 0:
        await call.write_bytes(_head(await stdin.read(), lines, count))
        return
    for _ in range(lines):
        line = await stdin.readline()
        if not line:
            return
        await call.write_bytes(line)


def _head(data: bytes, lines: int, count: str | None) -> bytes:
    if count is not None:
        return data[: number(count)]
    return b"".join(_split(data)[:lines])


def _split(data: bytes) -> list[bytes]:
    pieces = [line + b"\n" for line in data.split(b"\n")]
    pieces[-1] = pieces[-1][:-1]
    return [piece for piece in pieces if piece]


async def tail(call: Call) -> int | None:
    """Print the last lines or bytes; `+n` counts from the start."""
    options = call.options("n:c:qfF0123456789")
    if "f" in options or "F" in options:
        raise AppletError("-f is not supported here")
    for path in options.operands or ("-",):
        data = await call.content(path)
        if data is None:
            continue
        count = options.value("c")
        if count is not None:
            await call.write_bytes(_tail_bytes(data, count))
            continue
        given = options.value("n")
        is_from_start = given is not None and given.startswith("+")
        lines = _line_count(call, given)
        pieces = _split(data)
        if is_from_start:
            await call.write_bytes(b"".join(pieces[max(0, lines - 1) :]))
        elif lines:
            await call.write_bytes(b"".join(pieces[-abs(lines) :]))
    return None


def _tail_bytes(data: bytes, count: str) -> bytes:
    if count.startswith("+"):
        return data[max(0, number(count) - 1) :]
    return data[-abs(number(count)) :] if number(count) else b""


async def tee(call: Call) -> int | None:
    """Copy standard input to standard output and to files."""
    options = call.options("ai")
    paths = [call.path(path) for path in options.operands]
    for path in paths:
        call.system.files.write(path, b"", append="a" in options)
    while piece := await call.invocation.stdin.read(_PIECE):
        await call.write_bytes(piece)
        for path in paths:
            call.system.files.write(path, piece, append=True)
    return None


async def wc(call: Call) -> int | None:
    """Count lines, words and bytes."""
    options = call.options("lwcmL")
    letters = [letter for letter in "lwcm" if letter in options] or ["l", "w", "c"]
    totals = dict.fromkeys(letters, 0)
    operands = options.operands or ("-",)
    for path in operands:
        data = await call.content(path)
        if data is None:
            continue
        counts = {letter: _count(data, letter) for letter in letters}
        totals = {letter: totals[letter] + counts[letter] for letter in letters}
        await call.write(_counts(counts, path if options.operands else ""))
    if len(operands) > 1:
        await call.write(_counts(totals, "total"))
    return None


def _count(data: bytes, letter: str) -> int:
    if letter == "l":
        return data.count(b"\n")
    if letter == "w":
        return len(data.split())
    return len(data) if letter == "c" else len(data.decode("utf-8", "replace"))


def _counts(counts: dict[str, int], name: str) -> str:
    numbers = list(counts.values())
    shown = str(numbers[0]) if len(numbers) == 1 else " ".join(f"{n:7d}" for n in numbers)
    return f"{shown} {name}\n" if name else f"{shown}\n"
