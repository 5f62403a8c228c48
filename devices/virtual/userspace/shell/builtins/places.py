"""cd, pwd, umask and realpath."""

import errno
import os
import posixpath

from devices.virtual.userspace.shell.errors import Refusal
from devices.virtual.userspace.shell.shell import Shell


async def cd(shell: Shell, args: list[str]) -> int:
    """Change the directory; `cd -` goes back and says where it is."""
    args = [arg for arg in args if arg not in ("-L", "-P", "--")]
    if len(args) > 1:
        raise Refusal("too many arguments", 2)
    target = _target(shell, args)
    path = posixpath.normpath(posixpath.join(shell.cwd, target))
    refusal = _refusal(shell, path)
    if refusal:
        raise Refusal(f"{path if target else target}: {os.strerror(refusal)}", 2)
    shell.variables.set("OLDPWD", shell.cwd)
    shell.cwd = path
    shell.variables.set("PWD", path)
    if args == ["-"]:
        await shell.write(f"{path}\n")
    return 0


async def pwd(shell: Shell, args: list[str]) -> int:
    """Print the directory; with -P without links."""
    path = shell.system.files.resolve(shell.cwd) if "-P" in args else shell.cwd
    await shell.write(f"{path}\n")
    return 0


async def realpath(shell: Shell, args: list[str]) -> int:
    """Print a path without links; its last name need not exist."""
    args = [arg for arg in args if arg != "--"]
    if len(args) != 1:
        raise Refusal("syntax error")
    try:
        found = shell.system.files.resolve(shell.absolute(args[0]))
    except OSError as error:
        raise Refusal(f"{args[0]}: {error.strerror}", 2) from None
    await shell.write(f"{found}\n")
    return 0


async def umask(shell: Shell, args: list[str]) -> int:
    """Show or set the mode bits that new files do not get."""
    if args == ["-S"]:
        shown = ",".join(
            f"{who}={_letters(~shell.umask >> shift & 7)}"
            for who, shift in (("u", 6), ("g", 3), ("o", 0))
        )
        await shell.write(f"{shown}\n")
        return 0
    if not args:
        await shell.write(f"{shell.umask:03o}\n")
        return 0
    try:
        shell.umask = int(args[0], 8) & 0o777
    except ValueError:
        raise Refusal("bad mask") from None
    return 0


def _target(shell: Shell, args: list[str]) -> str:
    if not args:
        home = shell.variables.get("HOME")
        if not home:
            raise Refusal("no home directory (HOME not set)", 2)
        return home
    if args[0] != "-":
        return args[0]
    previous = shell.variables.get("OLDPWD")
    if previous is None:
        raise Refusal("no previous directory", 2)
    return previous


def _refusal(shell: Shell, path: str) -> int:
    """Return the errno that chdir(2) gives, 0 if it succeeds."""
    try:
        shell.system.files.stat(path)
    except OSError as error:
        return error.errno or errno.EIO
    if not shell.system.files.is_dir(path):
        return errno.ENOTDIR
    return 0 if shell.system.files.may(path, os.X_OK) else errno.EACCES


def _letters(bits: int) -> str:
    return "".join(letter for letter, bit in (("r", 4), ("w", 2), ("x", 1)) if bits & bit)
