"""/proc/PID: a folder per process that runs, made when somebody looks.

What a single process costs in CPU time is not modelled: it stands at 0 here, as it does in `ps` and
`top`; that of the CPUs stands in /proc/stat.
"""

import errno
from collections.abc import Callable, Iterator, MutableMapping
from functools import partial

from devices.virtual.kernel.cpulist import cpu_list
from devices.virtual.kernel.node import Node, word_of
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.inodes import Directory, Inode, Mounted
from devices.virtual.userspace.processes import Process, ProcessTable

_PAGE_KB = 4
_TICK_NS = 10_000_000  # USER_HZ is 100
_COMM = 15  # the kernel keeps so many letters of a name
_NO_LIMIT = 18446744073709551615
_STAT_FIELDS = 52
_LEAST, _MOST = -1000, 1000  # of oom_score_adj
_SHELL_MAY_LIST = 0o555


def show_processes(tree: FileTree, table: ProcessTable, cpu_count: int) -> None:
    """Let /proc show the processes of a table instead of those of any earlier one."""
    folder = tree.volume.make_mount_point("/proc")
    real = folder.entries.real if isinstance(folder.entries, _Processes) else folder.entries
    folder.entries = _Processes(real, folder, table, cpu_count)


class _Processes(MutableMapping[str, Inode]):
    """What is in /proc: the kernel's own files, and who runs."""

    def __init__(
        self,
        real: MutableMapping[str, Inode],
        folder: Directory,
        table: ProcessTable,
        cpu_count: int,
    ) -> None:
        self.real = real
        self._folder, self._table, self._cpu_count = folder, table, cpu_count

    def __getitem__(self, name: str) -> Inode:
        process = self._table.get(int(name)) if name.isdecimal() and name.isascii() else None
        if process is None:
            return self.real[name]
        files = _files(process, self._cpu_count)
        own = _folder(name, self._folder, process, files)
        task = _folder("task", own, process, {})
        task.entries[name] = _folder(name, task, process, files)
        own.entries["task"] = task
        return own

    def __setitem__(self, name: str, inode: Inode) -> None:
        self.real[name] = inode

    def __delitem__(self, name: str) -> None:
        del self.real[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.real
        yield from (str(process.pid) for process in self._table)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _folder(name: str, parent: Directory, process: Process, files: dict[str, Node]) -> Directory:
    folder = Directory(
        name=name,
        parent=parent,
        permissions=_SHELL_MAY_LIST,
        uid=process.uid,
        gid=process.uid,
        refuses=errno.ENOENT,
    )
    for file, node in files.items():
        folder.entries[file] = Mounted(
            permissions=node.mode, uid=process.uid, gid=process.uid, node=node
        )
    return folder


def _files(process: Process, cpu_count: int) -> dict[str, Node]:
    reads: dict[str, Callable[[], str]] = {
        "comm": lambda: f"{_comm(process)}\n",
        "cmdline": lambda: "" if _is_kernel_s(process) else "\0".join((*process.argv, "")),
        "stat": lambda: f"{_stat(process)}\n",
        "statm": lambda: f"{_pages(process.virtual_kb)} {_pages(process.resident_kb)} 0 0 0 0 0\n",
        "status": lambda: _status(process, cpu_count),
    }
    nodes = {name: Node(partial(_encoded, read)) for name, read in reads.items()}
    score = partial(_encoded, lambda: f"{process.oom_score_adj}\n")
    nodes["oom_score_adj"] = Node(score, partial(_set_score, process), 0o644)
    return nodes


def _encoded(read: Callable[[], str]) -> bytes:
    return read().encode("utf-8", "surrogateescape")


def _set_score(process: Process, data: bytes) -> None:
    word = word_of(data)
    if not word.removeprefix("-").isdecimal() or not _LEAST <= int(word) <= _MOST:
        raise OSError(errno.EINVAL, "Invalid argument")
    process.oom_score_adj = int(word)


def _comm(process: Process) -> str:
    return process.name.strip("[]")[:_COMM]


def _is_kernel_s(process: Process) -> bool:
    return process.name.startswith("[")


def _pages(kilobytes: int) -> int:
    return kilobytes // _PAGE_KB


def _virtual_kb(process: Process) -> int:
    return 0 if _is_kernel_s(process) else process.virtual_kb


def _stat(process: Process) -> str:
    """Return the fields of proc(5); what nobody models is 0."""
    known = {
        4: process.ppid,
        5: process.group or process.pid,
        6: process.session or process.pid,
        8: -1,
        18: 20 + process.nice,
        19: process.nice,
        20: 1,  # threads
        22: process.started_ns // _TICK_NS,
        23: _virtual_kb(process) * 1024,
        24: _pages(process.resident_kb),
        25: _NO_LIMIT,
        38: 17,  # SIGCHLD, sent to the parent at the end
    }
    rest = (str(known.get(field, 0)) for field in range(4, _STAT_FIELDS + 1))
    return f"{process.pid} ({_comm(process)}) S {' '.join(rest)}"


def _status(process: Process, cpu_count: int) -> str:
    every = (1 << cpu_count) - 1
    mask = every if process.affinity is None else process.affinity & every
    allowed = [cpu for cpu in range(cpu_count) if mask >> cpu & 1]
    memory = {"VmSize": _virtual_kb(process), "VmRSS": process.resident_kb}
    rows: dict[str, object] = {
        "Name": _comm(process),
        "Umask": "0022",
        "State": "S (sleeping)",
        "Tgid": process.pid,
        "Ngid": 0,
        "Pid": process.pid,
        "PPid": process.ppid,
        "TracerPid": 0,
        "Uid": "\t".join([str(process.uid)] * 4),
        "Gid": "\t".join([str(process.uid)] * 4),
        **({} if _is_kernel_s(process) else {k: f"{kb:8d} kB" for k, kb in memory.items()}),
        "Threads": 1,
        "Cpus_allowed": f"{mask:x}",
        "Cpus_allowed_list": cpu_list(allowed),
    }
    return "".join(f"{name}:\t{value}\n" for name, value in rows.items())
