"""A virtual phone inside this process, with its agent at the other end of a stream in memory.

The host's side of the loop runs unchanged against it, and its clock jumps instead of waiting. It is
for measuring many hours of device time in minutes; everything else goes through a real adb server.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from devices.agent.install import choose_build
from devices.agent.link import AgentLink
from devices.agent.messages import LOCKSTEP
from devices.clock import SimulatedClock
from devices.errors import StableDeviceError
from devices.phone import Completed, Phone, quoted
from devices.root import find_root
from devices.sysfs.cpufreq import cluster_names
from devices.virtual.agent.knobs import Knobs
from devices.virtual.agent.ledger import Ledger
from devices.virtual.agent.session import Session
from devices.virtual.agent.simulated import AgentFacts, SimulatedBody
from devices.virtual.catalog import load
from devices.virtual.clock import PhoneClock
from devices.virtual.kernel.machine import Machine
from devices.virtual.phone import VirtualPhone
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.inodes import ROOT, SHELL
from devices.virtual.userspace.streams import BytesReader, BytesWriter

#: What the phone calls its speed. Limits on silence are host time × speed, and here hours of
#: device time pass in seconds of host time: it must only be more than any machine reaches.
NOMINAL_SPEED = 10_000.0
STEP_S = 1.0  # device time between two batches of rows
_WALL_S = 1_577_836_800  # every phone boots on 2020-01-01
_QUIET_STEPS = 100  # without a word from the agent, a read gives up
_CONTENTS = ContentStore()  # networks are kept once for all phones


@dataclass(frozen=True, slots=True)
class InProcess:
    """What the ordinary loop needs."""

    phone: Phone
    link: AgentLink
    machine: Machine  # the hidden truth, for checks


def start(
    name: str,
    *,
    seed: int = 1,
    ambient_c: float = 22.0,
    step_s: float = STEP_S,
    sets_knobs: bool = False,
) -> InProcess:
    """Boot a phone of the catalog and become the owner of its agent.

    `step_s` is the device time between two batches, and so the delay of what a host decides. With
    `sets_knobs` the agent is root's where the phone has a `su`, as over adb.

    Raises:
        KeyError: if the catalog has no such phone.
    """
    host = SimulatedClock(wall_s=_WALL_S)
    android = VirtualPhone(load(name), 1, _CONTENTS, PhoneClock(NOMINAL_SPEED, host=host), seed)
    machine = android.world()
    machine.set_ambient(ambient_c)
    phone = _NearPhone(android)
    agent = choose_build(("python-v1",)).sha256
    facts = AgentFacts(android.boot_id, android.tree.read, boot_wall_ns=_WALL_S * 10**9)
    body = SimulatedBody(machine, android.clock, facts)
    body.caps = (*body.caps, LOCKSTEP)
    uid = ROOT if sets_knobs and find_root(phone) else SHELL
    knobs = Knobs(android.tree.as_user(uid), android.boot_id)
    session = Session(body, Ledger(), sha256=agent, knobs=knobs)
    stream = _Memory(session, host, step_s / NOMINAL_SPEED)
    link = AgentLink(stream, name=phone.serial, clusters=cluster_names(phone))
    link.open("in-process", 1)
    return InProcess(phone, link, machine)


class _Memory:
    """The stream to an agent whose clock moves on whenever somebody waits for it."""

    def __init__(self, session: Session, clock: SimulatedClock, step_s: float) -> None:
        self.returncode: int | None = None
        self._session = session
        self._clock = clock
        self._step_s = step_s

    def write(self, data: bytes) -> None:
        """Give a command to the agent, which answers at once."""
        self._session.feed(data)

    def read(self, timeout_s: float) -> bytes:
        """Return the agent's next lines, letting device time pass until there are any."""
        for _ in range(_QUIET_STEPS):
            output = self._session.take_output()
            if output or self._session.exit_code is not None:
                return output
            self._clock.advance(self._step_s)
            self._session.turn()
        raise TimeoutError("the agent has nothing to say")

    def stderr(self) -> bytes:
        """Return nothing: there is none."""
        return b""

    def close(self) -> None:
        """End the agent."""
        self._session.end_of_input()


class _NearPhone(Phone):
    """The one door to a phone, without an adb server behind it."""

    _android: VirtualPhone

    def __init__(self, android: VirtualPhone) -> None:
        object.__setattr__(self, "serial", android.serialno)
        object.__setattr__(self, "transport_id", 0)
        object.__setattr__(self, "_android", android)

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 15.0, check: bool = False
    ) -> Completed:
        """Run a list of words in the phone's own shell."""
        stdout, stderr = BytesWriter(), BytesWriter()
        command = self._android.shell(quoted(argv), BytesReader(), stdout, stderr)
        status = asyncio.run(command)
        completed = Completed(tuple(argv), stdout.take().decode(), stderr.take().decode(), status)
        if check and status != 0:
            raise StableDeviceError(f"{quoted(argv)} ended with {status}: {completed.stderr}")
        return completed

    def push(self, data: bytes, path: str, mode: int = 0o644) -> None:
        """Make `data` the content of `path`, with the folders that are missing."""
        self.run(["mkdir", "-p", str(PurePosixPath(path).parent)], check=True)
        self._android.files.write(path, data, mode=mode)

    def pull(self, path: str, limit: int = 1 << 30) -> bytes:
        """Return the content of `path`."""
        return self._android.files.read(path)[:limit]
