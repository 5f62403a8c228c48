"""R1: the synthetic data set that all figures about the trace store are measured on.

Seeded, with the noise and the steps of a phone's sensors. How well a recorded phone compresses is
another question; when recordings exist they stand beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.channels import Channel, Unit
from devices.samples import Group

HZ = 100
CHANNELS = 30

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ticks:
    """Rows of the fast group of one phone."""

    clock: Ints  # [rows], µs
    raw: Ints  # [30, rows]

    @property
    def rows(self) -> int:
        """The number of ticks."""
        return int(self.clock.shape[0])


def fast_group(hz: int = HZ) -> Group:
    """Return the clock group that `ticks` fills."""
    parts = (
        *(Channel(f"zone.fine-{k}.temperature", Unit.CELSIUS, -3) for k in range(4)),
        *(Channel(f"zone.coarse-{k}.temperature", Unit.CELSIUS, -3) for k in range(8)),
        *(Channel(f"cpu.cluster-{k}.frequency", Unit.HERTZ, 3) for k in range(5)),
        *(Channel(f"cpu.core-{k}.utilization", Unit.ONE, -3) for k in range(8)),
        Channel("battery.current", Unit.AMPERE, -6),
        Channel("battery.voltage", Unit.VOLT, -6),
        Channel("memory.available", Unit.BYTE, 3),
        *(Channel(f"cooling.device-{k}.state", Unit.ONE, 0) for k in range(2)),
    )
    return Group(trial=1, number=0, name="fast", period_us=1_000_000 // hz, channels=parts)


def ticks(rows: int, seed: int = 1, hz: int = HZ) -> Ticks:
    """Return `rows` ticks of 30 channels at `hz`."""
    random = np.random.default_rng(seed)
    s = np.arange(rows) / hz
    grid = np.arange(rows) * (1_000_000 // hz)
    clock = (grid + np.abs(random.normal(0, 50, rows))).astype(np.int64)
    base = 30_000 + 25_000 * (1 - np.exp(-s / 600)) + 4_000 * np.sin(s / 37)
    base += 1_500 * np.sin(s / 3.1)
    drift = _drift(rows, random)
    columns = [
        *(base + drift * (1 - 0.1 * k) + 700 * k + random.normal(0, 30, rows) for k in range(4)),
        *(_coarse(base * (0.6 + 0.05 * k) + 0.5 * drift, random) for k in range(8)),
        *(_frequency(rows, 0.2 if k < 3 else 0.02, random) for k in range(5)),
        *(
            np.clip(700 + 150 * np.sin(s / 5 + k) + random.normal(0, 80, rows), 0, 1_000)
            for k in range(8)
        ),
        _at_10_hz(rows, hz, lambda n: -1_500_000 + random.normal(0, 60_000, n)),
        _at_10_hz(rows, hz, lambda n: 4_000_000 - 3 * np.arange(n) + random.normal(0, 1_500, n)),
        3_000_000 + 4 * np.cumsum(random.integers(-40, 41, rows)),
        np.floor(s / 300) % 3,
        np.floor(s / 450) % 4,
    ]
    return Ticks(clock, np.stack(columns).astype(np.int64))


def _drift(rows: int, random: np.random.Generator) -> Floats:
    """Return an AR(1) process with its pole at 0.99."""
    pushes = 0.01 * random.normal(0, 3_000, rows)
    drift = np.empty(rows)
    last = 0.0
    for i, push in enumerate(pushes.tolist()):
        last = 0.99 * last + push
        drift[i] = last
    return drift


def _coarse(values: Floats, random: np.random.Generator) -> Floats:
    """Return a sensor with steps of 0.1 °C."""
    coarse: Floats = np.floor((values + random.normal(0, 20, values.size)) / 100) * 100
    return coarse


def _frequency(rows: int, switches: float, random: np.random.Generator) -> Ints:
    """Return a governor's choice among the upper half of 16 levels [kHz]."""
    table = np.linspace(300_000, 2_850_000, 16).astype(np.int64)
    chosen = random.integers(8, 16, rows)
    since = np.maximum.accumulate(np.where(random.random(rows) < switches, np.arange(rows), 0))
    frequency: Ints = table[chosen[since]]
    return frequency


def _at_10_hz(rows: int, hz: int, values: Callable[[int], Floats]) -> Floats:
    """Return what a fuel gauge shows that updates ten times a second."""
    step = max(1, hz // 10)
    return np.repeat(values(-(-rows // step)), step)[:rows]
