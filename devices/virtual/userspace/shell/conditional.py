"""What `[[ … ]]`, `[ … ]` and `test` can ask of files, texts and numbers."""

import os
import stat as modes
from collections.abc import Callable

from devices.virtual.userspace.execution import may_execute
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.inodes import Stat
from devices.virtual.userspace.shell.arithmetic import Names, evaluate
from devices.virtual.userspace.shell.errors import BadNumber, ShellError
from devices.virtual.userspace.shell.expansion import Expander
from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.shell.syntax import (
    TestBinary,
    TestJoin,
    TestNode,
    TestNot,
    TestUnary,
    TestWord,
)

_NUMBER_TESTS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda left, right: left == right,
    "-ne": lambda left, right: left != right,
    "-lt": lambda left, right: left < right,
    "-le": lambda left, right: left <= right,
    "-gt": lambda left, right: left > right,
    "-ge": lambda left, right: left >= right,
}
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda left, right: left == right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
}
_MODE_TESTS: dict[str, Callable[[Stat], bool]] = {
    "-a": lambda _: True,
    "-e": lambda _: True,
    "-b": lambda stat: modes.S_ISBLK(stat.mode),
    "-c": lambda stat: modes.S_ISCHR(stat.mode),
    "-d": lambda stat: modes.S_ISDIR(stat.mode),
    "-f": lambda stat: modes.S_ISREG(stat.mode),
    "-g": lambda stat: bool(stat.mode & modes.S_ISGID),
    "-k": lambda stat: bool(stat.mode & modes.S_ISVTX),
    "-p": lambda stat: modes.S_ISFIFO(stat.mode),
    "-s": lambda stat: stat.size > 0,
    "-S": lambda stat: modes.S_ISSOCK(stat.mode),
    "-u": lambda stat: bool(stat.mode & modes.S_ISUID),
}
_ACCESS_TESTS = {"-r": os.R_OK, "-w": os.W_OK}


async def holds(node: TestNode, shell: Shell, expander: Expander, names: Names) -> bool:
    """Evaluate `[[ … ]]`: patterns are matched, `&&` and `||` stop early."""
    if isinstance(node, TestJoin):
        left = await holds(node.left, shell, expander, names)
        if left is (node.operator == "||"):
            return left
        return await holds(node.right, shell, expander, names)
    if isinstance(node, TestNot):
        return not await holds(node.operand, shell, expander, names)
    if isinstance(node, TestWord):
        return bool(await expander.text(node.word))
    if isinstance(node, TestUnary):
        return unary(node.operator, await expander.text(node.operand), shell)
    return await _binary_holds(node, shell, expander, names)


async def _binary_holds(node: TestBinary, shell: Shell, expander: Expander, names: Names) -> bool:
    left = await expander.text(node.left)
    if node.operator in ("=", "==", "!="):
        is_match = (await expander.pattern(node.right)).matches(left)
        return is_match is not (node.operator == "!=")
    return binary(left, node.operator, await expander.text(node.right), shell, names)


def unary(operator: str, operand: str, shell: Shell) -> bool:
    """Evaluate `-f path` and the like; a file that cannot be seen fails every test."""
    if operator == "-n":
        return bool(operand)
    if operator == "-z":
        return not operand
    if operator == "-o":
        return operand in shell.options
    if operator == "-t":
        return False
    return _file_test(operator, shell.absolute(operand) if operand else "", shell.system.files)


def binary(left: str, operator: str, right: str, shell: Shell, names: Names) -> bool:
    """Evaluate `a -lt b`, `a < b`, `f -nt g` and the like; no patterns."""
    if operator in _NUMBER_TESTS:
        return _NUMBER_TESTS[operator](_number(left, names), _number(right, names))
    if operator in _TEXT_TESTS:
        return _TEXT_TESTS[operator](left, right)
    return _compare_files(shell.absolute(left), operator, shell.absolute(right), shell.system.files)


def _number(text: str, names: Names) -> int:
    try:
        return evaluate(text, names)
    except ShellError as error:
        raise BadNumber(str(error), 2) from None


def _file_test(operator: str, path: str, files: FileTree) -> bool:
    if operator == "-x":
        return may_execute(files, path)
    if operator in _ACCESS_TESTS:
        return files.may(path, _ACCESS_TESTS[operator])
    try:
        if operator in ("-h", "-L"):
            return modes.S_ISLNK(files.lstat(path).mode)
        stat = files.stat(path)
    except OSError:
        return False
    if operator == "-O":
        return stat.uid == files.uid
    if operator == "-G":
        return stat.gid == files.uid
    test = _MODE_TESTS.get(operator)
    return test is not None and test(stat)


def _compare_files(left: str, operator: str, right: str, files: FileTree) -> bool:
    old, new = _time(files, right), _time(files, left)
    if operator == "-nt":
        return new is not None and (old is None or new > old)
    if operator == "-ot":
        return old is not None and (new is None or new < old)
    if old is None or new is None:
        return False
    return files.resolve(left) == files.resolve(right)


def _time(files: FileTree, path: str) -> int | None:
    try:
        return files.stat(path).mtime_s
    except OSError:
        return None
