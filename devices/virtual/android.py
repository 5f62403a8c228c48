"""What a virtual phone and this machine as a device share: an Android side behind an adbd."""

import asyncio
import uuid
from collections.abc import Coroutine
from dataclasses import replace

from devices.clock import HOST
from devices.virtual.adbd.server import AdbDaemon, Link
from devices.virtual.adbd.target import Banner
from devices.virtual.clock import PhoneClock
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.node import Node
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.inodes import ROOT, SHELL
from devices.virtual.userspace.layout import new_tree
from devices.virtual.userspace.settings import Settings
from devices.virtual.userspace.sockets import SocketNamespace
from devices.virtual.userspace.streams import ByteReader, ByteWriter
from devices.virtual.userspace.system import System

REBOOT_S = 40.0  # from going down to answering again, in the phone's own time
AGENT = "simmer-agent"  # the interpreter that a pushed agent names in its first line
_RESTART_S = 0.1  # adbd's last line leaves before its connections fall
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


class Refused(Exception):
    """What is asked of a device makes no sense for it; the message says what would."""


class Android:
    """One device as its adbd shows it: files, sockets, a shell, and the link to the host."""

    def __init__(
        self, name: str, serialno: str, banner: Banner, clock: PhoneClock, contents: ContentStore
    ) -> None:
        self.name = name  # in the catalog
        self.serialno = serialno  # what it calls itself
        self.banner = banner
        self.clock = clock
        self.sockets = SocketNamespace()
        self.adbd = AdbDaemon(self)
        self.boot_id = str(uuid.uuid4())
        self.tree = new_tree(clock.wall_s, contents)
        self.tree.mount(_BOOT_ID, Node(lambda: f"{self.boot_id}\n".encode()))
        self._quota = self.tree.volume.quota
        self._settings = Settings()
        self._uid = SHELL
        self._later: set[asyncio.Task[None]] = set()
        self._booted: System | None = None

    @property
    def serial(self) -> str:
        """What adb calls it: host and port."""
        return f"127.0.0.1:{self.adbd.port}"

    @property
    def system(self) -> System:
        """The running Android; a device that nobody has asked anything yet starts it now."""
        if self._booted is None:
            self._booted = self._started()
        return self._booted

    @property
    def files(self) -> FileTree:
        """The tree with the rights of adbd."""
        if self._booted is None:
            self._booted = self._started()
        return self.tree.as_user(self._uid)

    def start(self) -> System:
        """Start the device's Android anew and return it with the rights of the shell."""
        raise NotImplementedError

    def world(self) -> Machine:
        """Return the simulated machine, moved on to now.

        Raises:
            Refused: if there is none.
        """
        raise Refused(f"{self.serialno} is this machine itself: its world is not ours to set")

    def log(self) -> list[dict[str, object]]:
        """Return what the device itself recorded of its trials.

        Raises:
            Refused: if it keeps nothing.
        """
        raise Refused(f"{self.serialno} keeps no record of its own")

    def boot(self) -> None:
        """Start Android: no process of before, properties as built; settings and files stay."""
        self._uid = SHELL
        self._booted = self._started()

    async def shell(
        self,
        command: str,
        stdin: ByteReader,
        stdout: ByteWriter,
        stderr: ByteWriter,
        *,
        interactive: bool = False,
    ) -> int:
        """Run `sh -c command` with the rights of adbd and return its exit status."""
        system = self.system.as_user(self._uid)
        return await system.shell(command, stdin, stdout, stderr, interactive=interactive)

    def set_root(self, wanted: bool) -> str:
        """Restart adbd with or without root rights; return the line that it says."""
        uid = ROOT if wanted else SHELL
        if self.system.properties.get("ro.debuggable") != "1":
            return "adbd cannot run as root in production builds\n"
        if uid == self._uid:
            return "adbd is already running as root\n" if wanted else "adbd not running as root\n"
        self._uid = uid
        self._run_later(self._restart_adbd())
        return "restarting adbd as root\n" if wanted else "restarting adbd as non root\n"

    def reboot(self) -> None:
        """Go down, and come back with a new boot id."""
        self._run_later(self._reboot())

    def fill_disk(self) -> None:
        """Leave no room for another byte."""
        self.tree.volume.quota = self.tree.volume.used

    def lose_sensor(self, zone: str) -> None:
        """Let every read of a thermal zone fail, until `heal`."""
        try:
            self.world().lose_sensor(zone)
        except KeyError as unknown:
            raise Refused(str(unknown.args[0])) from None

    async def heal(self) -> None:
        """End every fault that can be ended."""
        self.tree.volume.quota = self._quota
        await self.adbd.set_link(Link.UP)

    def standing(self) -> dict[str, object]:
        """Return what the device's boot, link and disk are like."""
        volume = self.tree.volume
        return {
            "boot_id": self.boot_id,
            "link": self.adbd.link.value,
            "disk_used": volume.used,
            "disk_quota": volume.quota,
        }

    async def stop(self) -> None:
        """Close everything."""
        for task in self._later:
            task.cancel()
        await self.adbd.stop()

    async def _restart_adbd(self) -> None:
        await HOST.wait_async(_RESTART_S)
        self.adbd.restart()

    async def _reboot(self) -> None:
        await self.adbd.set_link(Link.DOWN)
        self.boot_id = str(uuid.uuid4())
        self.boot()
        await self.clock.wait_async(REBOOT_S)
        await self.adbd.set_link(Link.UP)

    def _started(self) -> System:
        return replace(self.start(), settings=self._settings)

    def _run_later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)
