"""Soaks made by hand: the items that a phone would send, with a throttling that we know."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.trace import Trace, TraceBuilder
from devices.channels import Channel, Unit
from devices.samples import Batch, Event, Group, Item

NS = 1_000_000_000
START_NS = 5_000 * NS
TOP_KHZ, CAP_KHZ = 2_861_000, 1_600_000
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Soak:
    """What happens to a phone under load."""

    duration_s: float = 600.0
    spans: Sequence[tuple[float, float]] = ()  # throttled [s]
    cool_us: int = 150_000
    k: float = 1.78
    caps: bool = True  # the cap falls in the spans
    slows: bool = True  # the frequency falls in the spans
    delays: bool = True  # the latency rises in the spans
    start_cap_khz: int = TOP_KHZ
    utilization_pm: int = 1000
    current_ua: int = -1_200_000
    power_mw: int | None = 4_500
    without: frozenset[str] = field(default_factory=frozenset)  # channels left out
    jitter_us: int = 0


def items(soak: Soak, trial: int = 1) -> Iterator[Item]:
    """Yield the groups, rows and events of one soak."""
    clock = np.arange(-5.0, soak.duration_s + 1.0, 0.1)
    yield Event(trial, 0, START_NS, "started", {"lane": 0})
    rows = 0
    for number, name, channels in (
        (0, "fast", _fast(soak, clock)),
        (2, "infer", _inferences(soak)),
    ):
        t_s, columns = channels
        kept = {c: raw for c, raw in columns.items() if c.name not in soak.without}
        yield Group(trial, number, name, 100_000 if number == 0 else None, tuple(kept))
        raw = np.array(list(kept.values()), dtype=np.int64)
        t_ns = START_NS + np.round(t_s * NS).astype(np.int64)
        yield Batch(trial, number, 0, t_ns, raw, np.ones(raw.shape, np.bool_))
        rows = len(t_s)
    end_ns = START_NS + round(soak.duration_s * NS)
    yield Event(trial, 1, end_ns, "idle", {"lane": 0, "done": rows})
    totals = {"rows": [[0, len(clock)], [2, rows]], "lost": []}
    yield Event(trial, 2, end_ns + NS, "ended", totals)


def baseline(outcome: str = "settled", **data: object) -> Event:
    """Return the event that ends a settling."""
    gate = {"outcome": outcome, "waited_s": 60.0, "because": "skin moves"}
    return Event(0, -1, START_NS - NS, "baseline", {"gate": gate, **data})


def trace_of(soak: Soak, *extra: Item) -> Trace:
    """Return the trace of a soak that started at rest."""
    return TraceBuilder().extend([baseline(), *items(soak), *extra]).build()


def _inside(soak: Soak, t_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    inside = np.zeros(t_s.shape, np.bool_)
    for start, end in soak.spans:
        inside |= (t_s >= start) & (t_s < end)
    return inside


def _fast(soak: Soak, t_s: NDArray[np.float64]) -> tuple[NDArray[np.float64], dict[Channel, Ints]]:
    hot = _inside(soak, t_s)
    cap = np.where(hot & soak.caps, CAP_KHZ, soak.start_cap_khz)
    frequency = np.minimum(np.where(hot & soak.slows, CAP_KHZ, TOP_KHZ), TOP_KHZ)
    temperature = np.where(hot, 55_000, 70_000) + np.arange(t_s.size) % 7
    columns = {
        Channel("cpu.big.frequency", Unit.HERTZ, 3, "cluster4.cur_khz"): frequency,
        Channel("cpu.big.frequency_cap", Unit.HERTZ, 3, "cluster4.max_khz"): cap,
        Channel("cpu.big.utilization", Unit.ONE, -3): np.full(t_s.size, soak.utilization_pm),
        Channel("zone.soc.temperature", Unit.CELSIUS, -3, "thermal:soc"): temperature,
        Channel("zone.skin.temperature", Unit.CELSIUS, -3, "thermal:skin"): temperature // 2,
        Channel("battery.current", Unit.AMPERE, -6): np.full(t_s.size, soak.current_ua),
        Channel("battery.voltage", Unit.VOLT, -6): np.full(t_s.size, 3_800_000),
    }
    if soak.power_mw is not None:
        columns[Channel("system.power", Unit.WATT, -3, "phys:power")] = np.full(
            t_s.size, soak.power_mw
        )
    return t_s, columns


def _inferences(soak: Soak) -> tuple[NDArray[np.float64], dict[Channel, Ints]]:
    """Run back to back: each starts when the one before it ends."""
    starts, latencies, now_s, index = [], [], 0.0, 0
    spans = list(soak.spans)
    while now_s < soak.duration_s:
        is_hot = any(start <= now_s < end for start, end in spans)
        latency_us = round(soak.cool_us * (soak.k if is_hot and soak.delays else 1.0))
        latency_us += soak.jitter_us * (index % 3 - 1)
        starts.append(now_s)
        latencies.append(latency_us)
        now_s += latency_us / 1e6
        index += 1
    zeros = np.zeros(len(starts), np.int64)
    columns = {
        Channel("inference.latency", Unit.SECOND, -6, "lat_us"): np.array(latencies),
        Channel("inference.err", Unit.ONE, 0, "err"): zeros,
        Channel("inference.flags", Unit.ONE, 0, "flags"): zeros,
    }
    return np.array(starts), columns
