"""mkdir, rmdir, rm, mv, cp, ln, touch, chmod, chown and truncate."""

import posixpath
import re
import stat as modes
from secrets import token_hex

from devices.virtual.userspace.applets.call import AppletError, Call, Options
from devices.virtual.userspace.applets.owners import number_of
from devices.virtual.userspace.files import FileTree

_SYMBOLIC = re.compile(r"([ugoa]*)([-+=])([rwxXst]*)\Z")
_WHO = {"u": 0o4700, "g": 0o2070, "o": 0o1007}
_BITS = {"r": 0o444, "w": 0o222, "x": 0o111, "s": 0o6000, "t": 0o1000}


async def mkdir(call: Call) -> None:
    """Make directories, with -p their parents too."""
    options = call.options("pm:v", long={"parents": "p", "mode": "m"})
    _need(call, options.operands, 1)
    mode = _mode(options.value("m") or "755", 0)
    for path in options.operands:
        try:
            if "p" in options:
                _make_with_parents(call, path, mode)
            else:
                call.system.files.mkdir(call.path(path), mode)
        except OSError as error:
            await call.complain(f"'{path}': {error.strerror}")


def _make_with_parents(call: Call, path: str, mode: int) -> None:
    files = call.system.files
    at = "/"
    for name in call.path(path).strip("/").split("/"):
        at = posixpath.join(at, name)
        if not files.is_dir(at):
            files.mkdir(at, mode)


async def rmdir(call: Call) -> None:
    """Remove empty directories."""
    options = call.options("p")
    _need(call, options.operands, 1)
    for path in options.operands:
        try:
            call.system.files.rmdir(call.path(path))
        except OSError as error:
            await call.complain(f"{path}: {error.strerror}")


async def rm(call: Call) -> None:
    """Remove files, with -r directories too."""
    options = call.options("fiRrv")
    if "f" not in options:
        _need(call, options.operands, 1)
    for path in options.operands:
        await _remove(call, path, options)


async def _remove(call: Call, path: str, options: Options) -> None:
    files = call.system.files
    try:
        stat = files.lstat(call.path(path))
        if not modes.S_ISDIR(stat.mode):
            files.remove(call.path(path))
        elif "r" in options or "R" in options:
            for name in files.listdir(call.path(path)):
                await _remove(call, f"{path.rstrip('/')}/{name}", options)
            files.rmdir(call.path(path))
        else:
            await call.complain(f"{path}: is directory")
    except FileNotFoundError as error:
        if "f" not in options:
            await call.complain(f"{path}: {error.strerror}")
    except OSError as error:
        await call.complain(f"{path}: {error.strerror}")


async def mv(call: Call) -> None:
    """Move files."""
    options = call.options("finv")
    for source, target in _pairs(call, options):
        if "n" in options and call.system.files.exists(call.path(target)):
            continue
        try:
            call.system.files.rename(call.path(source), call.path(target))
        except OSError as error:
            await call.complain(f"bad '{source}': {error.strerror}")


async def cp(call: Call) -> None:
    """Copy files, with -r directories too."""
    options = call.options("rRpafdvnLHP", long={"recursive": "r", "preserve": "p"})
    for source, target in _pairs(call, options):
        try:
            await _copy(call, source, target, options)
        except OSError as error:
            await call.complain(f"bad '{error.filename or source}': {error.strerror}")


async def _copy(call: Call, source: str, target: str, options: Options) -> None:
    files = call.system.files
    start, end = call.path(source), call.path(target)
    stat = files.stat(start)
    if modes.S_ISDIR(stat.mode):
        if not {"r", "R", "a"} & {letter for letter, _ in options.given}:
            await call.complain(f"Skipped dir '{source}'")
            return
        if not files.is_dir(end):
            files.mkdir(end, modes.S_IMODE(stat.mode))
        for name in files.listdir(start):
            await _copy(call, f"{source}/{name}", f"{target}/{name}", options)
        return
    if "n" in options and files.exists(end):
        return
    files.write(end, files.read(start), mode=modes.S_IMODE(stat.mode))
    if "p" in options or "a" in options:
        files.utime(end, stat.mtime_s)


def _pairs(call: Call, options: Options) -> list[tuple[str, str]]:
    """Return what goes where: into a directory, or onto a name."""
    _need(call, options.operands, 2)
    *sources, target = options.operands
    if call.system.files.is_dir(call.path(target)):
        base = target.rstrip("/")
        return [(source, f"{base}/{posixpath.basename(source.rstrip('/'))}") for source in sources]
    if len(sources) > 1:
        raise AppletError(f"'{target}' not directory")
    return [(sources[0], target)]


async def ln(call: Call) -> None:
    """Make symbolic links; the phone's file system here knows no hard ones."""
    options = call.options("sfnv")
    _need(call, options.operands, 1)
    if "s" not in options:
        raise AppletError("cannot create hard link: Operation not permitted")
    *targets, name = options.operands if len(options.operands) > 1 else (*options.operands, ".")
    files = call.system.files
    for target in targets:
        path = call.path(name)
        if files.is_dir(path):
            path = f"{path}/{posixpath.basename(target)}"
        try:
            if "f" in options and _is_there(files, path):
                files.remove(path)
            files.symlink(target, path)
        except OSError as error:
            await call.complain(
                f"cannot create symlink from '{target}' to '{name}': {error.strerror}"
            )


def _is_there(files: FileTree, path: str) -> bool:
    try:
        files.lstat(path)
    except OSError:
        return False
    return True


async def readlink(call: Call) -> int:
    """Print where links point, with -f where a path ends."""
    options = call.options("fen")
    files = call.system.files
    status = 0
    for path in options.operands:
        try:
            found = (
                files.resolve(call.path(path))
                if "f" in options
                else files.readlink(call.path(path))
            )
        except OSError:
            status = 1
            continue
        await call.write(found + ("" if "n" in options else "\n"))
    return status


async def realpath(call: Call) -> None:
    """Print where paths end, without links."""
    for path in call.options("fm").operands:
        try:
            await call.write(f"{call.system.files.resolve(call.path(path))}\n")
        except OSError as error:
            await call.complain(f"{path}: {error.strerror}")


async def mktemp(call: Call) -> None:
    """Make a file, or with -d a directory, whose name nobody has."""
    options = call.options("dqtup:")
    template = options.operands[0] if options.operands else "tmp.XXXXXXXXXX"
    count = len(template) - len(template.rstrip("X"))
    if count < 2:
        raise AppletError(f"need XX in template '{template}'")
    folder = options.value("p") or ("" if options.operands else "/data/local/tmp")
    name = template.rstrip("X") + token_hex(count)[:count]
    path = posixpath.join(folder, name)
    if "d" in options:
        call.system.files.mkdir(call.path(path), 0o700)
    else:
        call.system.files.write(call.path(path), b"", mode=0o600)
    await call.write(f"{path}\n")


async def touch(call: Call) -> None:
    """Make files, or set their time to now."""
    options = call.options("acmd:t:r:h")
    files = call.system.files
    for path in options.operands:
        try:
            if files.exists(call.path(path)):
                files.utime(call.path(path), call.system.clock.wall_s())
            elif "c" not in options:
                files.write(call.path(path), b"")
        except OSError as error:
            await call.complain(f"'{path}': {error.strerror}")


async def truncate(call: Call) -> None:
    """Set the size of files."""
    options = call.options("cs:")
    size = options.value("s") or ""
    if not size.isdecimal():
        raise AppletError("bad size")
    files = call.system.files
    for path in options.operands:
        old = files.read(call.path(path)) if files.exists(call.path(path)) else b""
        files.write(call.path(path), old[: int(size)].ljust(int(size), b"\0"))


async def chmod(call: Call) -> None:
    """Change permission bits."""
    args = list(call.args)
    recursive = False
    while args and args[0] in ("-R", "-v", "-f", "-Rf", "-Rv"):
        recursive = recursive or "R" in args.pop(0)
    _need(call, args, 2)
    mode, *paths = args
    for path in paths:
        await _chmod(call, path, mode, recursive=recursive)


async def _chmod(call: Call, path: str, mode: str, *, recursive: bool) -> None:
    files = call.system.files
    try:
        old = files.stat(call.path(path)).mode
        files.chmod(call.path(path), _mode(mode, old))
        if recursive and modes.S_ISDIR(old):
            for name in files.listdir(call.path(path)):
                await _chmod(call, f"{path}/{name}", mode, recursive=True)
    except OSError as error:
        await call.complain(f"chmod '{path}' to {mode}: {error.strerror}")


def _mode(text: str, old: int) -> int:
    """Return the bits that `644` or `u+x,go-w` makes of the old ones."""
    if text and set(text) <= set("01234567"):
        return int(text, 8) & 0o7777
    mode = modes.S_IMODE(old)
    for clause in text.split(","):
        match = _SYMBOLIC.match(clause)
        if not match:
            raise AppletError(f"bad mode '{text}'")
        mode = _changed(mode, *match.groups(), is_directory=modes.S_ISDIR(old))
    return mode


def _changed(mode: int, who: str, operator: str, letters: str, *, is_directory: bool) -> int:
    mask = 0
    for letter in who.replace("a", "ugo") or "ugo":
        mask |= _WHO[letter]
    bits = 0
    for letter in letters:
        if letter == "X":
            bits |= 0o111 if is_directory or mode & 0o111 else 0
        else:
            bits |= _BITS[letter]
    bits &= mask
    if operator == "=":
        return mode & ~mask | bits
    return mode | bits if operator == "+" else mode & ~bits


async def chown(call: Call) -> None:
    """Give files to another user."""
    options = call.options("Rhfv")
    _need(call, options.operands, 2)
    owner, *paths = options.operands
    user, _, group = owner.partition(":")
    files = call.system.files
    for path in paths:
        try:
            stat = files.stat(call.path(path))
            uid = number_of(user) if user else stat.uid
            gid = number_of(group) if group else stat.gid
            files.chown(call.path(path), uid, gid)
        except OSError as error:
            await call.complain(f"'{path}' to '{owner}': {error.strerror}")


def _need(call: Call, words: tuple[str, ...] | list[str], count: int) -> None:
    if len(words) < count:
        plural = "s" if count > 1 else ""
        raise AppletError(f'Need {count} argument{plural} (see "{call.name} --help")')
