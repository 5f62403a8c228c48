"""Files by absolute path, arranged as the folders that they are in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from devices.virtual.kernel.node import KernelFile

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine


@dataclass(slots=True, eq=False)
class Folder:
    """One folder of a model, shared by all its phones."""

    entries: dict[str, "Folder | KernelFile"] = field(default_factory=dict)
    is_there: Callable[["Machine"], bool] | None = None  # None: always


def folders_of(files: Mapping[str, KernelFile]) -> Folder:
    """Return the root of these files; a folder comes and goes with what is in it."""
    root = Folder()
    for path, file in files.items():
        *parents, name = path.strip("/").split("/")
        here = root
        for parent in parents:
            below = here.entries.setdefault(parent, Folder())
            assert isinstance(below, Folder)
            here = below
        here.entries[name] = file
        here.is_there = file.is_there or here.is_there
    return root
