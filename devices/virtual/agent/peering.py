"""What a lane needs of a peer: where it is, which network it computes, what lies between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devices.agent.codecs import CODECS, Codec
from devices.virtual.agent.body import ModelOrder, Refused


@dataclass(frozen=True, slots=True)
class PeerOrder:
    """What `peer` asks for."""

    host: str
    port: int
    token: str
    model: ModelOrder
    codec: str = "fp32"  # of blobs
    input_codec: str = "fp32"  # of the input itself
    output_codec: str = "fp32"  # of the network's output
    timeout_ms: int = 5000  # of device time

    def codec_of(self, cut: str) -> Codec:
        """Return how the blob of a cut is written."""
        return CODECS[self.input_codec if cut == self.model.input else self.codec]

    def answer_codec(self, back: str) -> Codec:
        """Return how the peer shall write what it sends back."""
        return CODECS[self.codec if back else self.output_codec]

    def greeting(self, cut: str, back: str, *, synthetic: bool) -> Mapping[str, Any]:
        """Return the HELLO for what lies between two blobs; "" is the network's output."""
        return {
            "token": self.token,
            "model": self.model.id,
            "param_sha256": self.model.param_sha256,
            "model_sha256": self.model.sha256,
            "cut": cut,
            "back": back,
            "codec": self.codec_of(cut).name,
            "answer_codec": self.answer_codec(back).name,
            "blob_codec": self.codec,
            "synthetic": synthetic,
        }


def check_cuts(model: str, known: Sequence[str], cut: str, back: str) -> None:
    """Refuse what is no cut of a network, and an answer that does not come after its question."""
    for blob in (cut, *([back] if back else [])):
        if blob not in known:
            raise Refused("no_blob", f"{model} has no cut {blob!r}; it has {', '.join(known)}")
    if back and known.index(back) <= known.index(cut):
        raise Refused("bad_arg", f"{model}: nothing lies between {cut!r} and {back!r}")


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """What `network` asks for: a network slower than the one that is there."""

    up_kbps: int = 100_000_000
    down_kbps: int = 100_000_000
    rtt_us: int = 0
    loss_pm: int = 0


@dataclass(slots=True)
class Rates:
    """What a lane measured of its network last, as the sensors `net:…` tell it."""

    up_kbps: int | None = None
    down_kbps: int | None = None
    rtt_us: int | None = None

    def as_row(self) -> tuple[int | None, int | None, int | None]:
        """Return the values in the order of NET_SENSORS."""
        return self.up_kbps, self.down_kbps, self.rtt_us


PACKED = "packed"  # of what a peer says of itself, and of what an agent hands on


def packed_sizes(facts: Mapping[str, Any]) -> Mapping[str, int]:
    """Return what blobs weigh when packed, as the peer has measured it; "" is the output [B]."""
    told = facts.get(PACKED)
    if not isinstance(told, dict):
        return {}
    return {str(blob): size for blob, size in told.items() if isinstance(size, int) and size > 0}


#: Sensors that exist while there is a peer: (id, unit).
NET_SENSORS = (("net:up", "kbps"), ("net:down", "kbps"), ("net:rtt", "us"))
