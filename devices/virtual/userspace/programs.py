"""All programs of a virtual phone, and how they come into its file tree."""

from collections.abc import Mapping

from devices.virtual.kernel.node import Node
from devices.virtual.userspace.applets.call import Applet, program
from devices.virtual.userspace.applets.properties import getprop, setprop
from devices.virtual.userspace.applets.reading import cat, head, tail, tee, wc
from devices.virtual.userspace.execution import BINARIES
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.shell.program import sh
from devices.virtual.userspace.system import Program

# What a 64-bit ARM program begins with: enough for whoever looks at its first bytes.
_ELF_HEADER = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\xb7\x00\x01\x00\x00\x00" + bytes(40)
_MODE = 0o755

APPLETS: dict[str, Applet] = {
    "cat": cat,
    "getprop": getprop,
    "head": head,
    "setprop": setprop,
    "tail": tail,
    "tee": tee,
    "wc": wc,
}


def all_programs(extra: Mapping[str, Program] | None = None) -> dict[str, Program]:
    """Return everything that stands in /system/bin, by name."""
    programs: dict[str, Program] = {name: program(run) for name, run in APPLETS.items()}
    return {**programs, "sh": sh, **(extra or {})}


def install(programs: Mapping[str, Program], files: FileTree) -> None:
    """Show programs as files."""
    node = Node(lambda: _ELF_HEADER, None, _MODE)
    for name in programs:
        files.mount(f"{BINARIES}/{name}", node, size=len(_ELF_HEADER))
