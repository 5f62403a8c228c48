"""Who gets which phone next: a pure function of who waits and what is free."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SELECTOR_KEYS = ("kind", "model", "soc", "tags", "host")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued run, as far as the order of the queue is concerned."""

    run: int
    priority: int
    owner: int | None
    device: int | None  # the one device it wants; None: any that the selector accepts
    selector: Mapping[str, Any] = field(default_factory=dict)
    unfit: frozenset[int] = frozenset()  # devices that lack what it needs


@dataclass(frozen=True, slots=True)
class Free:
    """An idle device with the facts that a selector may name."""

    device: int
    facts: Mapping[str, Any]


def accepts(selector: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Return whether every key of the selector holds; a list means any, tags mean all."""
    for key, wanted in selector.items():
        have = facts.get(key)
        options = wanted if isinstance(wanted, list) else [wanted]
        if key == "tags":
            if not set(options) <= set(have or ()):
                return False
        elif have not in options:
            return False
    return True


def match(
    waiting: Sequence[Waiting], free: Sequence[Free], running: Counter[int | None]
) -> list[tuple[int, int]]:
    """Return (run, device) pairs: by priority, then the owner with least running, then age.

    `waiting` and `free` come in order of age; each device is given away once.
    """
    left = list(free)
    load = Counter(running)
    pairs: list[tuple[int, int]] = []
    queue = list(waiting)
    while queue and left:
        best = min(queue, key=lambda run: (-run.priority, load[run.owner], run.run))
        queue.remove(best)
        device = _device_for(best, left)
        if device is None:
            continue
        left.remove(device)
        load[best.owner] += 1
        pairs.append((best.run, device.device))
    return pairs


def _device_for(run: Waiting, free: Sequence[Free]) -> Free | None:
    for device in free:
        if run.device is not None:
            if device.device == run.device:
                return device
        elif device.device not in run.unfit and accepts(run.selector, device.facts):
            return device
    return None
