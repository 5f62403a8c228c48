"""Energy balance: what went in was stored or lost; and a finer grid tells the same story."""

from collections.abc import Iterator

from devices.virtual.catalog import load
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.validate.rows import Row, within
from devices.virtual.validate.soaks import Soak, soak

_BALANCE = 1e-3
_HALF_STEP = 0.005
_SECONDS = 1200
_SOURCE = "conservation of energy"
_STEP_SOURCE = "the same soak on a grid of half the step"
_FOUR = LaneSettings(threads=4)


def balance(phones: tuple[str, ...]) -> Iterator[Row]:
    """Yield, for each phone, heat stored and lost over heat that went in."""
    for name in phones:
        heat = soak(load(name), seconds=_SECONDS, settings=_FOUR).heat
        yield Row(
            "energy", f"{name}: (stored + lost) / in over {_SECONDS} s", 1.0,
            (heat.stored_j + heat.lost_j) / heat.in_j, "", within(1.0, _BALANCE), "predicted",
            _SOURCE,
        )  # fmt: skip


def half_step(phones: tuple[str, ...]) -> Iterator[Row]:
    """Yield what a soak gives on half the grid step beside what it gives on the shipped one."""
    for name in phones:
        coarse = soak(load(name), seconds=_SECONDS)
        fine = soak(load(name), seconds=_SECONDS, grid_ns=50_000_000)
        for what, unit, one, other in _figures(coarse, fine):
            yield Row("half step", f"{name}: {what}", one, other, unit, within(one, _HALF_STEP),
                      "predicted", _STEP_SOURCE)  # fmt: skip


def _figures(coarse: Soak, fine: Soak) -> Iterator[tuple[str, str, float, float]]:
    yield "inferences", "", len(coarse.inferences), len(fine.inferences)
    yield "hottest die", "°C", coarse.hottest_c, fine.hottest_c
    yield "heat that went in", "J", coarse.heat.in_j, fine.heat.in_j
    if coarse.first_throttle_s is not None and fine.first_throttle_s is not None:
        yield "first throttle", "s", coarse.first_throttle_s, fine.first_throttle_s
        yield "throttled fraction", "", coarse.throttled_fraction, fine.throttled_fraction
