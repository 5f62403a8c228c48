"""Everything that a program on the phone can see: files, time, properties, processes, programs."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.processes import Process, ProcessTable
from devices.virtual.userspace.properties import Properties
from devices.virtual.userspace.settings import Settings
from devices.virtual.userspace.streams import ByteReader, ByteWriter

SHELL = "/system/bin/sh"
ENVIRONMENT = {
    "ANDROID_DATA": "/data",
    "ANDROID_ROOT": "/system",
    "ANDROID_STORAGE": "/storage",
    "EXTERNAL_STORAGE": "/sdcard",
    "HOME": "/",
    "LOGNAME": "shell",
    "PATH": "/product/bin:/apex/com.android.runtime/bin:/system/bin:/system/xbin:/vendor/bin",
    "SHELL": "/bin/sh",
    "TMPDIR": "/data/local/tmp",
    "USER": "shell",
}


class PhoneClock(Protocol):
    """Device time, which may run faster than the host's."""

    def now_ns(self) -> int:
        """Return CLOCK_MONOTONIC [ns]."""

    async def wait_async(self, seconds: float) -> None:
        """Suspend this coroutine for `seconds` of device time."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One program being run: what execve(2) hands over, and the phone around it."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    stdin: ByteReader
    stdout: ByteWriter
    stderr: ByteWriter
    system: "System"
    process: Process


Program = Callable[[Invocation], Coroutine[Any, Any, int]]


@dataclass
class System:
    """The Android side of one phone as one user sees it."""

    files: FileTree  # with the rights of `uid`
    root_files: FileTree  # with the rights of the system services
    clock: PhoneClock
    properties: Properties
    programs: Mapping[str, Program]  # by name; they stand in /system/bin
    processes: ProcessTable
    settings: Settings = field(default_factory=Settings)
    uid: int = 2000

    async def shell(
        self,
        command: str,
        stdin: ByteReader,
        stdout: ByteWriter,
        stderr: ByteWriter,
        *,
        interactive: bool = False,
    ) -> int:
        """Run `sh -c command`, or a shell that reads commands from `stdin`; return its status.

        Cancelling this coroutine is the host hanging up: it ends what the shell runs in the
        foreground, and every background job that still writes to these streams.
        """
        argv = (SHELL,) if interactive else (SHELL, "-c", command)
        process = self.processes.add(argv, parent=self.processes.adbd, uid=self.uid)
        invocation = Invocation(argv, ENVIRONMENT, "/", stdin, stdout, stderr, self, process)
        process.holds_stream = lambda: True
        task = self.processes.start(process, self.programs["sh"](invocation))
        try:
            status = await self.processes.wait(process)
            await self.processes.wait_for_stream(process.pid)
            return status
        except asyncio.CancelledError:
            self.processes.hang_up(process)
            await asyncio.wait((task,))
            raise

    @property
    def sdk(self) -> int:
        """Android's API level."""
        text = self.properties.get("ro.build.version.sdk")
        return int(text) if text.isdecimal() else 0
