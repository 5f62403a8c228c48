"""This machine shown as a device: the same adbd, its real sensors read-only, real inference."""

import asyncio
import contextlib
import os
import platform
import re
import shutil
import sys
import weakref
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from devices.clock import HOST
from devices.virtual.adbd.target import Banner
from devices.virtual.android import AGENT, Android
from devices.virtual.clock import PhoneClock
from devices.virtual.kernel.node import Node
from devices.virtual.userspace.boot import boot
from devices.virtual.userspace.contents import Content, ContentStore
from devices.virtual.userspace.streams import ByteReader, ByteWriter
from devices.virtual.userspace.system import Invocation, System

# What a visitor may read of this machine, and nothing else: sensors and public facts.
_SHOWN = (
    "sys/class/thermal/thermal_zone*/type",
    "sys/class/thermal/thermal_zone*/temp",
    "sys/class/thermal/thermal_zone*/trip_point_*",
    "sys/class/thermal/cooling_device*/type",
    "sys/class/thermal/cooling_device*/cur_state",
    "sys/class/thermal/cooling_device*/max_state",
    "sys/class/power_supply/*/type",
    "sys/class/power_supply/*/temp",
    "sys/class/power_supply/*/*_now",
    "sys/class/power_supply/*/capacity",
    "sys/class/power_supply/*/status",
    "sys/devices/system/cpu/present",
    "sys/devices/system/cpu/online",
    "sys/devices/system/cpu/possible",
    "sys/devices/system/cpu/cpu[0-9]*/cpufreq/*",
    "sys/devices/system/cpu/cpufreq/policy*/*",
    "proc/cpuinfo",
    "proc/meminfo",
    "proc/stat",
    "proc/uptime",
    "proc/loadavg",
    "proc/version",
    "proc/sys/kernel/hostname",
    "proc/sys/kernel/osrelease",
    "proc/sys/kernel/ostype",
    "proc/sys/kernel/version",
)
_PUMP = 64 * 1024
_END_S = 5.0  # what the agent gets to end by itself
_NAME = "this-machine"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class HostDevice(Android):
    """This machine; its agent is a child process that runs the workload for real.

    What is pushed to it lies below `folder` while it runs, so that the child can read it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # What a killed predecessor left: nobody reads it any more.
        shutil.rmtree(folder, ignore_errors=True)
        model = _model()
        super().__init__(
            _NAME,
            f"host-{platform.node() or 'unnamed'}",
            Banner("host", model, "host"),
            PhoneClock(start_ns=HOST.now_ns()),
            FolderStore(folder / "models"),
        )
        if BOOT_ID.exists():
            self.boot_id = BOOT_ID.read_text().strip()
        self.boot()

    def start(self) -> System:
        """Start as much of an Android as a visitor needs."""
        properties = {
            "ro.product.model": self.banner.model,
            "ro.product.name": self.banner.product,
            "ro.product.device": self.banner.device,
            "ro.product.cpu.abi": platform.machine(),
            "ro.product.cpu.abilist": platform.machine(),
            "ro.serialno": self.serialno,
            "ro.simmer.agent.abis": "python-v1",
            "ro.simmer.kind": "host",
            "ro.simmer.speed": "1",
            "sys.boot_completed": "1",
        }
        programs = {AGENT: self.trouble.voiced(self._run_agent)}
        system = boot(
            self.tree, self.clock, properties, programs=programs, machine_name=platform.machine()
        )
        # After the boot: what this machine says of itself replaces what a phone would say.
        for path in shown_paths():
            self.tree.mount(str(path), Node(path.read_bytes, None, 0o444))
        return system

    async def _run_agent(self, invocation: Invocation) -> int:
        """Run the real agent as a child and be its pipes."""
        words = [word for word in invocation.argv[1:] if word.startswith("--")]
        # A `#!` line hands its interpreter the script's path first.
        pushed = sha256(self.tree.read(invocation.argv[1])).hexdigest()
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "devices.virtual.host_agent", *words, "--root", str(self._folder)),
            *("--sha256", pushed),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        return await _bridge(child, invocation)

    def reboot(self) -> None:
        """Restart adbd alone: the machine below is not ours to restart."""
        self.adbd.restart()

    async def stop(self) -> None:
        """Close everything and remove what was pushed."""
        await super().stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class FolderStore(ContentStore):
    """Contents that a child process needs to read: also files, named by their own digest."""

    def __init__(self, folder: Path) -> None:
        super().__init__(shared_from=0)
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, data: bytes) -> Content:
        """Keep `data` in memory and as a file, for as long as some pushed file holds it."""
        content = super().keep(data)
        path = self._folder / sha256(data).hexdigest()
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_bytes(data)
            part.rename(path)
            weakref.finalize(content, path.unlink, missing_ok=True)
        return content


def shown_paths() -> Iterator[Path]:
    """Yield the files of this machine that a visitor may read."""
    root = Path("/")
    for pattern in _SHOWN:
        yield from (path for path in sorted(root.glob(pattern)) if os.access(path, os.R_OK))


async def _bridge(child: asyncio.subprocess.Process, invocation: Invocation) -> int:
    """Move bytes until the child has said all; a visitor who hangs up ends the child."""
    assert child.stdin
    assert child.stdout
    assert child.stderr
    feeding = asyncio.create_task(_feed(invocation.stdin, child.stdin))
    try:
        await asyncio.gather(
            _copy(child.stdout, invocation.stdout), _copy(child.stderr, invocation.stderr)
        )
        return await child.wait()
    finally:
        feeding.cancel()
        await _end(child)


async def _feed(source: ByteReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(_PUMP):
            sink.write(data)
            await sink.drain()
    sink.close()


async def _copy(source: asyncio.StreamReader, sink: ByteWriter) -> None:
    while data := await source.read(_PUMP):
        await sink.write(data)


async def _end(child: asyncio.subprocess.Process) -> None:
    """Close the child's stdin, which it takes as `quit`; kill it if it does not listen."""
    assert child.stdin
    child.stdin.close()
    try:
        await asyncio.wait_for(child.wait(), _END_S)
    except TimeoutError:
        child.kill()
        await child.wait()


def _model() -> str:
    """Return what the processor calls itself."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    match = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return match[1].strip() if match else platform.machine()
