"""The files that the kernel shows under /sys and /proc, and the habits of single models."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import TYPE_CHECKING
from weakref import finalize

from devices.virtual.kernel.cpufreq_files import cpu_files
from devices.virtual.kernel.cpuidle_files import cpuidle_files
from devices.virtual.kernel.devfreq_files import devfreq_files
from devices.virtual.kernel.disguise import disguised
from devices.virtual.kernel.folders import Folder, folders_of
from devices.virtual.kernel.gpu_files import gpu_files
from devices.virtual.kernel.hotplug import hotplug_files
from devices.virtual.kernel.node import KernelFile
from devices.virtual.kernel.procfs import proc_files
from devices.virtual.kernel.screen import backlight_files
from devices.virtual.kernel.supply import supply_files
from devices.virtual.kernel.thermal_files import THERMAL, thermal_files

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

__all__ = ["THERMAL", "ModelFiles", "files_of"]

_OWNER_ONLY = 0o700  # root may, the shell of adb may not
#: Each makes the files of a whole model after one phone of it, and keeps nothing of that phone.
_PARTS: tuple[Callable[["Machine"], dict[str, KernelFile]], ...] = (
    hotplug_files,
    cpu_files,
    cpuidle_files,
    thermal_files,
    devfreq_files,
    gpu_files,
    supply_files,
    backlight_files,
    proc_files,
)


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files of all phones of one model."""

    plain: dict[str, KernelFile]  # by absolute path, as the kernel means them
    shown: Folder  # the root of those that Android shows: with holes, lies and odd units


_MODELS: dict[int, ModelFiles] = {}  # by the identity of the model's facts


def files_of(machine: "Machine") -> ModelFiles:
    """Return the files of a machine's model, which all its phones in this process share."""
    spec = machine.spec
    files = _MODELS.get(id(spec))
    if files is None:
        plain = _plain(machine)
        files = _MODELS[id(spec)] = ModelFiles(plain, folders_of(disguised(spec, plain)))
        finalize(spec, _MODELS.pop, id(spec))
    return files


def _plain(like: "Machine") -> dict[str, KernelFile]:
    files = {path: file for part in _PARTS for path, file in part(like).items()}
    quirks = like.spec.quirks
    for path in list(files):
        if any(fnmatch(path, pattern) for pattern in quirks.missing):
            del files[path]
        elif any(fnmatch(path, pattern) for pattern in quirks.denied):
            files[path] = replace(files[path], mode=files[path].mode & _OWNER_ONLY)
    return files
