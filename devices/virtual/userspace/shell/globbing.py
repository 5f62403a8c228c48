"""File name patterns over the phone's tree."""

import posixpath
import re

from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.shell.errors import ShellError
from devices.virtual.userspace.shell.fields import Field, field_text
from devices.virtual.userspace.shell.patterns import compile_pattern

MAX_NAMES = 20_000  # a security limit
_MAGIC = re.compile(r"[*?\[]|[@+!]\(")


def expand_pattern(field: Field, files: FileTree, cwd: str) -> list[str]:
    """Return the names that fit, sorted; the pattern itself if none does."""
    if not any(_MAGIC.search(text) for text, is_quoted in field if not is_quoted):
        return [field_text(field)]
    components = _components(field)
    found = [""]
    for number, component in enumerate(components):
        is_last = number == len(components) - 1
        found = _step(found, component, files, cwd, is_last=is_last)
        if len(found) > MAX_NAMES:
            raise ShellError(f"more than {MAX_NAMES} file names")
    return found or [field_text(field)]


def _components(field: Field) -> list[Field]:
    """Cut a field at its slashes."""
    components: list[Field] = [[]]
    for text, is_quoted in field:
        first, *others = text.split("/")
        components[-1].append((first, is_quoted))
        components.extend([(other, is_quoted)] for other in others)
    return components


def _step(
    found: list[str], component: Field, files: FileTree, cwd: str, *, is_last: bool
) -> list[str]:
    """Extend each path found so far by one component; all but the last get a slash."""
    slash = "" if is_last else "/"
    pattern = compile_pattern(component)
    if pattern.is_literal:
        name = field_text(component)
        paths = [f"{base}{name}{slash}" for base in found]
        return [path for path in paths if files.exists(absolute(path, cwd))]
    extended = []
    for base in found:
        for name in _names(files, absolute(base or ".", cwd)):
            if name.startswith(".") and not pattern.starts_with_dot:
                continue
            path = f"{base}{name}"
            if pattern.matches(name) and (is_last or files.is_dir(absolute(path, cwd))):
                extended.append(path + slash)
    return extended


def _names(files: FileTree, directory: str) -> list[str]:
    try:
        return files.listdir(directory)
    except OSError:
        return []


def absolute(path: str, cwd: str) -> str:
    """Return `path` seen from `cwd`; what `..` means is left to the tree."""
    return path if path.startswith("/") else posixpath.join(cwd, path)
