"""What a virtual phone and this machine as a device share: an Android side behind an adbd."""

import asyncio
import itertools
import logging
import random
import signal
import uuid
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from dataclasses import replace

from devices.clock import HOST
from devices.virtual.adbd.server import AdbDaemon, Link
from devices.virtual.adbd.target import Banner
from devices.virtual.clock import PhoneClock
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.node import Node
from devices.virtual.trouble import Trouble
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.inodes import ROOT, SHELL
from devices.virtual.userspace.layout import new_tree
from devices.virtual.userspace.processes import Process
from devices.virtual.userspace.services.display import switch
from devices.virtual.userspace.settings import Settings
from devices.virtual.userspace.sockets import SocketNamespace
from devices.virtual.userspace.streams import ByteReader, ByteWriter
from devices.virtual.userspace.system import System

_WATCH_S = 10.0  # of device time between two looks at whether it must die
REBOOT_S = 40.0  # from going down to answering again, in the phone's own time
_log = logging.getLogger(__name__)
AGENT = "simmer-agent"  # the interpreter that a pushed agent names in its first line
_RESTART_S = 0.1  # adbd's last line leaves before its connections fall
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


class Refused(Exception):
    """What is asked of a device makes no sense for it; the message says what would."""


class Android(ABC):
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
        self._settings = Settings()
        self.trouble = Trouble(serialno)
        self._uid = SHELL
        self._is_dead = False
        self._restart: asyncio.Task[None] | None = None  # of adbd
        self._coming: asyncio.Task[None] | None = None  # what becomes of the link by itself
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

    @abstractmethod
    def start(self) -> System:
        """Start the device's Android anew and return it with the rights of the shell."""

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
        if self.trouble.delay_s:
            await self.clock.wait_async(self.trouble.delay_s)
        if self.trouble.garbles:
            return await self.trouble.garble(stdout)
        return await system.shell(command, stdin, stdout, stderr, interactive=interactive)

    def set_root(self, wanted: bool) -> str:
        """Restart adbd with or without root rights; return the line that it says."""
        uid = ROOT if wanted else SHELL
        if self.system.properties.get("ro.debuggable") != "1":
            return "adbd cannot run as root in production builds\n"
        if uid == self._uid:
            return "adbd is already running as root\n" if wanted else "adbd not running as root\n"
        self._uid = uid
        self._restart = asyncio.get_running_loop().create_task(self._restart_adbd())
        return "restarting adbd as root\n" if wanted else "restarting adbd as non root\n"

    def reboot(self) -> None:
        """Go down, and come back with a new boot id."""
        self._let_come(self._reboot())

    def fill_disk(self) -> None:
        """Leave no room for another byte."""
        self.tree.volume.taken = self.tree.volume.room

    def lose_sensor(self, zone: str) -> None:
        """Let every read of a thermal zone fail, until `heal`."""
        self.world().zones.lost.add(self.zone_index(zone))

    def zone_index(self, zone: str) -> int:
        """Return the index of the first thermal zone of a type; raises Refused."""
        try:
            return self.world().zones.index(zone)
        except KeyError as unknown:
            raise Refused(str(unknown.args[0])) from None

    async def die(self) -> None:
        """Be off, as with an empty battery; `heal` switches the device on again."""
        self._is_dead = True
        self._end_everything()
        await self.set_link(Link.DOWN)

    async def set_link(self, link: Link) -> None:
        """Make the link so; what was to become of it by itself becomes of it no more."""
        self._let_go()
        await self.adbd.set_link(link)

    async def watch(self) -> None:
        """Die as a phone does when its battery is empty or its chip too hot, and say so."""
        while True:
            await self.clock.wait_async(_WATCH_S)
            if self._booted is None or self._is_dead:
                continue
            if cause := self.cause_of_death():
                _log.warning("%s has switched itself off: %s", self.serialno, cause)
                await self.die()

    def cause_of_death(self) -> str:
        """Return why the device must switch itself off now, "" if it need not."""
        return ""

    def kill_agents(self) -> None:
        """Let every agent crash."""
        for process in self._agents():
            process.send(signal.SIGKILL)

    def run_out_of_memory(self) -> None:
        """Kill every agent as Android does when memory is short, and log it."""
        for process in self._agents():
            name, pid = process.name, process.pid
            self.system.services.log.append(
                f"lowmemorykiller: Kill '{name}' ({pid}), uid {process.uid}, oom_score_adj -1000"
            )
            process.send(signal.SIGKILL)

    def mute_agents(self) -> None:
        """Let agents run on and say nothing, until `heal`."""
        self.trouble.voice.clear()

    def wake(self) -> None:
        """Switch the screen on, as a notification does."""
        switch(self.system, is_on=True)
        self.system.services.is_dozing = False

    def doze(self) -> None:
        """Let the device doze, with the screen off."""
        switch(self.system, is_on=False)
        self.system.services.is_dozing = True

    def suspend(self, seconds: float) -> None:
        """Sleep for `seconds` of device time; nothing moves meanwhile, not even the link."""
        self._let_come(self._suspend(seconds))

    def flap(self, seconds: float, shortest_s: float, longest_s: float) -> None:
        """Let the link come and go for so long, by this machine's time: adb notices by that."""
        self._let_come(self._flap(seconds, shortest_s, longest_s))

    def call_itself(self, serialno: str) -> None:
        """Show another serial number, as clones do that share one, until the next boot."""
        for name in ("ro.serialno", "ro.boot.serialno"):
            self.system.properties.put(name, serialno)

    def drift(self) -> None:
        """Let the vendor's power service put back what others set, until `heal`."""
        machine = self.world()
        self.trouble.note_power_service(machine.power_service.is_on)
        machine.set_power_service(True)

    def unplug(self, cpu: int) -> None:
        """Take a CPU off the kernel, as a maker's service does that saves power, until `heal`."""
        try:
            self.world().plug(cpu, is_online=False)
        except OSError:
            raise Refused(f"CPU {cpu} is the last one that is online") from None
        self.trouble.unplugged.add(cpu)

    def doubt_switch(self, *, lies: bool) -> None:
        """Let the switch of charging show what is written and do nothing, until `heal`.

        Raises:
            Refused: if this phone has none.
        """
        switch = self.world().spec.battery.switch
        if switch is None:
            raise Refused(f"{self.name} has no file that stops the charging")
        self.world().doubt_switch(lies=lies or switch.lies)

    def switch_charger(self, is_on: bool) -> None:
        """Switch what feeds the device; a stuck port feeds on."""
        if is_on or not self.trouble.keeps_vbus:
            self.world().set_charger(is_on)

    async def heal(self) -> None:
        """End every fault that can be ended; a device that was off boots."""
        self.tree.volume.taken = 0
        self.trouble.heal()
        self.clock.skew(0.0)
        if self._is_dead:
            self._is_dead = False
            self.boot_id = str(uuid.uuid4())
            self.boot()
        self.system.services.is_dozing = False
        switch(self.system, is_on=False)
        await self.set_link(Link.UP)

    def standing(self) -> dict[str, object]:
        """Return what the device's boot, link and disk are like."""
        volume = self.tree.volume
        return {
            "boot_id": self.boot_id,
            "link": self.adbd.link.value,
            "disk_used": volume.quota - volume.room,
            "disk_quota": volume.quota,
        }

    async def stop(self) -> None:
        """Close everything."""
        self._let_go()
        if self._restart is not None:
            self._restart.cancel()
        await self.adbd.stop()

    async def _restart_adbd(self) -> None:
        await HOST.wait_async(_RESTART_S)
        self.adbd.restart()

    def _agents(self) -> list[Process]:
        return [process for process in self.system.processes if process.name == AGENT]

    def _end_everything(self) -> None:
        """End every process that has been started, as a power cut does."""
        for process in self.system.processes:
            process.send(signal.SIGKILL)

    async def _suspend(self, seconds: float) -> None:
        await self.adbd.set_link(Link.HANG)
        await self.clock.sleep(seconds)
        await self.adbd.set_link(Link.UP)

    async def _flap(self, seconds: float, shortest_s: float, longest_s: float) -> None:
        dice = random.Random(self.serialno)
        left_s = seconds
        for link in itertools.cycle((Link.DOWN, Link.UP)):
            await self.adbd.set_link(link)
            if left_s <= 0.0 and link is Link.UP:
                return
            span_s = dice.uniform(shortest_s, longest_s)
            left_s -= span_s
            await HOST.wait_async(span_s)

    async def _reboot(self) -> None:
        await self.adbd.set_link(Link.DOWN)
        self._end_everything()
        self.boot_id = str(uuid.uuid4())
        self.boot()
        await self.clock.wait_async(REBOOT_S)
        await self.adbd.set_link(Link.UP)

    def _started(self) -> System:
        return replace(self.start(), settings=self._settings)

    def _let_come(self, story: Coroutine[None, None, None]) -> None:
        """Let the link go through a story of its own, instead of one that it may be in."""
        self._let_go()
        self._coming = asyncio.get_running_loop().create_task(story)

    def _let_go(self) -> None:
        if self._coming is not None:
            self._coming.cancel()
