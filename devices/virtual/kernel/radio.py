"""The radio of one phone: the network it is in, the transfers it makes, what they draw and heat."""

from devices.virtual.kernel.blocks import Radio as RadioSpec
from devices.virtual.kernel.blocks import RadioLink
from devices.virtual.kernel.lane import NS
from devices.virtual.physics.network import Link, RadioPower
from devices.virtual.physics.thermal import HEATED, NODES, Heat

_MBIT = 1e6
_RTT_S = 0.02  # a server in the same region (estimated)
#: Of a phone whose file names none (estimated: a recent Wi-Fi radio on a good channel).
_UNKNOWN = RadioLink(
    source="estimated",
    mbit_s=200.0,
    active_w=0.7,
    down_w_per_mbit_s=0.003,
    up_w_per_mbit_s=0.005,
    tail_s=0.2,
    tail_w=0.3,
    node={"pcb": 1.0},
)


class Radio:
    """Moves bytes in device time and remembers what that costs."""

    def __init__(self, radio: RadioSpec | None) -> None:
        spec = radio.wifi if radio else _UNKNOWN
        self.link = Link(spec.mbit_s * _MBIT, spec.mbit_s * _MBIT, _RTT_S)
        self._power = RadioPower(
            spec.active_w,
            spec.up_w_per_mbit_s / _MBIT,
            spec.down_w_per_mbit_s / _MBIT,
            spec.tail_s,
            spec.tail_w,
        )
        self._nodes = _heated(spec.node)
        self._tail_ns = round(self._power.tail_s * NS)
        self._transfers: list[tuple[int, int, float]] = []  # start, end [ns], mean power [W]

    def move(self, start_ns: int, end_ns: int, sent: int, received: int) -> float:
        """Note a transfer; return its energy [J]."""
        seconds = max(end_ns - start_ns, 1) / NS
        joules = self._power.energy_j(sent, received, seconds)
        self._transfers.append((start_ns, max(end_ns, start_ns + 1), joules / seconds))
        return joules

    def forget(self, from_ns: int) -> None:
        """Never have moved what was to be moved from an instant on."""
        self._transfers = [entry for entry in self._transfers if entry[0] < from_ns]

    def is_silent(self, t_ns: int) -> bool:
        """Whether nothing is moved and no tail is left from `t_ns` on."""
        return all(t_ns >= end_ns + self._tail_ns for _, end_ns, _ in self._transfers)

    def heat_w(self, t0_ns: int, t1_ns: int) -> Heat:
        """Return the mean power over an interval, per heated node; forget what is before it."""
        self._transfers = [e for e in self._transfers if e[1] + self._tail_ns > t0_ns]
        ns = sum(_overlap(t0_ns, t1_ns, a, b) * watts for a, b, watts in self._transfers)
        if self._transfers:
            last_ns = max(end_ns for _, end_ns, _ in self._transfers)
            tail = _overlap(t0_ns, t1_ns, last_ns, last_ns + self._tail_ns)
            ns += tail * self._power.tail_w
        watts = ns / (t1_ns - t0_ns)
        return tuple([share * watts for share in self._nodes])  # type: ignore[return-value]


def _overlap(t0_ns: int, t1_ns: int, start_ns: int, end_ns: int) -> int:
    return max(0, min(t1_ns, end_ns) - max(t0_ns, start_ns))


def _heated(shares: dict[str, float]) -> tuple[float, ...]:
    """Return the share of each heated node; what lies elsewhere warms the board."""
    board = NODES.index("pcb")
    found = dict.fromkeys(HEATED, 0.0)
    for name, share in shares.items():
        node = NODES.index(name)
        found[node if node in found else board] += share
    return tuple(found.values())
