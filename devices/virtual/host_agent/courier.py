"""Hands a lane's blobs to a peer over TCP and brings back what it made of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from devices.agent.codecs import decode_tensor, encode_tensor
from devices.agent.messages import PROBLEMS
from devices.agent.peer import Address, Peer, PeerError
from devices.agent.tensors import MAX_PROBE_BYTES, Frame, FrameError, Kind
from devices.clock import HOST, NS_PER_S
from devices.virtual.agent.body import Happening
from devices.virtual.agent.peering import NetworkShape, PeerOrder, Rates
from devices.virtual.host_agent.network import Output

PROBE_AFTER_S = 10.0  # without traffic, what is believed of the network is stale


@dataclass(frozen=True, slots=True)
class Journey:
    """What became of one blob."""

    output: Output | None  # None: finish it here
    problem: str = ""
    net_us: int | None = None
    srv_us: int | None = None
    srvq_us: int | None = None
    tx: int | None = None
    rx: int | None = None


@dataclass(slots=True)
class Way:
    """The network between this machine and its peer, as lanes share it."""

    order: PeerOrder
    rates: Rates
    shape: NetworkShape | None = None

    def hold_up(self, sent: int, received: int) -> None:
        """Wait as long as the shaped network would need for these bytes."""
        if self.shape is not None:
            up_s = 8 * sent / (self.shape.up_kbps * 1e3)
            down_s = 8 * received / (self.shape.down_kbps * 1e3)
            HOST.wait(self.shape.rtt_us / 2e6 + up_s + down_s)


def _problem(error: PeerError | FrameError) -> str:
    """Return a word of the protocol's error table."""
    is_known = isinstance(error, PeerError) and error.code in PROBLEMS
    return error.code if isinstance(error, PeerError) and is_known else "io"


class Courier:
    """One lane's connection; a new cut needs a new greeting."""

    def __init__(self, way: Way, tell: Callable[[Happening], None]) -> None:
        self._way = way
        self._tell = tell
        self._peer: Peer | None = None
        self._cut = self._back = ""
        self._is_up: bool | None = None
        self._number = 0
        self._traffic_ns = 0

    def use(self, cut: str, back: str) -> None:
        """Greet for a cut, so that what follows it is loaded before the first blob comes."""
        cut = cut or self._way.order.model.input
        if (cut, back) == (self._cut, self._back):
            return
        self.close()
        order, self._cut, self._back = self._way.order, cut, back
        greeting = order.greeting(cut, back, synthetic=False)
        self._peer = Peer(Address(order.host, order.port), greeting, order.timeout_ms / 1000)
        try:
            self._peer.dial()
            self._note("")
        except PeerError as error:
            self._note(error.code)

    def carry(self, crossing: Output) -> Journey:
        """Send a blob and wait for what the peer makes of it."""
        assert self._peer is not None
        codec = self._way.order.codec_of(self._cut)
        self._number += 1
        began_ns = HOST.now_ns()
        frame = replace(
            encode_tensor(crossing, codec, self._number),
            # What is given up here need not be computed there.
            t_reply_ns=self._way.order.timeout_ms * 1_000_000,
        )
        try:
            answer = self._ask(frame)
            output = decode_tensor(answer)
        except (PeerError, FrameError) as error:
            problem = _problem(error)
            self._note(problem)
            waited_us = (HOST.now_ns() - began_ns) // 1000
            return Journey(None, problem, waited_us)
        self._note("")
        queue_us, compute_us, _ = answer.timings
        net_us = (HOST.now_ns() - began_ns) // 1000
        sent, received = len(frame.payload), len(answer.payload)
        self._learn(net_us - compute_us - queue_us, sent + received)
        return Journey(output, "", net_us, compute_us, queue_us, sent, received)

    def refresh(self) -> None:
        """Probe a network that has carried nothing for a while."""
        if HOST.now_ns() - self._traffic_ns < PROBE_AFTER_S * NS_PER_S or self._peer is None:
            return
        try:
            self.probe()
            self._note("")
        except PeerError as error:
            self._note(error.code)

    def probe(self) -> None:
        """Measure the round trip with one byte and the rate with 64 KiB; PeerError if in vain."""
        self._traffic_ns = HOST.now_ns()
        spans_us = []
        for size in (1, MAX_PROBE_BYTES):
            self._number += 1
            began_ns = HOST.now_ns()
            self._ask(Frame(Kind.PING, self._number, np.zeros(size, np.uint8).tobytes()))
            spans_us.append((HOST.now_ns() - began_ns) // 1000)
        self._way.rates.rtt_us = spans_us[0]
        self._learn(spans_us[1], 2 * MAX_PROBE_BYTES)

    def _ask(self, frame: Frame) -> Frame:
        assert self._peer is not None
        self._way.hold_up(len(frame.payload), 0)
        answer = self._peer.ask(frame)
        self._way.hold_up(0, len(answer.payload))
        self._traffic_ns = HOST.now_ns()
        return answer

    def _learn(self, network_us: int, moved: int) -> None:
        """Tell the rate of a transfer; what the round trip alone takes is no transfer."""
        rates = self._way.rates
        moving_us = max(network_us - (rates.rtt_us or 0), 1)
        rates.up_kbps = rates.down_kbps = round(8 * moved * 1e3 / moving_us)

    def _note(self, problem: str) -> None:
        """Tell when the peer has come or gone."""
        is_up = not problem
        if is_up is not self._is_up:
            self._is_up = is_up
            state = {"state": "up" if is_up else "down", "why": problem}
            self._tell(Happening(HOST.now_ns(), "peer", state))

    def close(self) -> None:
        """Hang up."""
        if self._peer is not None:
            self._peer.close()
            self._peer, self._cut, self._back = None, "", ""
