"""Carries a virtual phone's blobs to a peer: real bytes through a tunnel, time from the model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from devices.agent.codecs import sides_of, synthetic_tensor
from devices.agent.tensors import MAX_PROBE_BYTES
from devices.clock import HOST, NS_PER_S, DeviceClock
from devices.virtual.agent.body import Happening, Refused
from devices.virtual.agent.peering import (
    PACKED,
    NetworkShape,
    PeerOrder,
    Rates,
    packed_sizes,
)
from devices.virtual.agent.tunnel import Stream, Tunnel
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.trip import Trip
from devices.virtual.physics.network import Link
from devices.virtual.physics.noise import normal, seed_of
from devices.virtual.workload import CutPoint

_PROBE_AFTER_NS = 10 * NS_PER_S  # without traffic, what is believed of the network is stale
_JITTER = 0.1  # of the round trip: standard deviation of its duration [1] (estimated)


class Carrier:
    """The way from one phone to one peer."""

    def __init__(
        self,
        machine: Machine,
        clock: DeviceClock,
        order: PeerOrder,
        cuts: Mapping[str, CutPoint],
        dial: Callable[[], Stream],
        tell: Callable[[Happening], None],
    ) -> None:
        self.cut = order.model.input  # the greeting is for the whole network first …
        self.back = ""  # … which ends with its output
        self.shape: NetworkShape | None = None
        self.rates = Rates()
        self._machine = machine
        self._clock = clock
        self._order = order
        self._cuts = cuts
        self._tell = tell
        self._seed = self._count = 0
        self._traffic_ns = clock.now_ns()
        self._whole_s = 0.0  # what the peer needs for the whole network
        self._packed: Mapping[str, int] = {}  # what blobs weigh, where that is not their size [B]
        self._tunnel = Tunnel(dial, self._greeting, self._pause, self._changed)

    def _greeting(self) -> Mapping[str, Any]:
        return self._order.greeting(self.cut, self.back, synthetic=True)

    async def _pause(self, seconds: float) -> None:
        await HOST.wait_async(seconds / self._clock.speed)

    def is_done(self) -> bool:
        """Return whether the first try to reach the peer has ended."""
        return self._tunnel.is_settled

    def result(self) -> Mapping[str, Any]:
        """Return what the peer said of itself, or raise Refused."""
        if self._tunnel.facts is None:
            code, sentence = self._tunnel.refusal or ("connect", "nobody answers")
            raise Refused(code, sentence)
        self._note_rates()
        facts = self._tunnel.facts
        self._whole_s = float(facts["compute_us"]) / 1e6
        self._packed = packed_sizes(facts)
        told = {"compute_us": facts["compute_us"], "q_us": facts["q_us"], **self._told()}
        return {**told, PACKED: self._packed}

    def _told(self) -> Mapping[str, Any]:
        up_kbps, down_kbps, rtt_us = self.rates.as_row()
        return {"up_kbps": up_kbps, "down_kbps": down_kbps, "rtt_us": rtt_us, "synthetic": True}

    def use(self, cut: str, back: str) -> None:
        """Get ready for the blobs of another cut, and for other answers."""
        if cut and (cut, back) != (self.cut, self.back):
            self.cut, self.back = cut, back
            self._tunnel.greet()

    def begin(self, seed: int) -> None:
        """Let the network's whims be those of a load that starts now."""
        self._seed, self._count = seed_of(seed, "network"), 0

    def close(self) -> None:
        """Hang up."""
        self._tunnel.close()

    @property
    def link(self) -> Link:
        """The network as it is shaped: never better than the phone's own."""
        link, shape = self._machine.radio.link, self.shape
        if shape is None:
            return link
        return Link(
            min(link.up_bit_s, shape.up_kbps * 1e3),
            min(link.down_bit_s, shape.down_kbps * 1e3),
            max(link.rtt_s, shape.rtt_us / 1e6),
            max(link.loss, shape.loss_pm / 1e3),
        )

    def refresh(self, now_ns: int) -> None:
        """Probe a network that has carried nothing for a while."""
        if self._tunnel.is_up and now_ns - self._traffic_ns > _PROBE_AFTER_NS:
            self._traffic_ns = now_ns
            link = self.link
            busy_s = link.up_s(MAX_PROBE_BYTES) + link.down_s(MAX_PROBE_BYTES)
            end_ns = now_ns + round(busy_s * NS_PER_S)
            self._machine.radio.move(now_ns, end_ns, MAX_PROBE_BYTES, MAX_PROBE_BYTES)
            self._note_rates()

    def trip(self, cut: str, back: str, t_ns: int) -> Trip | None:
        """Send the blob of a cut at `t_ns`; None while nobody is there.

        An inference that began before the last change still has the cut from before it: its
        bytes take their time, but the peer has been greeted for others and is spared them.
        """
        if not self._tunnel.is_up:
            return None
        point, self._count = self._cuts[cut], self._count + 1
        codec = self._order.codec_of(cut)
        sent = self._packed.get(cut) or codec.bytes_of(prod(point.shape))
        if (cut, back) == (self.cut, self.back):
            self._tunnel.send(synthetic_tensor(sent, sides_of(point.shape), codec, self._count))
        end = self._cuts.get(back)
        coming = prod(end.shape) if end else point.output_elements
        answer = self._order.answer_codec(back)
        received = self._packed.get(back) or answer.bytes_of(coming)
        share = (end.macs_share if end else 1.0) - point.macs_share
        return self._timed(t_ns, sent, received, self._whole_s * share)

    def _timed(self, t_ns: int, sent: int, received: int, compute_s: float) -> Trip:
        link = self.link
        draw = abs(normal(self._seed, self._count))
        rtt_s = link.rtt_s * (1.0 + _JITTER * draw)
        up_s, down_s = link.up_s(sent), link.down_s(received)
        total_s = rtt_s + up_s + compute_s + down_s
        limit_s = self._order.timeout_ms / 1000
        trip = Trip(t_ns, t_ns + round(total_s * NS_PER_S), "", 0, round(compute_s * 1e6), sent)
        if total_s > limit_s:
            trip = replace(trip, end_ns=t_ns + round(limit_s * NS_PER_S), problem="timeout")
            received = 0
        busy_ns = round(min(up_s + down_s, limit_s) * NS_PER_S)
        joules = self._machine.radio.move(t_ns, t_ns + busy_ns, sent, received)
        self._note_rates(rtt_s)
        self._traffic_ns = trip.end_ns
        return replace(trip, received=received, radio_j=joules)

    def _note_rates(self, rtt_s: float | None = None) -> None:
        link = self.link
        self.rates.up_kbps = round(link.rate_bit_s(link.up_bit_s) / 1e3)
        self.rates.down_kbps = round(link.rate_bit_s(link.down_bit_s) / 1e3)
        self.rates.rtt_us = round((link.rtt_s if rtt_s is None else rtt_s) * 1e6)

    def _changed(self, problem: str) -> None:
        """The peer came or went: whoever waits for it must know."""
        now_ns = self._clock.now_ns()
        if problem:
            self._machine.lose_peer(now_ns, problem)
        state = {"state": "down" if problem else "up", "why": problem}
        self._tell(Happening(now_ns, "peer", state))


@dataclass(frozen=True, slots=True)
class Passage:
    """What a carrier takes of one division of a network."""

    carrier: Carrier
    cut: str
    back: str

    def trip(self, t_ns: int) -> Trip | None:
        """Send a blob at `t_ns`; None if nobody is there."""
        return self.carrier.trip(self.cut, self.back, t_ns)
