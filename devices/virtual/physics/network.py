"""How long bytes take through a network, and what a radio draws meanwhile; pure.

Notes:
    one transfer       t = rtt + 8·bytes / rate
    rate under loss    at most MSS/rtt · sqrt(3/2) / sqrt(p), in bytes per second: Mathis, Semke,
                       Mahdavi, Ott, CCR 27(3), 1997, equation 3
    radio              P = active + per_rate · rate while anything moves, then a tail
"""

from dataclasses import dataclass
from math import sqrt

_SEGMENT_BYTES = 1460  # of TCP payload in one packet
_SHORTEST_RTT_S = 1e-4  # for the formula of Mathis: nothing is instant


@dataclass(frozen=True, slots=True)
class Link:
    """The network between a phone and a server."""

    up_bit_s: float
    down_bit_s: float
    rtt_s: float
    loss: float = 0.0  # of packets [1]

    def rate_bit_s(self, nominal_bit_s: float) -> float:
        """Return what one TCP connection gets of a nominal rate [bit/s]."""
        if not self.loss:
            return nominal_bit_s
        rtt_s = max(self.rtt_s, _SHORTEST_RTT_S)
        return min(nominal_bit_s, 8 * _SEGMENT_BYTES / rtt_s * sqrt(1.5 / self.loss))

    def up_s(self, size: int) -> float:
        """Return how long `size` bytes need to the server, without the round trip [s]."""
        return 8 * size / self.rate_bit_s(self.up_bit_s)

    def down_s(self, size: int) -> float:
        """Return how long `size` bytes need from the server [s]."""
        return 8 * size / self.rate_bit_s(self.down_bit_s)


@dataclass(frozen=True, slots=True)
class RadioPower:
    """What a radio draws beyond the base load of its phone."""

    active_w: float  # while anything moves [W]
    up_w_per_bit_s: float
    down_w_per_bit_s: float
    tail_s: float
    tail_w: float

    def energy_j(self, sent: int, received: int, busy_s: float) -> float:
        """Return the energy of one transfer, without its tail [J].

        A rate times its duration is a number of bits, whatever the rate.
        """
        moved = 8 * (sent * self.up_w_per_bit_s + received * self.down_w_per_bit_s)
        return self.active_w * busy_s + moved
