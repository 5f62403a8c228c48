"""Electrical power of a cluster of cores: dynamic, awake floor, leakage with temperature."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import cast

from devices.virtual.physics.numbers import Each, N, least

REFERENCE_C = 40.0  # the die temperature at which power tables are taken to hold [°C]
LEAK_PER_K = 0.012  # relative growth of leakage per kelvin around REFERENCE_C [1/K]
RUNAWAY_C = 125.0  # leakage grows no further: above it a real chip has switched itself off [°C]


@dataclass(frozen=True, slots=True)
class ClusterPower:
    """The power of one cluster at each operating point, slowest first."""

    core_w: tuple[float, ...]  # one core fully busy with CoreMark, without the floor [W]
    leak_w: tuple[float, ...]  # leakage of the whole cluster at REFERENCE_C [W]
    awake_w: float  # the floor of a cluster with a core awake [W]

    def power_w(self, point: int, load: float, awake: float, die_c: float) -> float:
        """Return the power of the cluster [W].

        `load` is the sum of busy shares of its cores, each weighted by how hard its code works
        (CoreMark 1.0); `awake` the share of time in which any core is awake; `die_c` [°C].
        The tables already contain the leakage at REFERENCE_C, so only its change is added.
        """
        busy_w = self.core_w[point] * load
        return cluster_w(busy_w, self.awake_w, self.leak_w[point], awake, excess_k(die_c))

    def growth_w_k(self, point: int) -> float:
        """Return how much more the awake cluster leaks per kelvin [W/K]."""
        return self.leak_w[point] * LEAK_PER_K


def excess_k(die_c: N) -> N:
    """Return by how much a die is warmer than REFERENCE_C, as far as leakage grows with it [K]."""
    return least(die_c, RUNAWAY_C) - REFERENCE_C


def cluster_w(busy_w: N, awake_w: N, leak_w: N, awake: N, warmer_k: N) -> N:
    """Return the power of a cluster: work, floor, and what leaks more than at REFERENCE_C [W]."""
    return busy_w + (awake_w + leak_w * LEAK_PER_K * warmer_k) * awake


def clusters_w(
    busy_w: Each[N], awake_w: Each[N], leak_w: Each[N], awake: Each[N], warmer_k: N
) -> Each[N]:
    """Return the power of each cluster of a phone, or of many phones [W]."""
    if not isinstance(busy_w, tuple):  # rows of an array, all at once
        return cast(Each[N], cluster_w(busy_w, awake_w, leak_w, awake, warmer_k))
    each = zip(busy_w, awake_w, leak_w, awake, strict=True)
    return tuple([cluster_w(*of_one, warmer_k) for of_one in each])


def dynamic_w(coefficient: float, scale: float, khz: int, uv: int) -> float:
    """Return `scale * C * V² * f` [W]; `coefficient` is C in µW/MHz/V²."""
    return scale * coefficient * 1e-6 * (khz / 1e3) * (uv / 1e6) ** 2


def leakage_by_voltage(top_w: float, uv: Sequence[int]) -> tuple[float, ...]:
    """Return the leakage at REFERENCE_C per operating point [W], given the one at the top point."""
    shape = [_leakage_shape(v / 1e6, REFERENCE_C + 273.15) for v in uv]
    return tuple(top_w * value / shape[-1] for value in shape)


def _leakage_shape(volt: float, kelvin: float) -> float:
    """Leakage power up to a factor [1]: Liao, He, Lepak, IEEE TCAD 24(7), 2005, eq. for V and T."""
    subthreshold = 1.1432e-12 * kelvin**2 * exp((466.4029 * volt - 1224.74083) / kelvin)
    gate = 1.0126e-14 * exp(6.28153 * volt + 6.9094)
    return volt * (subthreshold + gate)
