"""Which split would be fastest on other phones and other networks, computed from what crosses."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.analysis.requests import Requests
from benchmarks.offloading.estimates import Estimates
from benchmarks.offloading.pipeline import Pipeline

RATES_MBIT_S = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 300.0)
SLOWER = (0.25, 0.5, 1.0, 2.0, 4.0)  # than this phone [1]


def best_split(
    pipeline: Pipeline, *, device_s: float, server_s: float, rtt_s: float
) -> dict[str, Any]:
    """Return, per phone and rate, the fastest split, how much of the work it leaves here, and when.

    device_s, server_s: what each needs for the whole network [s]
    """
    return {
        "mbit_s": list(RATES_MBIT_S),
        "phone_ms": [round(device_s * slower * 1000, 3) for slower in SLOWER],
        "server_ms": round(server_s * 1000, 3),
        "rtt_ms": round(rtt_s * 1000, 3),
        "rows": [
            [
                _fastest(pipeline, Estimates(device_s * slower, server_s, r * 1e6, r * 1e6, rtt_s))
                for r in RATES_MBIT_S
            ]
            for slower in SLOWER
        ],
    }


def kept(found: Requests, pipeline: Pipeline) -> list[list[float]]:
    """Return when which share of the work stayed on the phone, as steps [s, %]."""
    shares = {split.name: 100 * split.device_work for split in pipeline.splits}
    steps: list[list[float]] = []
    for t_s, cut in zip(found.t_s, found.cuts, strict=True):
        share = round(shares.get(cut, 100.0), 3)
        if steps and steps[-1][1] != share:
            steps.append([round(float(t_s), 3), steps[-1][1]])
        if not steps or steps[-1][1] != share:
            steps.append([round(float(t_s), 3), share])
    if found.count:
        steps.append([round(float(found.t_s[-1]), 3), steps[-1][1]])
    return steps


def phone_s(found: Requests, pipeline: Pipeline) -> float | None:
    """Return what the phone needs for the whole network, from what it computed of it [s]."""
    work = {split.name: split.device_work for split in pipeline.splits}
    times: Sequence[float] = [
        float(found.computed_s[n]) / work[cut]
        for n, cut in enumerate(found.cuts)
        if work.get(cut, 0.0) > 0 and not found.is_fallback[n]
    ]
    known = [time for time in times if np.isfinite(time) and time > 0]
    return float(np.median(known)) if known else None


def _fastest(pipeline: Pipeline, rates: Estimates) -> list[Any]:
    times = {split.name: rates.predict(split).total for split in pipeline.splits}
    name = min(times, key=lambda split: times[split])
    split = pipeline.named(name)
    return [split.words, round(split.device_work, 4), round(times[name] * 1000, 3)]
