"""What a lane needs of a peer: where it is, which network it computes, what lies between."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devices.agent.codecs import CODECS, Codec
from devices.virtual.agent.body import ModelOrder


@dataclass(frozen=True, slots=True)
class PeerOrder:
    """What `peer` asks for."""

    host: str
    port: int
    token: str
    model: ModelOrder
    codec: str = "fp32"  # of blobs
    input_codec: str = "fp32"  # of the input itself
    timeout_ms: int = 5000  # of device time

    def codec_of(self, cut: str) -> Codec:
        """Return how the blob of a cut is written."""
        return CODECS[self.input_codec if cut == self.model.input else self.codec]

    def greeting(self, cut: str, *, synthetic: bool) -> Mapping[str, Any]:
        """Return the HELLO for one cut."""
        return {
            "token": self.token,
            "model": self.model.id,
            "param_sha256": self.model.param_sha256,
            "model_sha256": self.model.sha256,
            "cut": cut,
            "codec": self.codec_of(cut).name,
            "synthetic": synthetic,
        }


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


#: Sensors that exist while there is a peer: (id, unit).
NET_SENSORS = (("net:up", "kbps"), ("net:down", "kbps"), ("net:rtt", "us"))
