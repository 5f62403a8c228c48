"""All programs of a virtual phone, and how they come into its file tree."""

from collections import ChainMap
from collections.abc import Mapping

from devices.virtual.kernel.node import Node
from devices.virtual.userspace.applets import (
    android,
    changing,
    clocks,
    facts,
    launching,
    listing,
    owners,
    properties,
    reading,
    rooting,
    settings,
    storage,
    sums,
    tasks,
    text,
)
from devices.virtual.userspace.applets.call import Applet, program
from devices.virtual.userspace.applets.cmd import cmd
from devices.virtual.userspace.applets.dumping import od
from devices.virtual.userspace.applets.dumpsys import dumpsys
from devices.virtual.userspace.applets.finding import find, xargs
from devices.virtual.userspace.applets.searching import grep
from devices.virtual.userspace.applets.sed import sed
from devices.virtual.userspace.applets.shellwords import echo, expr, printf, test
from devices.virtual.userspace.applets.top import top
from devices.virtual.userspace.execution import BINARIES
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.inodes import Mounted
from devices.virtual.userspace.shell.program import sh
from devices.virtual.userspace.system import Program

# What a 64-bit ARM program begins with: enough for whoever looks at its first bytes.
_ELF_HEADER = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\xb7\x00\x01\x00\x00\x00" + bytes(40)
_MODE = 0o755

APPLETS: dict[str, Applet] = {
    "[": test,
    "am": android.am,
    "base64": sums.base64,
    "basename": text.basename,
    "cat": reading.cat,
    "chmod": changing.chmod,
    "chown": changing.chown,
    "clear": facts.clear,
    "cmd": cmd,
    "cmp": sums.cmp,
    "cp": changing.cp,
    "cut": text.cut,
    "date": clocks.date,
    "df": storage.df,
    "dirname": text.dirname,
    "dmesg": android.dmesg,
    "du": storage.du,
    "dumpsys": dumpsys,
    "echo": echo,
    "egrep": grep,
    "env": launching.env,
    "expr": expr,
    "false": facts.false,
    "fgrep": grep,
    "find": find,
    "free": facts.free,
    "getprop": properties.getprop,
    "grep": grep,
    "head": reading.head,
    "hostname": facts.hostname,
    "id": owners.id_,
    "input": android.input_,
    "kill": tasks.kill,
    "killall": tasks.killall,
    "ln": changing.ln,
    "log": android.log,
    "logcat": android.logcat,
    "ls": listing.ls,
    "md5sum": sums.checksum("md5"),
    "mkdir": changing.mkdir,
    "mktemp": changing.mktemp,
    "mount": storage.mount,
    "mv": changing.mv,
    "nice": launching.nice,
    "nohup": launching.nohup,
    "nproc": facts.nproc,
    "od": od,
    "pgrep": tasks.pgrep,
    "pidof": tasks.pidof,
    "pkill": tasks.pkill,
    "pm": android.pm,
    "printenv": launching.printenv,
    "printf": printf,
    "ps": tasks.ps,
    "readlink": changing.readlink,
    "realpath": changing.realpath,
    "rev": text.rev,
    "rm": changing.rm,
    "rmdir": changing.rmdir,
    "sed": sed,
    "seq": text.seq,
    "setprop": properties.setprop,
    "setsid": launching.setsid,
    "settings": settings.settings,
    "sha1sum": sums.checksum("sha1"),
    "sha256sum": sums.checksum("sha256"),
    "sha512sum": sums.checksum("sha512"),
    "sleep": clocks.sleep,
    "sort": text.sort,
    "stat": listing.stat,
    "svc": android.svc,
    "sync": storage.sync,
    "tail": reading.tail,
    "taskset": launching.taskset,
    "tee": reading.tee,
    "test": test,
    "timeout": clocks.timeout,
    "top": top,
    "touch": changing.touch,
    "tr": text.tr,
    "true": facts.true,
    "truncate": changing.truncate,
    "uname": facts.uname,
    "uniq": text.uniq,
    "uptime": clocks.uptime,
    "usleep": clocks.usleep,
    "wc": reading.wc,
    "which": launching.which,
    "whoami": owners.whoami,
    "wm": android.wm,
    "xargs": xargs,
    "yes": facts.yes,
}
SU: dict[str, Applet] = {
    "aosp": rooting.by_user,
    "magisk": rooting.by_command,
    "kernelsu": rooting.by_command,
    "restricted": rooting.restricted,
    "denied": rooting.denied,
    "shell": rooting.powerless,
}


_BOXED: dict[str, Program] = {name: program(run) for name, run in APPLETS.items()} | {"sh": sh}
_BOX = launching.multicall(_BOXED)
# A phone has toybox; a busybox that somebody pushes runs the same programs.
_EVERYWHERE: dict[str, Program] = _BOXED | {"toybox": _BOX, "busybox": _BOX}


def all_programs(extra: Mapping[str, Program]) -> Mapping[str, Program]:
    """Return everything that stands in /system/bin, by name: what all phones have, and `extra`."""
    return ChainMap(dict(extra), _EVERYWHERE)


def install(programs: Mapping[str, Program], files: FileTree) -> None:
    """Show programs as files: one inode under many names, as toybox is."""
    shown = Mounted(
        permissions=_MODE,
        mtime_s=files.volume.now_s(),
        node=Node(lambda: _ELF_HEADER, None, _MODE),
        shown_size=len(_ELF_HEADER),
    )
    folder = files.volume.make_mount_point(BINARIES)
    folder.entries.update({name: shown for name in programs if name != "busybox"})
