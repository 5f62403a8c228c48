"""A whole farm on one machine: which parts, in which order."""

import asyncio
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from benchmarks.cloud.service import ADDRESS_VARIABLE, TOKEN_VARIABLE
from fleet.local import adb, phones, ports, services
from fleet.local.child import Child, Part
from fleet.local.datadir import DataDir
from fleet.local.demo import queue_demo
from fleet.local.environment import HOST_NAME, environment
from fleet.local.postgres import Postgres
from fleet.local.supervisor import Supervisor, together
from fleet.local.valkey import Valkey


@dataclass(frozen=True)
class FarmOptions:
    """What a person may choose.

    phones: a number, or names of the catalog with commas between
    speed: device seconds per host second
    usb: look for phones on USB, too
    """

    port: int = 8000
    phones: str = phones.DEFAULT_PHONES
    speed: float = 20.0
    demo: bool = True
    usb: bool = True


@dataclass(frozen=True)
class Login:
    """How to get in for the first time."""

    login: str
    password: str
    token: str


class Farm:
    """The parts of one farm and the story of their start."""

    def __init__(self, data: DataDir, options: FarmOptions, say: Callable[[str], None]) -> None:
        self.data = data
        self.options = options
        self.url = f"http://{ports.LOOPBACK}:{options.port}/"
        self.first_login: Login | None = None
        self._demo: asyncio.Task[None] | None = None
        self.database = Postgres(data.cluster, data.postgres_sockets, data.cluster_owner)
        self.valkey = Valkey(data.valkey, data.valkey_socket)
        # What listens there does so later: until then somebody else could take the port.
        self._adb_port = ports.reserved(adb.FIRST_PORT)
        self._segment_port = ports.reserved()
        self.adb = adb.AdbServer(data.adb_home, ports.number_of(self._adb_port), options.usb)
        self.phones = phones.VirtualPhones(
            phones=options.phones,
            ports=data.phone_ports,
            speed=options.speed,
            control=data.control_socket,
            adb_port=self.adb.port,
        )
        self._segment_token = secrets.token_hex(16)
        self.supervisor = Supervisor(data, say, changed=self.write_state)
        self._environment = environment(data, self.valkey, self.adb.port)

    async def start(self) -> None:
        """Start everything; side by side where nothing has to wait for the other."""
        await together(
            self._start_database(),
            self._start_phones(),
            self._start_workers(),
            self._start(self._web()),
        )

    async def live(self) -> None:
        """Keep everything alive until something dies too often."""
        # Only now, and without the addresses of the database: it needs none, and nobody waits.
        port, folder = ports.number_of(self._segment_port), self.data.workloads
        segments = services.segment_server(port, self._segment_token, folder)
        await self.supervisor.start(segments)
        await together(self.supervisor.watch(), self._end_of_demo())

    async def stop(self) -> None:
        """Stop everything."""
        if self._demo is not None:
            self._demo.cancel()
        await self.supervisor.stop()
        self._segment_port.close()
        self._adb_port.close()

    def write_state(self) -> None:
        """Note ports and pids, for `doctor` and for people."""
        children = self.supervisor.children.items()
        facts = {
            "url": self.url,
            "adb_port": self.adb.port,
            "sockets": str(self.data.run),
            "pids": {"up": os.getpid(), **{name: child.pid for name, child in children}},
        }
        fresh = self.data.state.with_suffix(".new")
        fresh.write_text(json.dumps(facts, indent=1))
        fresh.replace(self.data.state)  # nobody ever reads half of it

    async def _start_database(self) -> None:
        await self._start(self.database.part())
        await self.supervisor.run(self._told(services.first_steps()))
        self.first_login = Login(**json.loads(self.data.first_login.read_text()))
        if self.options.demo:
            # It waits for the phones by itself, and nobody waits for it.
            demo = queue_demo(self.url, self.first_login.token, self._phone_count)
            self._demo = asyncio.create_task(demo)
        watcher = replace(services.watcher(), pulse=self._pulse("watcher_at"))
        await self._start(services.dispatcher(), watcher)

    async def _start_phones(self) -> None:
        await self._start(replace(self.adb.part(), settle=self._reconnect))
        await self._start(self.phones.part())

    async def _start_workers(self) -> None:
        await self._start(self.valkey.part())
        slots = self._phone_count + 2
        told = {
            ADDRESS_VARIABLE: f"{ports.LOOPBACK}:{ports.number_of(self._segment_port)}",
            TOKEN_VARIABLE: self._segment_token,
        }
        worker = replace(services.host_worker(slots, told), pulse=self._pulse("worker_at"))
        await self._start(worker, services.analysis_worker())

    async def _end_of_demo(self) -> None:
        if self._demo is not None:
            await self._demo

    def _pulse(self, column: str) -> Callable[[], float | None]:
        return lambda: self.database.silence_s(HOST_NAME, column)

    async def _start(self, *parts: Part) -> None:
        await self.supervisor.start(*map(self._told, parts))

    def _web(self) -> Part:
        # It imports while the tables are made, and is asked once they are there.
        web = services.web(self.options.port)
        return replace(web, ready=lambda child: self.first_login is not None and web.ready(child))

    def _reconnect(self, server: Child) -> None:
        """Connect the phones anew: a restarted adb server has forgotten them."""
        running = self.supervisor.children.get("phones")
        if running is not None:
            self.phones.connect(running.output())

    def _told(self, part: Part) -> Part:
        return replace(part, environment={**self._environment, **part.environment})

    @property
    def _phone_count(self) -> int:
        return phones.count(self.options.phones)
