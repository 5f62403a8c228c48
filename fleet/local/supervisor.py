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
HARDER_GRACE_S = 1.0


@dataclass(frozen=True)
class Patience:
    """How long the supervisor waits before it acts [s].

    first_pause_s: before the first restart; doubled for each later one in the same minute
    silent_s: without a sign of life in the database
    """

    first_pause_s: float = 1.0
    feel_pulse_every_s: float = 10.0
    silent_s: float = 30.0


@dataclass
class Supervisor:
    """The children of one farm; use it from the main thread of an asyncio loop.

    say: is told in one line what a person should know
    changed: is called when a part runs under another pid than before
    """

    data: DataDir
    say: Callable[[str], None]
    changed: Callable[[], None] = lambda: None
    patience: Patience = Patience()
    children: dict[str, Child] = field(default_factory=dict)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._guard = Guard()
        self._register = Register(self.data)
        self._lasting: list[Part] = []
        self._died = asyncio.Event()
        self._exits: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=MAX_EXITS))
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._died.set)

    async def start(self, *parts: Part) -> None:
        """Start parts side by side; return when all are ready."""
        self._lasting.extend(parts)
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
        stories = [self._keep_alive(part) for part in self._lasting]
        pulses = [self._keep_working(part) for part in self._lasting if part.pulse]
        await together(*stories, *pulses, self._cap_logs())

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
            self.changed()
        except LocalFarmError as error:  # the next turn counts it
            self.say(str(error))
            self.children[part.name].signal(signal.SIGKILL)

    async def _keep_working(self, part: Part) -> None:
        """Kill a part that lives and does nothing; `_keep_alive` does the rest."""
        strikes = 0
        while True:
            await HOST.wait_async(self.patience.feel_pulse_every_s)
            child = self.children[part.name]
            silent_s = await asyncio.to_thread(part.pulse) if part.pulse else None
            uptime_s = (HOST.now_ns() - child.started_ns) / NS_PER_S
            strikes = strikes + 1 if min(silent_s or 0.0, uptime_s) > self.patience.silent_s else 0
            if strikes == 2:  # once may be a database that was away until now
                self.say(f"{part.name} has shown no sign of life for {silent_s:.0f} s; ending it")
                child.signal(signal.SIGKILL)
                strikes = 0

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
        return float(self.patience.first_pause_s * 2 ** (len(recent) - 1))

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
        grace_s = child.part.grace_s
        for number in (child.part.stop_signal, *child.part.harder_signals):
            child.signal(number)
            await self._grace(child, grace_s, patient=number is signal.SIGKILL)
            grace_s = HARDER_GRACE_S

    async def _grace(self, child: Child, grace_s: float, *, patient: bool) -> None:
        deadline = HOST.now_ns() + round(grace_s * NS_PER_S)
        while child.poll() is None and HOST.now_ns() < deadline:
            if self.hurry.is_set() and not patient:
                return
            await HOST.wait_async(ASK_EVERY_S / 5)


def _obituary(child: Child) -> str:
    return f"{child.part.name} ended with {child.poll()}:\n{child.last_lines(LAST_LINES)}"


async def together(*stories: Coroutine[None, None, None]) -> None:
    """Run coroutines side by side; the first failure ends the others and is raised alone."""
    try:
        async with asyncio.TaskGroup() as group:
            for story in stories:
                group.create_task(story)
    except BaseExceptionGroup as failures:
        raise _first(failures) from None


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    # What a person can act upon goes before what it has led to.
    telling = failures.subgroup(LocalFarmError) or failures
    return telling.exceptions[0]
