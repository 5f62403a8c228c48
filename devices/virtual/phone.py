"""One virtual phone, put together: silicon, kernel files, Android, agent and adbd."""

import zlib
from functools import cached_property

from devices.virtual.adbd.target import Banner
from devices.virtual.agent import AgentFacts, Ledger, agent_program
from devices.virtual.android import AGENT, Android
from devices.virtual.clock import PhoneClock
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.node import Node
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.physics.thermal import DIE, GPU
from devices.virtual.userspace.boot import boot
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.identity import cpuinfo, hot_thresholds, phone_properties
from devices.virtual.userspace.kernel_folders import KernelFiles
from devices.virtual.userspace.proc_folders import show_processes
from devices.virtual.userspace.system import System

_EMPTY = 0.005  # share of the charge below which no phone stays on


class VirtualPhone(Android):
    """A phone of the catalog that lives in this process."""

    def __init__(
        self,
        spec: PhoneSpec,
        number: int,
        contents: ContentStore,
        clock: PhoneClock,
        seed: int,
    ) -> None:
        identity = spec.identity
        serialno = f"virt-{spec.name}-{number}"
        banner = Banner(identity.product, identity.model, identity.device)
        super().__init__(spec.name, serialno, banner, clock, contents)
        self.spec = spec
        self.ledger = Ledger()
        # From the name, not from the place in the list: who else runs must not change a phone.
        self._seed = zlib.crc32(f"{seed}:{serialno}".encode())

    @cached_property
    def _machine(self) -> Machine:
        """Silicon and kernel, whose files appear with them; nobody waits for them before."""
        machine = Machine(self.spec, self._seed)
        files = KernelFiles(machine, self.clock.wall_s(), before=self.world)
        files.show(self.tree.volume.root)
        self.tree.mount(
            "/proc/cpuinfo", Node(lambda: cpuinfo(self.spec, machine.chip.online).encode())
        )
        return machine

    def start(self) -> System:
        """Boot the Android of this model."""
        self.world().forget_settings()
        facts = AgentFacts(
            boot_id=self.boot_id,
            read_file=self.tree.read,
            boot_wall_ns=self.clock.boot_wall_ns,
            dial=self.sockets.dial,
        )
        system = boot(
            self.tree,
            self.clock,
            phone_properties(self.spec, self.serialno, self.clock.speed),
            programs={
                AGENT: self.trouble.voiced(
                    agent_program(self._machine, self.clock, facts, self.ledger)
                )
            },
            hot_thresholds=hot_thresholds(self.spec),
            quirks=self.spec.quirks,
        )
        show_processes(self.tree, system.processes, self.spec.cpu_count)
        return system

    def world(self) -> Machine:
        """Return the simulated machine, moved on to now."""
        self._machine.advance(self.clock.now_ns())
        return self._machine

    def cause_of_death(self) -> str:
        """Return why the phone must switch itself off now, "" if it need not."""
        machine = self.world()
        temps_c = machine.present()[0]
        die_c = max(temps_c[DIE], temps_c[GPU])
        if machine.gauge.charge < _EMPTY and not machine.gauge.is_fed:
            return "its battery is empty"
        trips = [trip for zone in self.spec.zones for trip in zone.trips]
        limits_c = [trip.celsius for trip in trips if trip.type == "critical"]
        if limits_c and die_c > min(limits_c) + machine.guard.shift_k:
            return f"its chip is at {die_c:.0f} °C"
        return ""

    def log(self) -> list[dict[str, object]]:
        """Return what the phone itself recorded of its trials."""
        return self.ledger.entries()

    async def heal(self) -> None:
        """End every fault that can be ended."""
        self._machine.zones.lost.clear()
        self._machine.zones.lies.clear()
        if self.trouble.power_service is not None:
            self.world().set_power_service(self.trouble.power_service)
        if self.spec.battery.switch:
            self.doubt_switch(lies=False)
        for cpu in self.trouble.unplugged:
            self.world().plug(cpu, is_online=True)
        await super().heal()
