"""What is wrong with a device besides its link: how its shell and its agents answer meanwhile."""

import asyncio
import random
import zlib
from dataclasses import dataclass, field, replace

from devices.virtual.userspace.streams import ByteWriter
from devices.virtual.userspace.system import Invocation, Program

_PIECE = 8 * 1024  # [bytes]
_ENDLESS_EVERY = 3  # of the answers of a garbling shell, one in so many never ends


class Trouble:
    """The faults that one device has now; nothing by default."""

    def __init__(self, serialno: str) -> None:
        self._seed = zlib.crc32(serialno.encode())
        self.voice = asyncio.Event()  # set: agents may speak
        self.heal()

    def heal(self) -> None:
        """Be well again."""
        self.garbles = False  # commands answer with bytes that mean nothing, some without end
        self.delay_s = 0.0  # before each command [s of device time]
        self.keeps_vbus = False  # a charger that is switched off feeds on
        self.unplugged: set[int] = set()  # CPUs
        self.power_service: bool | None = None  # whether it was on before it was made to drift
        self._dice = random.Random(self._seed)
        self.voice.set()

    def note_power_service(self, is_on: bool) -> None:
        """Remember how the vendor's power service was, the first time that it is asked."""
        if self.power_service is None:
            self.power_service = is_on

    async def garble(self, stdout: ByteWriter) -> int:
        """Answer a command with nonsense: the same nonsense for the same device."""
        is_endless = self._dice.randrange(_ENDLESS_EVERY) == 0
        await stdout.write(self._dice.randbytes(_PIECE))
        while is_endless:
            await stdout.write(self._dice.randbytes(_PIECE))
        return 0

    def voiced(self, program: Program) -> Program:
        """Return a program whose output waits while its voice is taken."""

        async def run(invocation: Invocation) -> int:
            return await program(replace(invocation, stdout=_Gated(invocation.stdout, self.voice)))

        return run


@dataclass(frozen=True, slots=True)
class _Gated:
    """A writer that waits for an event before each piece."""

    writer: ByteWriter
    gate: asyncio.Event = field(repr=False)

    async def write(self, data: bytes) -> None:
        await self.gate.wait()
        await self.writer.write(data)
