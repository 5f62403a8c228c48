"""Yielding what an agent sends without ever holding up who waits for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Thread

from devices.agent.link import AgentLink
from devices.clock import HOST, NS_PER_S
from devices.errors import TransientDeviceError
from devices.samples import Event, Item

STEP_S = 0.25  # host time: so often the caller gets its turn
SILENCE_S = 20.0  # host time without a row or an event in which a phone counts as lost


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing came; the caller may look after its lease."""


def listen(
    link: AgentLink, leisure_s: Callable[[], float] = lambda: STEP_S
) -> Iterator[Item | Tick]:
    """Yield items for ever, a Tick where none came, and give up on a phone that fell silent.

    `leisure_s` says how long the caller has nothing to do of its own [s of host time].
    """
    heard_ns = HOST.now_ns()
    while True:
        items = link.receive(min(leisure_s(), STEP_S))
        if items:
            heard_ns = HOST.now_ns()
            yield from items
        else:
            _still_there(heard_ns)
            yield Tick()


def _still_there(heard_ns: int) -> None:
    if HOST.now_ns() - heard_ns > SILENCE_S * NS_PER_S:
        raise TransientDeviceError(f"the phone sent nothing for {SILENCE_S:g} s")


def patiently(work: Callable[[], None]) -> Iterator[Tick]:
    """Yield Ticks while `work` runs beside; raise what it raises. It must not touch the link."""
    running = _Beside(work)
    running.start()
    while running.is_alive():
        running.join(STEP_S)
        yield Tick()
    if running.error is not None:
        raise running.error


class _Beside(Thread):
    """Runs one function and keeps its error; a process that ends does not wait for it."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(name="patiently", daemon=True)
        self._work = work
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._work()
        except Exception as error:
            self.error = error


def finish(link: AgentLink, heard: Iterator[Item | Tick], trial: int) -> Iterator[Item | Tick]:
    """End a trial on the phone and yield what is left of it, up to its `ended` event.

    `heard` is the one iterator of `listen` that the trial was followed with: what it has taken
    from the link and not yet yielded belongs to the trial too.
    """
    link.request("end")
    for item in heard:
        yield item
        if isinstance(item, Event) and item.kind == "ended" and item.trial == trial:
            return
