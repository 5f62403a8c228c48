"""An iterative model on a connected phone: what it saves of the cloud, and how often it is in time.

The level is set where this phone alone misses it: a share of what it needs by itself.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.analysis.requests import requests_of
from benchmarks.reproductions.table import Row, Table
from benchmarks.solo import run_once
from benchmarks.specs import parse
from benchmarks.trace import Floats
from devices.phone import connect

DURATION_S = 180.0
LEARNING_S = 80.0  # until then a policy may still believe its first guesses
#: Short beside a picture, as any network is beside a diffusion model's: ours takes a tenth of a
#: second on a phone, not a minute.
NETWORK = "100 100 5"
THREADS = 1
LEVEL = 0.7  # of what this phone needs for a picture by itself [1]
_UNKNOWN_MS = 10_000.0  # of the runs that find out what the phone and the cloud need
_SAVED = "cloud time saved against cloud-only"
#: A tenth at least; and who saves nearly all has left the phone alone, which misses the level.
_SAVINGS = (10.0, 90.0)  # [%]


@dataclass(frozen=True, slots=True)
class _Served:
    """What requests got once the rates were known."""

    answers_s: Floats
    cloud_ms: float  # of the server, per request
    chosen: str  # splits, in words
    device: str  # its kind and speed, in words

    def hit_percent(self, level_ms: float) -> float:
        """Return how many came in time [%]."""
        return 100 * float((self.answers_s * 1000 <= level_ms).mean())


def tables(serial: str, seed: int) -> tuple[Table, Table]:
    """Return what the reconstruction gets on a phone, and what it gets without its filter."""
    alone = _run(serial, seed, {"kind": "local_only"}, _UNKNOWN_MS)
    cloud = _run(serial, seed, {"kind": "cloud_only"}, _UNKNOWN_MS)
    level_ms = round(LEVEL * 1000 * float(np.median(alone.answers_s)), 1)
    frugal = _run(serial, seed, {"kind": "sla_min_cloud"}, level_ms)
    blind = {"kind": "sla_min_cloud", "filters_feasible": False}
    careless = _run(serial, seed, blind, level_ms)
    rows = (
        Row("level met, everything here", None, alone.hit_percent(level_ms), unit="%"),
        Row("level met, everything in the cloud", None, cloud.hit_percent(level_ms), unit="%"),
        _met(frugal, level_ms),
        _saved(frugal, cloud, level_ms),
    )
    title = f"an iterative model over ADB on {serial}"
    control = (_met(careless, level_ms), _saved(careless, cloud, level_ms))
    without = f"negative control over ADB on {serial}: no feasibility filter"
    return Table(title, rows, seed), Table(without, control, seed, breaks=_SAVED)


def _met(frugal: _Served, level_ms: float) -> Row:
    """Report the answers in time: a margin of 1.64 σ promises 95 % where times scatter."""
    note = f"{frugal.device}, {NETWORK}, level {level_ms:g} ms: {frugal.chosen}"
    name = "level met, the first iterations in the cloud"
    return Row(name, None, frugal.hit_percent(level_ms), unit="%", provenance="A", note=note)


def _saved(frugal: _Served, cloud: _Served, level_ms: float) -> Row:
    saved = 100 * (1 - frugal.cloud_ms / cloud.cloud_ms)
    note = f"{frugal.cloud_ms:.1f} of {cloud.cloud_ms:.1f} ms per picture"
    why = _beyond(cloud, level_ms)
    return Row(_SAVED, None, saved, _SAVINGS, "%", "A", not_applicable=why, note=note)


def _beyond(cloud: _Served, level_ms: float) -> str:
    """Return why a level says nothing: the phone is faster alone than the network is."""
    if cloud.hit_percent(level_ms) >= 50:
        return ""
    return f"not even the cloud keeps {level_ms:g} ms, {LEVEL:g} of what this phone needs alone"


def _run(serial: str, seed: int, policy: dict[str, object], level_ms: float) -> _Served:
    benchmark = {
        "kind": "offload",
        "workload": "diffusion",
        "network": NETWORK,
        "threads": THREADS,
        "sla_ms": level_ms,
        "duration_s": DURATION_S,
    }
    spec = parse({"benchmark": benchmark, "policy": policy, "seed": seed})
    outcome = run_once(connect(serial), spec, lambda _phase, _item: None)
    found = requests_of(outcome.trace)
    known = found.t_s > LEARNING_S
    cuts = [cut or "local" for cut, is_known in zip(found.cuts, known, strict=True) if is_known]
    return _Served(
        found.latency_s[known],
        float(np.nan_to_num(found.server_s[known]).mean()) * 1000,
        ", ".join(f"{cuts.count(cut)} × {cut}" for cut in dict.fromkeys(cuts)),
        f"{outcome.document['device_kind']} at {outcome.document['speed']:g}×",
    )
