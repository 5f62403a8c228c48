"""Which requests are computed together, and when; pure, in nanoseconds of one clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key")
What = TypeVar("What")


@dataclass(frozen=True, slots=True)
class Request(Generic[What]):
    """One tensor that waits."""

    what: What
    arrived_ns: int
    deadline_ns: int | None = None  # when its answer is worth nothing any more


@dataclass(frozen=True, slots=True)
class Batch(Generic[Key, What]):
    """Requests for the same segment, and those among them that came too late."""

    key: Key
    requests: tuple[Request[What], ...]
    expired: tuple[Request[What], ...] = ()


@dataclass
class Batcher(Generic[Key, What]):
    """A queue per segment.

    A batch is closed when it is full, when its oldest request has waited for the window, or when
    that one's slack is less than what one more item would cost.
    """

    cost_ns: Callable[[Key, int], int]  # of a batch of so many
    window_ns: int = 0
    largest: int = 8
    _queues: dict[Key, list[Request[What]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    def add(self, key: Key, request: Request[What]) -> None:
        """Let a request wait."""
        self._queues.setdefault(key, []).append(request)

    def due_ns(self) -> int | None:
        """Return when the next batch should be closed; None while nothing waits."""
        return min(
            (self._close_ns(key, queue) for key, queue in self._queues.items()), default=None
        )

    def take(self, now_ns: int) -> Batch[Key, What] | None:
        """Return the batch that is due and has waited longest, or None."""
        due = [key for key, queue in self._queues.items() if self._close_ns(key, queue) <= now_ns]
        if not due:
            return None
        key = min(due, key=lambda key: self._queues[key][0].arrived_ns)
        queue = self._queues[key]
        taken, rest = queue[: self.largest], queue[self.largest :]
        if rest:
            self._queues[key] = rest
        else:
            del self._queues[key]
        late = tuple(r for r in taken if r.deadline_ns is not None and r.deadline_ns <= now_ns)
        return Batch(key, tuple(r for r in taken if r not in late), late)

    def _close_ns(self, key: Key, queue: list[Request[What]]) -> int:
        size = len(queue)
        if size >= self.largest:
            return queue[0].arrived_ns
        close_ns = queue[0].arrived_ns + self.window_ns
        deadlines = [r.deadline_ns for r in queue if r.deadline_ns is not None]
        if deadlines:
            # As late as one more item would still be in time: slack < cost of one more.
            close_ns = min(close_ns, min(deadlines) - self.cost_ns(key, size + 1))
        return close_ns
