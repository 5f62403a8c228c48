"""sort, uniq, cut, tr, seq, basename, dirname and the like."""

import posixpath
import re
from collections.abc import Iterator

from devices.virtual.userspace.applets.call import AppletError, Call, Options, lines_of, number
from devices.virtual.userspace.characters import CLASSES
from devices.virtual.userspace.shell.escapes import echoed

_LEADING_NUMBER = re.compile(rb"\s*(-?\d*\.?\d*)")
_RANGE = re.compile(r"(\d*)(-?)(\d*)\Z")
MAX_SEQUENCE = 1_000_000  # a security limit


async def sort(call: Call) -> None:
    """Sort lines."""
    options = call.options("nrufbdghk:t:o:szc")
    lines: list[bytes] = []
    for path in options.operands or ("-",):
        data = await call.content(path)
        lines.extend(lines_of(data or b""))
    lines.sort(key=lambda line: _sort_key(line, options), reverse="r" in options)
    if "u" in options:
        lines = _without_repeats(lines, options)
    output = b"".join(line + b"\n" for line in lines)
    target = options.value("o")
    if target:
        call.system.files.write(call.path(target), output)
    else:
        await call.write_bytes(output)


def _sort_key(line: bytes, options: Options) -> tuple[object, ...]:
    keys: list[object] = []
    for key in options.values("k") or [""]:
        part = _key_part(line, key, options.value("t")) if key else line
        is_number = "n" in options or "g" in options or "n" in key
        if is_number:
            match = _LEADING_NUMBER.match(part)
            text = match[1] if match else b""
            keys.append(float(text) if text.strip(b"-.") else 0.0)
        else:
            keys.append(part.lower() if "f" in options else part)
    return (*keys, b"" if "s" in options or "u" in options else line)


def _key_part(line: bytes, key: str, separator: str | None) -> bytes:
    """Cut out the fields that `2`, `2,3` or `2n` names."""
    start, comma, end = re.sub(r"[a-zA-Z]", "", key).partition(",")
    fields = line.split(separator.encode()) if separator else line.split()
    first = max(0, int(start.split(".")[0] or 1) - 1)
    last = int(end.split(".")[0]) if comma and end else len(fields)
    return (separator or " ").encode().join(fields[first:last])


def _without_repeats(lines: list[bytes], options: Options) -> list[bytes]:
    kept: list[bytes] = []
    last: object = None
    for line in lines:
        key = _sort_key(line, options)
        if not kept or key != last:
            kept.append(line)
        last = key
    return kept


async def uniq(call: Call) -> None:
    """Drop repeated lines."""
    options = call.options("cduif:s:w:z")
    data = await call.content(options.operands[0] if options.operands else "-")
    runs: list[tuple[bytes, int]] = []
    for line in lines_of(data or b""):
        same = runs and (
            runs[-1][0].lower() == line.lower() if "i" in options else runs[-1][0] == line
        )
        if same:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((line, 1))
    for line, count in runs:
        if ("d" in options and count == 1) or ("u" in options and count > 1):
            continue
        prefix = b"%7d " % count if "c" in options else b""
        await call.write_bytes(prefix + line + b"\n")


async def cut(call: Call) -> None:
    """Print parts of lines."""
    options = call.options("d:f:c:b:sO:n")
    kind = next((letter for letter in "fcb" if letter in options), None)
    if kind is None:
        raise AppletError('needs -bcfF (see "cut --help")')
    wanted = list(_ranges(options.value(kind) or ""))
    delimiter = (options.value("d") or "\t").encode("utf-8", "surrogateescape")
    for path in options.operands or ("-",):
        data = await call.content(path)
        pieces = []
        for line in lines_of(data or b""):
            if kind == "f":
                found = _fields(line, delimiter, wanted, drops="s" in options)
            else:
                found = _characters(line, wanted, is_bytes=kind == "b")
            if found is not None:
                pieces.append(found + b"\n")
        await call.write_bytes(b"".join(pieces))


def _ranges(text: str) -> Iterator[tuple[int, int | None]]:
    for item in text.split(","):
        match = _RANGE.match(item)
        if not match or not (match[1] or match[3]):
            raise AppletError(f"bad range: {text}")
        first = int(match[1] or 1)
        last = None if match[2] and not match[3] else int(match[3] or first)
        yield first, last


def _is_wanted(position: int, wanted: list[tuple[int, int | None]]) -> bool:
    return any(first <= position and (last is None or position <= last) for first, last in wanted)


def _fields(
    line: bytes, delimiter: bytes, wanted: list[tuple[int, int | None]], *, drops: bool
) -> bytes | None:
    if delimiter not in line:
        return None if drops else line
    fields = line.split(delimiter)
    kept = [field for at, field in enumerate(fields, 1) if _is_wanted(at, wanted)]
    return delimiter.join(kept)


def _characters(line: bytes, wanted: list[tuple[int, int | None]], *, is_bytes: bool) -> bytes:
    if is_bytes:
        return bytes(byte for at, byte in enumerate(line, 1) if _is_wanted(at, wanted))
    text = line.decode("utf-8", "surrogateescape")
    kept = "".join(char for at, char in enumerate(text, 1) if _is_wanted(at, wanted))
    return kept.encode("utf-8", "surrogateescape")


async def tr(call: Call) -> None:
    """Replace, delete or squeeze characters."""
    options = call.options("dscC")
    if not options.operands:
        raise AppletError('Need 1 argument (see "tr --help")')
    first = _character_list(options.operands[0])
    second = _character_list(options.operands[1]) if len(options.operands) > 1 else []
    if "c" in options or "C" in options:
        first = [char for char in map(chr, range(256)) if char not in first]
    deletes = "d" in options
    squeezed = set(second if second else first) if "s" in options else set()
    if deletes and "s" not in options:
        squeezed = set()
    table = {} if deletes else dict(zip(first, _padded(second, len(first)), strict=False))
    text = (await call.invocation.stdin.read()).decode("utf-8", "surrogateescape")
    doomed = set(first) if deletes else set()
    await call.write(_translated(text, table, doomed, squeezed))


def _padded(characters: list[str], length: int) -> list[str]:
    return characters + characters[-1:] * max(0, length - len(characters))


def _translated(text: str, table: dict[str, str], doomed: set[str], squeezed: set[str]) -> str:
    pieces: list[str] = []
    for char in text:
        if char in doomed:
            continue
        new = table.get(char, char)
        if new in squeezed and pieces and pieces[-1] == new:
            continue
        pieces.append(new)
    return "".join(pieces)


def _character_list(text: str) -> list[str]:
    """Spell out `a-z`, `[:digit:]` and escapes."""
    text = echoed(text).text
    characters: list[str] = []
    at = 0
    while at < len(text):
        match = re.compile(r"\[:(\w+):\]").match(text, at)
        if match and match[1] in CLASSES:
            accepts = CLASSES[match[1]]
            characters.extend(char for char in map(chr, range(128)) if accepts(char))
            at = match.end()
        elif text[at + 1 : at + 2] == "-" and at + 2 < len(text):
            characters.extend(map(chr, range(ord(text[at]), ord(text[at + 2]) + 1)))
            at += 3
        else:
            characters.append(text[at])
            at += 1
    return characters


async def rev(call: Call) -> None:
    """Turn each line around."""
    for path in call.options("").operands or ("-",):
        data = await call.content(path) or b""
        text = data.decode("utf-8", "surrogateescape")
        await call.write("".join(f"{line[::-1]}\n" for line in text.splitlines()))


async def seq(call: Call) -> None:
    """Count."""
    args = [arg for arg in call.args if arg != "-w"]
    if not 1 <= len(args) <= 3:
        raise AppletError('Need 1 argument (see "seq --help")')
    values = [number(arg) for arg in args]
    first, last = (values[0], values[-1]) if len(values) > 1 else (1, values[0])
    step = values[1] if len(values) == 3 else 1
    if step == 0:
        raise AppletError("bad step 0")
    count = (last - first) // step + 1
    if count > MAX_SEQUENCE:
        raise AppletError(f"more than {MAX_SEQUENCE} numbers")
    await call.write("".join(f"{value}\n" for value in range(first, first + count * step, step)))


async def basename(call: Call) -> None:
    """Print the last name of a path."""
    options = call.options("as:")
    names = list(options.operands)
    suffix = options.value("s") or ""
    if "a" not in options and "s" not in options and len(names) == 2:
        suffix = names.pop()
    if not names:
        raise AppletError('Need 1 argument (see "basename --help")')
    for path in names:
        name = posixpath.basename(path.rstrip("/")) or path[:1]
        if suffix and name != suffix:
            name = name.removesuffix(suffix)
        await call.write(f"{name}\n")


async def dirname(call: Call) -> None:
    """Print a path without its last name."""
    for path in call.args:
        stripped = path.rstrip("/")
        found = posixpath.dirname(stripped) if stripped else "/"
        await call.write(f"{found or '.'}\n")
