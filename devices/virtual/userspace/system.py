"""Everything that a program on the phone can see: files, time, properties, processes, programs."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from devices.virtual.kernel.quirks import PLAIN, Quirks
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.processes import Process, ProcessLimit, ProcessTable
from devices.virtual.userspace.properties import Properties
from devices.virtual.userspace.settings import Settings
from devices.virtual.userspace.streams import ByteReader, ByteWriter
from devices.virtual.userspace.terminal import Screen, Terminal

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

    def wall_s(self) -> int:
        """Return the time of day [s since the epoch]."""

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
class Display:
    """The screen, as far as somebody asks for it."""

    width: int = 1080  # [px]
    height: int = 2400
    density: int = 480  # [dpi]
    is_on: bool = False


@dataclass
class Services:
    """What Android's services keep in mind."""

    display: Display = field(default_factory=Display)
    log: list[str] = field(default_factory=list)
    forced_battery: dict[str, str] = field(default_factory=dict)  # by `dumpsys battery set`
    forced_thermal_status: int | None = None
    is_dozing: bool = False
    cached_temperatures: list[str] = field(default_factory=list)


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
    machine_name: str = "aarch64"
    hot_thresholds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # zone: [°C]
    services: Services = field(default_factory=Services)
    quirks: Quirks = PLAIN

    async def shell(
        self,
        command: str,
        stdin: ByteReader,
        stdout: ByteWriter,
        stderr: ByteWriter,
        *,
        interactive: bool = False,
    ) -> int:
        """Run `sh -c command`, or without a command a shell that reads `stdin`; return its status.

        `interactive` puts a terminal in between: prompts, echo, ^C.
        Cancelling this coroutine is the host hanging up: it ends what the shell runs in the
        foreground, and every background job that still writes to these streams.
        """
        argv = (SHELL, "-c", command) if command else (SHELL, "-i") if interactive else (SHELL,)
        try:
            process = self.processes.add(argv, parent=self.processes.adbd, uid=self.uid)
        except ProcessLimit as error:
            await stderr.write(f"{error.filename}: {error.strerror}\n".encode())
            return 1
        process.holds_stream = lambda: True
        if not interactive:
            return await self._serve(process, stdin, stdout, stderr)
        terminal = Terminal(stdin, stdout, lambda: self.processes.interrupt(process))
        pump = asyncio.create_task(terminal.pump())
        try:
            return await self._serve(process, terminal, Screen(stdout), Screen(stdout))
        finally:
            pump.cancel()

    async def _serve(
        self, process: Process, stdin: ByteReader, stdout: ByteWriter, stderr: ByteWriter
    ) -> int:
        """Run a shell to its end and to that of whatever still writes to its streams."""
        streams = (stdin, stdout, stderr)
        invocation = Invocation(process.argv, ENVIRONMENT, "/", *streams, self, process)
        task = self.processes.start(process, self.programs["sh"](invocation))
        try:
            status = await self.processes.wait(process)
            await self.processes.wait_for_stream(process.pid)
            return status
        except asyncio.CancelledError:
            self.processes.hang_up(process)
            await asyncio.wait((task,))
            raise

    def as_user(self, uid: int) -> "System":
        """Return the same Android with another user's rights."""
        return replace(self, files=self.root_files.as_user(uid), uid=uid)

    @property
    def cpu_count(self) -> int:
        """How many CPUs the kernel lists as present."""
        return self._cpus("present")

    @property
    def online_count(self) -> int:
        """How many CPUs are online."""
        return self._cpus("online")

    def _cpus(self, name: str) -> int:
        text = self.root_files.read(f"/sys/devices/system/cpu/{name}").decode()
        return len(parse_cpu_list(text))

    @property
    def sdk(self) -> int:
        """Android's API level."""
        text = self.properties.get("ro.build.version.sdk")
        return int(text) if text.isdecimal() else 0


def parse_cpu_list(text: str) -> list[int]:
    """Return the numbers of a kernel list such as `0-3,8`."""
    cpus: list[int] = []
    for item in text.strip().split(","):
        first, _, last = item.partition("-")
        if first.isdecimal():
            cpus.extend(range(int(first), int(last or first) + 1))
    return cpus
