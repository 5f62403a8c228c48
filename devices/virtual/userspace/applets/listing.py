"""ls and stat."""

import stat as modes
from datetime import UTC, datetime

from devices.virtual.userspace.applets.call import AppletError, Call, Options
from devices.virtual.userspace.applets.owners import group_name, user_name
from devices.virtual.userspace.inodes import Stat

_KINDS = {
    modes.S_IFDIR: "directory",
    modes.S_IFREG: "regular file",
    modes.S_IFLNK: "symbolic link",
    modes.S_IFCHR: "character device",
}


async def ls(call: Call) -> None:
    """List files."""
    options = call.options("aAldR1ctrSFphinZsog", long={"color": "1", "full-time": "l"})
    operands = list(options.operands) or ["."]
    files: list[str] = []
    directories: list[str] = []
    for operand in operands:
        stat = _stat(call, operand, follows="l" not in options)
        if stat is None:
            await call.complain(f"{operand}: No such file or directory")
        elif modes.S_ISDIR(stat.mode) and "d" not in options:
            directories.append(operand)
        else:
            files.append(operand)
    if files:
        await call.write(_listing(call, "", files, options, shows_total=False))
    has_titles = len(operands) > 1 or "R" in options
    for position, directory in enumerate(directories):
        gap = "\n" if files or position else ""
        await _directory(call, directory, options, title=gap if has_titles else None)


async def _directory(call: Call, path: str, options: Options, title: str | None) -> None:
    try:
        names = call.system.files.listdir(call.path(path))
    except OSError as error:
        await call.complain(f"{path}: {error.strerror}")
        return
    if "a" in options:
        names = [".", "..", *names]
    elif "A" not in options:
        names = [name for name in names if not name.startswith(".")]
    if title is not None:
        await call.write(f"{title}{path}:\n")
    base = "/" if path == "/" else f"{path}/"
    await call.write(_listing(call, base, names, options, shows_total="l" in options))
    if "R" in options:
        for name in names:
            stat = _stat(call, base + name, follows=False)
            if stat and modes.S_ISDIR(stat.mode) and name not in (".", ".."):
                await _directory(call, base + name, options, title="\n")


def _stat(call: Call, path: str, *, follows: bool) -> Stat | None:
    files = call.system.files
    try:
        return files.stat(call.path(path)) if follows else files.lstat(call.path(path))
    except OSError:
        pass
    try:
        return files.lstat(call.path(path))
    except OSError:
        return None


def _listing(
    call: Call, base: str, names: list[str], options: Options, *, shows_total: bool
) -> str:
    entries = []
    for name in names:
        stat = _stat(call, base + name, follows=False)
        if stat is not None:
            entries.append((name, stat))
    _sort(entries, options)
    if "l" not in options:
        return "".join(f"{name}{_mark(stat, options)}\n" for name, stat in entries)
    rows = [_row(call, base, name, stat, options) for name, stat in entries]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    lines = [_aligned(row, widths) for row in rows]
    total = sum(-(-stat.size // 4096) * 4 for _, stat in entries)
    return (f"total {total}\n" if shows_total else "") + "".join(lines)


def _sort(entries: list[tuple[str, Stat]], options: Options) -> None:
    if "t" in options:
        entries.sort(key=lambda entry: -entry[1].mtime_s)
    elif "S" in options:
        entries.sort(key=lambda entry: -entry[1].size)
    if "r" in options:
        entries.reverse()


def _mark(stat: Stat, options: Options) -> str:
    if modes.S_ISDIR(stat.mode) and ("F" in options or "p" in options):
        return "/"
    if "F" in options and modes.S_ISLNK(stat.mode):
        return "@"
    return "*" if "F" in options and stat.mode & 0o111 else ""


def _row(call: Call, base: str, name: str, stat: Stat, options: Options) -> tuple[str, ...]:
    if modes.S_ISLNK(stat.mode):
        name = f"{name} -> {call.system.files.readlink(call.path(base + name))}"
    numeric = "n" in options
    owner = str(stat.uid) if numeric else user_name(stat.uid)
    group = str(stat.gid) if numeric else group_name(stat.gid)
    time = datetime.fromtimestamp(stat.mtime_s, UTC).strftime("%Y-%m-%d %H:%M")
    mode = modes.filemode(stat.mode)
    return (mode, str(stat.nlink), owner, group, str(stat.size), time, name + _mark(stat, options))


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    mode, links, owner, group, size, time, name = row
    return (
        f"{mode} {links:>{widths[1]}} {owner:<{widths[2]}} {group:<{widths[3]}} "
        f"{size:>{widths[4]}} {time} {name}\n"
    )


async def stat(call: Call) -> None:
    """Show what the kernel knows of files, or with -c a part of it."""
    options = call.options("c:Lf")
    if not options.operands:
        raise AppletError('Needs 1 argument (see "stat --help")')
    for path in options.operands:
        found = _stat(call, path, follows="L" in options)
        if found is None:
            await call.complain(f"'{path}': No such file or directory")
            continue
        template = options.value("c")
        text = _filled(template, path, found) + "\n" if template else _full(path, found)
        await call.write(text)


def _filled(template: str, path: str, found: Stat) -> str:
    fields = {
        "a": f"{modes.S_IMODE(found.mode):o}",
        "A": modes.filemode(found.mode),
        "b": str(-(-found.size // 512)),
        "f": f"{found.mode:x}",
        "F": _kind(found),
        "g": str(found.gid),
        "G": group_name(found.gid),
        "h": str(found.nlink),
        "n": path,
        "N": f"'{path}'",
        "s": str(found.size),
        "u": str(found.uid),
        "U": user_name(found.uid),
        "X": str(found.mtime_s),
        "Y": str(found.mtime_s),
        "Z": str(found.mtime_s),
        "y": _time(found),
        "%": "%",
    }
    pieces = []
    characters = iter(template)
    for char in characters:
        if char == "%":
            letter = next(characters, "")
            pieces.append(fields.get(letter, f"%{letter}"))
        else:
            pieces.append(char)
    return "".join(pieces)


def _full(path: str, found: Stat) -> str:
    time = _time(found)
    return (
        f"  File: {path}\n  Size: {found.size}\t Blocks: {-(-found.size // 512)}\t"
        f" IO Blocks: 4096\t{_kind(found)}\n"
        f"Access: ({modes.S_IMODE(found.mode):04o}/{modes.filemode(found.mode)})\t"
        f"Uid: ({found.uid:5}/{user_name(found.uid):>8})\t"
        f"Gid: ({found.gid:5}/{group_name(found.gid):>8})\n"
        f"Access: {time}\nModify: {time}\nChange: {time}\n"
    )


def _kind(found: Stat) -> str:
    kind = _KINDS.get(modes.S_IFMT(found.mode), "unknown")
    return "regular empty file" if kind == "regular file" and not found.size else kind


def _time(found: Stat) -> str:
    return datetime.fromtimestamp(found.mtime_s, UTC).strftime("%Y-%m-%d %H:%M:%S.000000000 +0000")
