"""Brings a workload onto a phone and into its agent, and checks what it computes there."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from devices.agent.install import ROOT, push_once
from devices.agent.link import AgentLink
from devices.phone import Phone

_LOAD_LIMIT_S = 12.0  # host time; less than what a lease allows to one call
_TOLERANCE_E6 = 10  # of one output number, by the largest of them, from 1 on [1e-6]
_MOST_E6 = 10**6


class WorkloadFiles(Protocol):
    """What one network is on disk."""

    @property
    def name(self) -> str:
        """The name that people know."""

    @property
    def param(self) -> bytes:
        """The layers, ncnn's text form."""

    @property
    def bin(self) -> bytes:
        """The weights."""

    @property
    def reference(self) -> bytes:
        """The output for the golden input, little-endian float32."""

    @property
    def param_sha256(self) -> str:
        """Digest of `param`."""

    @property
    def bin_sha256(self) -> str:
        """Digest of `bin`."""

    @property
    def reference_sha256(self) -> str:
        """Digest of `reference`."""

    @property
    def input(self) -> str:
        """The input blob."""

    @property
    def output(self) -> str:
        """The output blob."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of the input."""


def load_workload(
    link: AgentLink, phone: Phone, files: WorkloadFiles, *, threads: Sequence[int] = (1, 2, 4)
) -> int:
    """Push what is missing, load it under `files.name`, and return its number in the rows.

    Raises WorkloadError when the phone's agent refuses the files.
    """
    push_once(phone, files.param, f"{ROOT}/models/{files.param_sha256}")
    push_once(phone, files.bin, f"{ROOT}/models/{files.bin_sha256}")
    channels, height, width = files.shape
    ack = link.request(
        "load",
        timeout_s=_LOAD_LIMIT_S,
        id=files.name,
        param=files.param_sha256,
        bin=files.bin_sha256,
        bytes=len(files.bin),
        sha256=files.bin_sha256,
        param_sha256=files.param_sha256,
        w=width,
        h=height,
        c=channels,
        **{"in": files.input, "out": files.output},
        threads=list(threads),
        fp16=False,
    )
    return int(ack["mid"])


def check_golden(
    link: AgentLink, phone: Phone, files: WorkloadFiles, *, threads: int = 1
) -> dict[str, Any] | None:
    """Let a real agent compute the golden input and return its comparison with the reference.

    None when this agent has no real output; WorkloadError when top-1 or tolerance differ.
    """
    if "golden" not in link.caps:
        return None
    push_once(phone, files.reference, f"{ROOT}/models/{files.reference_sha256}")
    return link.request(
        "golden",
        timeout_s=_LOAD_LIMIT_S,
        id=files.name,
        threads=threads,
        ref=files.reference_sha256,
        tol_e6=tolerance_e6(files.reference),
    )


def tolerance_e6(reference: bytes) -> int:
    """Return how far an output may be from its reference [1e-6].

    Float32 has a relative error: scores of 50 may differ by more than shares of one.
    """
    largest = float(np.abs(np.frombuffer(reference, "<f4")).max(initial=1.0))
    return round(min(_TOLERANCE_E6 * largest, _MOST_E6)) if np.isfinite(largest) else 0
