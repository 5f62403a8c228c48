"""Starts the Android side of a device: its programs, properties, kernel texts and services."""

from collections.abc import Mapping

from devices.virtual.kernel.node import Node
from devices.virtual.kernel.quirks import PLAIN, Quirks
from devices.virtual.userspace.applets.call import program
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.mounts import MOUNTS
from devices.virtual.userspace.processes import ProcessTable
from devices.virtual.userspace.programs import SU, all_programs, install
from devices.virtual.userspace.properties import Properties
from devices.virtual.userspace.system import PhoneClock, Program, System

ROOT_UID = 0
# What phones that came with an Android version usually run, by its API level (estimated).
_KERNELS = {"29": "4.14.116", "30": "4.19.113", "31": "5.4.86", "32": "5.4.161", "33": "5.10.107"}
_OLDEST_KERNEL, _NEWEST_KERNEL = "4.9.148", "5.15.78"
_FILE_SYSTEMS = ("nodev\tsysfs", "nodev\tproc", "nodev\ttmpfs", "\text4", "\tf2fs", "nodev\tfuse")


def boot(
    tree: FileTree,
    clock: PhoneClock,
    properties: Mapping[str, str],
    *,
    programs: Mapping[str, Program] | None = None,
    texts: Mapping[str, str] | None = None,
    hot_thresholds: Mapping[str, tuple[float, ...]] | None = None,
    machine_name: str = "aarch64",
    quirks: Quirks = PLAIN,
) -> System:
    """Return a phone's Android with the rights of `tree`'s user; `as_user` gives others.

    Args:
        tree: the file tree; programs and kernel texts are mounted into it.
        clock: device time.
        properties: what getprop shows.
        programs: more programs for /system/bin, by name.
        texts: more files that never change, by path.
        hot_thresholds: severities 0 to 6 of thermal zones, by their type [°C].
        machine_name: what `uname -m` says.
        quirks: in what its texts differ from plain Android's.
    """
    su = _su(quirks, properties)
    rooting = {"su": program(SU[su])} if su in SU else {}
    everything = all_programs({**rooting, **(programs or {})})
    install(everything, tree)
    for path, text in {**kernel_texts(machine_name, properties), **(texts or {})}.items():
        tree.mount(path, Node(text.encode, None, 0o444))
    return System(
        files=tree,
        root_files=tree.as_user(ROOT_UID),
        clock=clock,
        properties=Properties(properties),
        programs=everything,
        processes=ProcessTable(clock.now_ns),
        uid=tree.uid,
        machine_name=machine_name,
        hot_thresholds=hot_thresholds or {},
        quirks=quirks,
    )


def _su(quirks: Quirks, properties: Mapping[str, str]) -> str:
    """Return which root tool there is: a build that can be debugged brings its own."""
    if quirks.su != "by build":
        return quirks.su
    return "aosp" if properties.get("ro.debuggable") == "1" else "none"


def kernel_texts(machine_name: str, properties: Mapping[str, str]) -> dict[str, str]:
    """Return the files of /proc that no part of the silicon moves."""
    sdk = properties.get("ro.build.version.sdk", "")
    release = _KERNELS.get(sdk, _NEWEST_KERNEL if sdk > max(_KERNELS) else _OLDEST_KERNEL)
    version = "#1 SMP PREEMPT Thu Apr 2 09:12:44 UTC 2020"
    compiler = "(android-build@host) (Android clang version 9.0.3)"
    return {
        "/proc/version": f"Linux version {release} {compiler} {version}\n",
        "/proc/sys/kernel/ostype": "Linux\n",
        "/proc/sys/kernel/osrelease": f"{release}\n",
        "/proc/sys/kernel/version": f"{version}\n",
        "/proc/sys/kernel/hostname": "localhost\n",
        "/proc/sys/kernel/arch": f"{machine_name}\n",
        "/proc/filesystems": "".join(f"{kind}\n" for kind in _FILE_SYSTEMS),
        "/proc/mounts": "".join(f"{' '.join(mount)} 0 0\n" for mount in MOUNTS),
        "/proc/swaps": "Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n",
    }
