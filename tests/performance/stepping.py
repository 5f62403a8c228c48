"""Stepping of many soaking phones: the shipped way against every governor asked at every step."""

import os
from collections.abc import Callable
from time import process_time

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
    """Return what a batch gains over plain steps on the same grid, and how far results differ."""
    took: dict[str, list[float]] = {"plain": [], "alone": [], "together": []}
    worst_k = 0.0
    for _ in range(_ROUNDS):
        plain, plain_c = _soaked(_alone, rest_ns=NEVER)
        alone, _ = _soaked(_alone)
        together, together_c = _soaked(_together)
        for name, seconds in (("plain", plain), ("alone", alone), ("together", together)):
            took[name].append(seconds)
        pairs = zip(plain_c, together_c, strict=True)
        worst_k = max(worst_k, *(abs(one - other) for one, other in pairs))
    return [
        _gain(f"stepping {PHONES} soaking phones together", took["plain"], took["together"], 25.0),
        _gain("stepping a soaking phone alone", took["plain"], took["alone"], None),
        Figure("largest difference to plain steps, any node, each minute", f"{worst_k:g} K", "",
               worst_k, "K", _TARGET_K),
    ]  # fmt: skip


def _gain(name: str, plain: list[float], ours: list[float], target: float | None) -> Figure:
    ratios = tuple(a / b for a, b in zip(plain, ours, strict=True))
    shown, baseline = (
        f"{1e3 * median(took) * 3600 / _SECONDS / PHONES:.0f} ms CPU per phone and hour{what}"
        for took, what in ((ours, ""), (plain, " in plain steps on the same grid"))
    )
    return Figure(
        name, shown, baseline, median(ratios), "×", target, is_floor=True, rounds=ratios
    )  # fmt: skip


def _soaked(move: Move, *, rest_ns: int = grid._REST_NS) -> tuple[float, list[float]]:
    """Soak; return the CPU time that it took [s], and every node's temperature at each minute."""
    phones = [Machine(load(_PHONE), seed) for seed in range(PHONES)]
    for seed, phone in enumerate(phones):
        phone.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed)
    temps_c: list[float] = []
    took_s = 0.0
    usual_ns, grid._REST_NS = grid._REST_NS, rest_ns
    try:
        for second in range(_CALL_S, _SECONDS + 1, _CALL_S):
            before_s = process_time()
            move(phones, second * NS)
            for phone in phones:
                phone.take_inferences()
            took_s += process_time() - before_s
            temps_c += [celsius for phone in phones for celsius in phone.present()[0]]
    finally:
        grid._REST_NS = usual_ns
    return took_s, temps_c


def _alone(phones: list[Machine], to_ns: int) -> None:
    for phone in phones:
        phone.advance(to_ns)


def _together(phones: list[Machine], to_ns: int) -> None:
    advance_together([(phone, to_ns) for phone in phones])
