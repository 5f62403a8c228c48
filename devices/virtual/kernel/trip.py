"""What crosses from a phone to a peer and back in the middle of one inference."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Trip:
    """One request to a peer as it went: its stretches add up to its duration."""

    start_ns: int
    end_ns: int  # the answer is there, or is given up
    problem: str = ""  # why there is no answer: connect, io, timeout
    queue_us: int = 0  # at the peer
    compute_us: int = 0  # at the peer
    sent: int = 0  # [B]
    received: int = 0  # [B]
    radio_j: float = 0.0

    @property
    def net_us(self) -> int:
        """From the last byte of the head to the answer, the peer's time included [us]."""
        return (self.end_ns - self.start_ns) // 1000


class Remote(Protocol):
    """Whoever carries a lane's blobs away."""

    def trip(self, t_ns: int) -> Trip | None:
        """Send a blob at `t_ns`; None if nobody is there, which is known at once."""


@dataclass(frozen=True, slots=True)
class Division:
    """How a lane's work is divided."""

    head_share: float  # what comes before the peer, of the whole work's time on the phone [1]
    remote: Remote
    falls_back: bool = True  # finish on the phone what the peer does not
    tail_share: float = 0.0  # what comes after the peer [1]
