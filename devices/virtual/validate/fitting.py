"""Fits the constants of the kernels and of the benchmarked chips: `… fitting [SEED …]`.

Prints what belongs into physics/kernels.py and into the phone files, and for each seed how well
the rest of the cells is predicted. The priors keep constants that few cells speak about near
what is known of such code; their widths are in logarithms.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from devices.virtual.catalog import load as load_phone
from devices.virtual.physics.cpu import demand_of, latency_s
from devices.virtual.physics.kernels import FAMILIES, Kernels
from devices.virtual.validate.cells import Cell, cells, fitted, network
from devices.virtual.validate.latency import shared
from devices.virtual.validate.published import load

_NOISE = 0.15  # what a good prediction is off by [1]
_TIE = 0.4  # the families' ratios differ by about this much
_RATIOS = {"winograd": 2.0, "conv": 0.7, "depthwise": 0.25, "grouped": 0.6, "fc": 0.5,
           "matmul": 0.4}  # fmt: skip
_RATIO_WIDTHS = (0.5, 0.3, 0.4, 0.4, 0.4, 0.4)
_OTHERS = {"numbers_per_mac": 0.15, "serial": 0.07, "call_cycles": 2500.0, "join_cycles": 2500.0,
           "crowd_cycles": 12000.0}  # fmt: skip
_MACS_PER_CYCLE = {"single": 3.0, "half": 12.0}
_GB_PER_S = {"single": 5.0, "half": 14.0}
_PER_FAMILY = len(_RATIOS) + len(_OTHERS)

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is fitted: speed and bandwidth per phone, then the constants of both families."""

    cells: tuple[Cell, ...]
    phones: tuple[str, ...]
    families: dict[str, str]  # per phone

    @classmethod
    def of(cls, all_cells: tuple[Cell, ...]) -> "Problem":
        """Collect the phones of the cells."""
        phones = tuple(dict.fromkeys(cell.phone for cell in all_cells))
        return cls(all_cells, phones, {p: load_phone(p).reference.kernels for p in phones})

    @property
    def prior(self) -> tuple[Vector, Vector]:
        """Centers and widths, as logarithms."""
        of = [self.families[phone] for phone in self.phones]
        centers = [_MACS_PER_CYCLE[name] for name in of] + [_GB_PER_S[name] for name in of]
        widths = [1.0] * len(of) + [0.4] * len(of)
        for _ in FAMILIES:
            centers += [*_RATIOS.values(), *_OTHERS.values()]
            widths += [*_RATIO_WIDTHS, *([0.8] * len(_OTHERS))]
        return np.log(centers), np.array(widths)

    def kernels(self, x: Vector) -> dict[str, Kernels]:
        """Return both families with the constants of a candidate."""
        found = {}
        for number, (name, family) in enumerate(FAMILIES.items()):
            start = 2 * len(self.phones) + number * _PER_FAMILY
            values = list(map(float, np.exp(x[start : start + _PER_FAMILY])))
            ratio = dict(zip(_RATIOS, values[: len(_RATIOS)], strict=True)) | {"pointwise": 1.0}
            others = dict(zip(_OTHERS, values[len(_RATIOS) :], strict=True))
            found[name] = Kernels(number_bytes=family.number_bytes, ratio=ratio, **others)
        return found

    def predict(self, x: Vector, chosen: Sequence[int]) -> list[float]:
        """Return the latency of some cells [ms]."""
        kernels = self.kernels(x)
        count = len(self.phones)
        answers = []
        for i in chosen:
            cell = self.cells[i]
            phone = self.phones.index(cell.phone)
            per_cycle, gb_per_s = np.exp(x[phone]), np.exp(x[count + phone])
            speeds = dict.fromkeys((cpu for cpu, _ in cell.cores), float(per_cycle))
            cores = shared(cell, speeds.__getitem__)
            demand = demand_of(network(cell.network), kernels[self.families[cell.phone]])
            answers.append(1e3 * latency_s(demand, cores, 1e9 * gb_per_s))
        return answers


def fit(problem: Problem, chosen: Sequence[int]) -> Vector:
    """Return the constants that predict the chosen cells best, outliers counting less."""
    centers, widths = problem.prior
    measured = np.log([problem.cells[i].ms for i in chosen])
    first = 2 * len(problem.phones)
    ratios = len(_RATIOS)

    def residuals(x: Vector) -> Vector:
        errors = (np.log(problem.predict(x, chosen)) - measured) / _NOISE
        one, other = x[first : first + ratios], x[first + _PER_FAMILY :][:ratios]
        return np.concatenate([errors, (x - centers) / widths, (one - other) / _TIE])

    return np.asarray(least_squares(residuals, centers, loss="soft_l1").x)


def main(seeds: Sequence[int]) -> None:
    """Fit once per seed; print the constants of the first."""
    problem = Problem.of(cells())
    for number, seed in enumerate(seeds):
        chosen = fitted(problem.cells, seed)
        x = fit(problem, sorted(chosen))
        _tell_errors(problem, x, chosen, seed)
        if number == 0:
            _tell_constants(problem, x)


def _tell_errors(problem: Problem, x: Vector, chosen: frozenset[int], seed: int) -> None:
    everything = range(len(problem.cells))
    ours = problem.predict(x, everything)
    for what, own in (("fitted", True), ("judged", False)):
        off = [abs(ours[i] / problem.cells[i].ms - 1) for i in everything if (i in chosen) is own]
        tail = quantiles(off, n=10, method="inclusive")[-1]
        print(f"seed {seed}: {len(off)} {what}: median {median(off):.3f}, 90th {tail:.3f}")


def _tell_constants(problem: Problem, x: Vector) -> None:
    count = len(problem.phones)
    for phone, per_cycle, gb_per_s in zip(
        problem.phones, np.exp(x[:count]), np.exp(x[count : 2 * count]), strict=True
    ):
        print(f"{phone}: {per_cycle:.2f} MACs per cycle, {gb_per_s:.1f} GB/s")
    for name, kernels in problem.kernels(x).items():
        print(f"{name}: {kernels}")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [load("latency.json")["fit"]["seed"]])
