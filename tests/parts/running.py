"""Runs one part of the farm for as long as a test needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devices.clock import HOST
from fleet.local.child import Child, Part

ASK_EVERY_S = 0.02
READY_WITHIN_S = 30.0


@contextmanager
def running(part: Part, log: Path) -> Iterator[Child]:
    """Start `part`, wait until it is ready, end it at the end; it dies with this process."""
    if part.prepare is not None:
        part.prepare()
    child = Child(part, log)
    try:
        wait_until_ready(child)
        if part.settle is not None:
            part.settle(child)
        yield child
    finally:
        end(child)


def wait_until_ready(child: Child) -> None:
    """Return when the part says that it is ready; show its last lines when it never does."""
    for _ in range(round(READY_WITHIN_S / ASK_EVERY_S)):
        if child.part.ready(child):
            return
        assert child.poll() is None, child.last_lines(20)
        HOST.wait(ASK_EVERY_S)
    raise AssertionError(f"{child.part.name} is not ready:\n{child.last_lines(20)}")


def end(child: Child) -> None:
    """Stop as the supervisor would: the part's signal, its grace, then harder."""
    for number in (child.part.stop_signal, *child.part.harder_signals):
        child.signal(number)
        for _ in range(round(child.part.grace_s / ASK_EVERY_S)):
            if child.poll() is not None:
                return
            HOST.wait(ASK_EVERY_S)
