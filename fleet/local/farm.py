"""A whole farm on one machine: which parts, in which order."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from fleet.local import adb, phones, ports, services
from fleet.local.child import Part
from fleet.local.datadir import DataDir
from fleet.local.environment import environment
from fleet.local.postgres import Postgres
from fleet.local.supervisor import Supervisor
from fleet.local.valkey import Valkey


@dataclass(frozen=True)
class FarmOptions:
    """What a person may choose.

    phones: a number, or names of the catalog with commas between
    speed: device seconds per host second
    usb: look for phones on USB, too
    """

    port: int = 8000
    phones: str = str(phones.DEFAULT_COUNT)
    speed: float = 20.0
    demo: bool = True
    usb: bool = True


class Farm:
    """The parts of one farm and the story of their start."""

    def __init__(self, data: DataDir, options: FarmOptions, say: Callable[[str], None]) -> None:
        self.data = data
        self.options = options
        self.url = f"http://{ports.LOOPBACK}:{options.port}/"
        self.adb = adb.AdbServer(data.adb_home, ports.first_free(adb.FIRST_PORT), options.usb)
        self.database = Postgres(data.cluster, data.postgres_sockets, data.cluster_owner)
        self.valkey = Valkey(data.valkey, data.valkey_socket)
        self.supervisor = Supervisor(data, say)
        self._environment = environment(data, self.valkey, self.adb.port)

    async def start(self) -> dict[str, str]:
        """Start everything; return the first login and token."""
        await self.supervisor.start(*self._told(self.database.part()))
        await self.supervisor.start(
            *self._told(self.valkey.part(), self.adb.part(), self._phones().part())
        )
        await self._run(services.manage("migrate", "migrate", "--no-input", role="migrate"))
        first = await self._run(services.manage("first-start", "seed_first_start"))
        await self.supervisor.start(*self._told(*self._services()))
        if self.options.demo:
            await self._run(services.manage("demo", "demo"))
        return dict(json.loads(first.splitlines()[-1]))

    def _services(self) -> tuple[Part, ...]:
        slots = phones.count(self.options.phones) + 2
        return (
            services.web(self.options.port),
            services.host_worker(slots),
            services.analysis_worker(),
            services.dispatcher(),
            services.watcher(),
        )

    def _phones(self) -> phones.VirtualPhones:
        wanted = phones.count(self.options.phones) + 1  # this machine is one more
        return phones.VirtualPhones(
            phones=self.options.phones,
            first_port=ports.first_free(phones.FIRST_PORT, wanted),
            speed=self.options.speed,
            control=self.data.control_socket,
            adb_port=self.adb.port,
        )

    async def _run(self, step: Part) -> str:
        (told,) = self._told(step)
        return await self.supervisor.run(told)

    def _told(self, *parts: Part) -> tuple[Part, ...]:
        return tuple(
            replace(part, environment={**self._environment, **part.environment}) for part in parts
        )
