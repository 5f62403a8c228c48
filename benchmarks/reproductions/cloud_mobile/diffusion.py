"""A Stable-Diffusion-like service and its phones: what a policy saves, and how long users wait."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.offloading.estimates import Estimates
from benchmarks.offloading.pipeline import LOCAL, Pipeline, Split
from benchmarks.policies.offload.choosing import Chooser, Situation
from devices.agent.codecs import CODECS

ITERATIONS, EVERY = 50, 5  # the paper cuts after every 5 iterations
LATENT = 4 * 64 * 64  # numbers that cross between two iterations, whichever
SERVER_S = 0.045  # per iteration [s]
SERVER_DECODER = 0.08 / SERVER_S  # in iterations of the server [1]
PHONE_DECODER = 1.8  # in iterations of the phone [1]
REQUEST_BYTES = 1000  # a prompt and a seed
IMAGE_BYTES = 500_000
PHONES = 400
PHONE_S, PHONE_SIGMA = 0.9, 0.7  # per iteration: median [s] and spread of its logarithm
DOWN_BIT_S, DOWN_SIGMA = 20e6, 0.8
UP_BIT_S = 1e9  # a prompt is no load: its time is the round trip's
RTT_S, RTT_SIGMA = 0.05, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one policy did for all phones under one service level."""

    latency_s: NDArray[np.float64]  # [phones]
    cloud_ms: NDArray[np.float64]  # [phones]
    sla_s: float

    @property
    def hit(self) -> float:
        """Share of phones that kept the level."""
        return float((self.latency_s <= self.sla_s).mean())

    @property
    def spread_s(self) -> float:
        """Standard deviation of the waiting time over phones [s]."""
        return float(self.latency_s.std())

    def saved(self, than: "Outcome") -> float:
        """Return the share of the other's cloud time that was not needed."""
        return float(1 - self.cloud_ms.sum() / than.cloud_ms.sum())


def pipeline() -> Pipeline:
    """Return the splits of the service: after every fifth iteration, and everything.

    Work is counted in iterations of the phone and of the server. The decoder runs on the phone in
    every split but the last, in which the server makes the whole picture and sends it.
    """
    decoded = ITERATIONS + PHONE_DECODER
    latent_bytes = CODECS["fp16"].bytes_of(LATENT)
    between = [
        Split(
            f"it{done}",
            decoded - done,
            float(done),
            REQUEST_BYTES,
            latent_bytes,
            shows_input=True,
            source="request",
            iterations=done,
        )
        for done in range(EVERY, ITERATIONS + 1, EVERY)
    ]
    everything = ITERATIONS + SERVER_DECODER
    whole = Split("image", 0.0, everything, REQUEST_BYTES, IMAGE_BYTES, shows_input=True)
    return Pipeline((Split(LOCAL, decoded, 0.0), *between, whole))


def population(seed: int, phones: int = PHONES) -> list[Estimates]:
    """Return phones and their networks, drawn by chance; the same ones for the same seed."""
    random = np.random.default_rng(seed)
    device_s = PHONE_S * np.exp(PHONE_SIGMA * random.standard_normal(phones))
    down_bit_s = DOWN_BIT_S * np.exp(DOWN_SIGMA * random.standard_normal(phones))
    rtt_s = RTT_S * np.exp(RTT_SIGMA * random.standard_normal(phones))
    return [
        Estimates(float(device), SERVER_S, UP_BIT_S, float(down), float(rtt))
        for device, down, rtt in zip(device_s, down_bit_s, rtt_s, strict=True)
    ]


def serve(chooser: Chooser, phones: list[Estimates], sla_s: float) -> Outcome:
    """Let a policy divide one picture of each phone."""
    splits = pipeline()
    latency_s, cloud_ms = [], []
    for rates in phones:
        split = chooser.choose(Situation(splits, rates, sla_s)).split
        latency_s.append(rates.predict(split).total)
        cloud_ms.append(rates.server_ms(split))
    return Outcome(np.array(latency_s), np.array(cloud_ms), sla_s)
