"""Bringing a workload onto a phone by its hashes, loading it, and checking what it computes."""

from collections.abc import Iterator
from typing import Any

from benchmarks.conversation import Tick
from benchmarks.workloads import WorkloadFiles
from devices.agent.install import ROOT, push_once
from devices.agent.link import AgentLink
from devices.phone import Phone

LOAD_LIMIT_S = 15.0  # host time; no call under a lease may block for longer
WARM_UPS = 3
TOLERANCE_E6 = 10  # golden rule in float32: the same class, and no number off by 1e-5


def deliver(link: AgentLink, phone: Phone, files: WorkloadFiles, threads: int) -> Iterator[Tick]:
    """Push what the phone lacks and load it; a Tick after every step.

    Raises WorkloadError if the agent refuses it.
    """
    for content, digest in (
        (files.param, files.param_sha256),
        (files.bin, files.bin_sha256),
        (files.reference, files.reference_sha256),
    ):
        push_once(phone, content, f"{ROOT}/models/{digest}")
        yield Tick()
    shape = files.shape
    link.request(
        "load",
        timeout_s=LOAD_LIMIT_S,
        id=files.name,
        param=files.param_sha256,
        param_sha256=files.param_sha256,
        bin=files.bin_sha256,
        sha256=files.bin_sha256,
        bytes=len(files.bin),
        w=shape.w,
        h=shape.h,
        c=shape.c,
        out=files.output,
        threads=[threads],
        fp16=False,
        **{"in": files.input},
    )
    yield Tick()


def check_output(link: AgentLink, files: WorkloadFiles, threads: int) -> dict[str, Any] | None:
    """Compare the agent's output with ours, then warm it up; None if it computes no output.

    Raises WorkloadError (`golden`) where the numbers are wrong.
    """
    if "golden" not in link.caps:
        return None
    found = link.request(
        "golden",
        timeout_s=LOAD_LIMIT_S,
        id=files.name,
        threads=threads,
        ref=files.reference_sha256,
        tol_e6=TOLERANCE_E6,
    )
    warm = link.request("warm", timeout_s=LOAD_LIMIT_S, id=files.name, threads=threads, n=WARM_UPS)
    return {
        "top": found.get("top"),
        "reference_top": found.get("ref_top"),
        "max_abs": (found.get("max_abs_e9") or 0) / 1e9,
        "warm_up_ms": [us / 1000 for us in warm.get("lat_us", ())],
    }
