"""Stepping of many soaking phones: the shipped way against every governor asked at every step."""

import os
from collections.abc import Callable
from time import process_time
from typing import NamedTuple

from devices.virtual.catalog import load
from devices.virtual.kernel import grid
from devices.virtual.kernel.company import advance_together
from devices.virtual.kernel.lane import NEVER, NS, LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from tests.performance.figures import Figure, median

PHONES = int(os.environ.get("SIMMER_BENCH_STEPPED", "100"))
_PHONE = "honor-v30-pro"
_SECONDS = 1200  # of device time, with a throttled span in it
_CALL_S = 60
_ROUNDS = 3
_TARGET_K = 1e-9

Move = Callable[[list[Machine], int], None]


def measure() -> list[Figure]:
    """Return what a company gains over plain steps on the same grid, and how far results differ."""
    legs: dict[str, list[_Soak]] = {"plain": [], "alone": [], "together": []}
    for _ in range(_ROUNDS):
        legs["plain"].append(_soaked(_alone, rest_ns=NEVER))
        legs["alone"].append(_soaked(_alone))
        legs["together"].append(_soaked(_together))
    plain, together = legs["plain"], legs["together"]
    worst_k = max(
        abs(one - other)
        for soak, same in zip(plain, together, strict=True)
        for one, other in zip(soak.temps_c, same.temps_c, strict=True)
    )
    return [
        _gain(f"stepping {PHONES} soaking phones together", plain, together, 25.0),
        _gain("the same, and every inference read", plain, together, None, reading=True),
        _gain("stepping a soaking phone alone", plain, legs["alone"], None),
        Figure("largest difference to plain steps, any node, each minute", f"{worst_k:g} K", "",
               worst_k, "K", _TARGET_K),
    ]  # fmt: skip


class _Soak(NamedTuple):
    """What one way of soaking took and led to."""

    stepping_s: float  # of CPU time
    reading_s: float  # to make an object of every inference
    temps_c: list[float]  # of every node of every phone, each minute

    def took_s(self, *, reading: bool) -> float:
        return self.stepping_s + self.reading_s * reading


def _gain(
    name: str,
    plain: list[_Soak],
    ours: list[_Soak],
    target: float | None,
    *,
    reading: bool = False,
) -> Figure:
    took = [[soak.took_s(reading=reading) for soak in leg] for leg in (plain, ours)]
    ratios = tuple(a / b for a, b in zip(*took, strict=True))
    baseline, shown = (
        f"{1e3 * median(leg) * 3600 / _SECONDS / PHONES:.0f} ms CPU per phone and hour{what}"
        for leg, what in zip(took, (" in plain steps on the same grid", ""), strict=True)
    )
    return Figure(
        name, shown, baseline, median(ratios), "×", target, is_floor=True, rounds=ratios
    )  # fmt: skip


def _soaked(move: Move, *, rest_ns: int = grid._REST_NS) -> _Soak:
    """Soak; each minute, look at every node and take every inference."""
    phones = [Machine(load(_PHONE), seed) for seed in range(PHONES)]
    for seed, phone in enumerate(phones):
        phone.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed)
    temps_c: list[float] = []
    stepping_s = reading_s = 0.0
    usual_ns, grid._REST_NS = grid._REST_NS, rest_ns
    try:
        for second in range(_CALL_S, _SECONDS + 1, _CALL_S):
            before_s = process_time()
            move(phones, second * NS)
            moved_s = process_time()
            for phone in phones:
                phone.take_inferences()
            stepping_s, reading_s = (
                stepping_s + moved_s - before_s,
                reading_s + process_time() - moved_s,
            )
            temps_c += [celsius for phone in phones for celsius in phone.present()[0]]
    finally:
        grid._REST_NS = usual_ns
    return _Soak(stepping_s, reading_s, temps_c)


def _alone(phones: list[Machine], to_ns: int) -> None:
    for phone in phones:
        phone.advance(to_ns)


def _together(phones: list[Machine], to_ns: int) -> None:
    advance_together([(phone, to_ns) for phone in phones])
