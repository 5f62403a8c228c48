"""Starts the parts in the order of their readiness, restarts what dies, stops in reverse."""

import asyncio
import signal
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from devices.clock import HOST, NS_PER_S
from fleet.local.child import Child, Part
from fleet.local.datadir import DataDir
from fleet.local.errors import LocalFarmError
from fleet.local.guard import Guard
from fleet.local.leftovers import Register
from fleet.local.logs import cap

ASK_EVERY_S = 0.05
READY_WITHIN_S = 30.0
MAX_EXITS = 5
EXIT_WINDOW_S = 60.0
LAST_LINES = 20
CAP_LOGS_EVERY_S = 60.0


@dataclass
class Supervisor:
    """The children of one farm; use it from the main thread of an asyncio loop.

    say: is told in one line what a person should know
    first_pause_s: before the first restart; doubled for each later one in the same minute
    """

    data: DataDir
    say: Callable[[str], None]
    first_pause_s: float = 1.0
    children: dict[str, Child] = field(default_factory=dict)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._guard = Guard()
        self._register = Register(self.data)
        self._died = asyncio.Event()
        self._exits: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=MAX_EXITS))
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._died.set)

    async def start(self, *parts: Part) -> None:
        """Start parts side by side; return when all are ready."""
        await together(*(self._start(part) for part in parts))

    async def _start(self, part: Part) -> None:
        if part.prepare is not None:
            await asyncio.to_thread(part.prepare)
        child = self._spawn(part)
        await self._until_ready(child)
        if part.settle is not None:
            await asyncio.to_thread(part.settle, child)

    def _spawn(self, part: Part) -> Child:
        child = Child(part, self.data.log(part.name), self._guard)
        self.children[part.name] = child
        self._register.write(self.children)
        return child

    async def _until_ready(self, child: Child) -> None:
        deadline = HOST.now_ns() + round(READY_WITHIN_S * NS_PER_S)
        while not await asyncio.to_thread(child.part.ready, child):
            if child.poll() is not None:
                raise LocalFarmError(_obituary(child))
            if HOST.now_ns() > deadline:
                raise LocalFarmError(
                    f"{child.part.name} was not ready within {READY_WITHIN_S:.0f} s:\n"
                    f"{child.last_lines(LAST_LINES)}"
                )
            await HOST.wait_async(ASK_EVERY_S)

    async def run(self, part: Part) -> None:
        """Run a step that ends by itself."""
        child = self._spawn(part)
        while child.poll() is None:
            await self._next_death()
        del self.children[part.name]
        if child.poll() != 0:
            raise LocalFarmError(_obituary(child))

    async def watch(self) -> None:
        """Restart what dies, until something dies too often; keep the logs small."""
        parts = [child.part for child in self.children.values()]
        await together(*(self._keep_alive(part) for part in parts), self._cap_logs())

    async def _keep_alive(self, part: Part) -> None:
        while True:
            child = self.children[part.name]
            while child.poll() is None:
                await self._next_death()
            pause_s = self._pause_after_exit(child)
            self.say(f"{part.name} ended with {child.poll()}; starting it again in {pause_s:g} s")
            await HOST.wait_async(pause_s)
            await self._restart(part)

    async def _restart(self, part: Part) -> None:
        try:
            await self._start(part)
        except LocalFarmError as error:  # the next turn counts it
            self.say(str(error))
            self.children[part.name].signal(signal.SIGKILL)

    async def _cap_logs(self) -> None:
        while True:
            await HOST.wait_async(CAP_LOGS_EVERY_S)
            for name in self.children:
                cap(self.data.log(name))

    def _pause_after_exit(self, child: Child) -> float:
        exits = self._exits[child.part.name]
        now = HOST.now_ns()
        exits.append(now)
        recent = [at for at in exits if now - at < EXIT_WINDOW_S * NS_PER_S]
        if len(recent) >= MAX_EXITS:
            raise LocalFarmError(f"{MAX_EXITS} times in a minute: {_obituary(child)}")
        return float(self.first_pause_s * 2 ** (len(recent) - 1))

    async def _next_death(self) -> None:
        # Several coroutines wait: each looks again when any child has ended.
        self._died.clear()
        await self._died.wait()

    async def stop(self) -> None:
        """Stop layer by layer, the lowest last; at once when `hurry` is set."""
        for layer in sorted({child.part.layer for child in self.children.values()}, reverse=True):
            children = [c for c in self.children.values() if c.part.layer == layer]
            await together(*(self._stop(child) for child in children))
        self._guard.close()
        self._register.clear()

    async def _stop(self, child: Child) -> None:
        for number in (child.part.stop_signal, *child.part.harder_signals):
            child.signal(number)
            await self._grace(child, patient=number is signal.SIGKILL)

    async def _grace(self, child: Child, *, patient: bool) -> None:
        deadline = HOST.now_ns() + round(child.part.grace_s * NS_PER_S)
        while child.poll() is None and HOST.now_ns() < deadline:
            if self.hurry.is_set() and not patient:
                return
            await HOST.wait_async(ASK_EVERY_S / 5)


def _obituary(child: Child) -> str:
    return f"{child.part.name} ended with {child.poll()}:\n{child.last_lines(LAST_LINES)}"


async def together(*stories: Coroutine[None, None, None]) -> None:
    """Run coroutines side by side; the first failure ends the others.

    A person reads one sentence, not a group of them.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for story in stories:
                group.create_task(story)
    except* LocalFarmError as failures:
        raise failures.exceptions[0] from None
