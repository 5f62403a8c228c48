"""A network whose rate changes: choosing anew each time against the best fixed split."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.offloading.estimates import Estimates
from benchmarks.offloading.pipeline import Pipeline, Split
from benchmarks.policies.offload.choosing import Situation
from benchmarks.policies.offload.dynamic_split import DynamicSplit
from benchmarks.policies.offload.oracle import Oracle
from benchmarks.reproductions.cloud_mobile.regnet_map import RTT_S, SERVER_S

STEPS = 200
LOW_MBIT_S, HIGH_MBIT_S = 0.5, 120.0
WALK_SIGMA = 0.35  # of the logarithm of the rate from one step to the next
PHONE_S = 0.12  # the whole network [s]


@dataclass(frozen=True, slots=True, eq=False)
class Gain:
    """How much sooner each answer came than with the best fixed split; a loss is negative."""

    with_true_rates: NDArray[np.float64]  # [steps]
    with_estimates: NDArray[np.float64]
    mean_regret: float  # of the estimates against the oracle, as a share of its latency


def walk(seed: int) -> NDArray[np.float64]:
    """Return a rate per step [bit/s]: a random walk of its logarithm, reflected at both ends."""
    random = np.random.default_rng(seed)
    low, high = np.log(LOW_MBIT_S), np.log(HIGH_MBIT_S)
    position, rates = random.uniform(low, high), []
    for step in random.normal(0.0, WALK_SIGMA, STEPS):
        position += step
        position = 2 * low - position if position < low else position
        position = 2 * high - position if position > high else position
        rates.append(np.exp(position) * 1e6)
    return np.array(rates)


def follow(pipeline: Pipeline, seed: int) -> Gain:
    """Follow one walk with the true rate, with an estimate of it, and with each fixed split."""
    rates = walk(seed)
    static = _best_static(pipeline, rates)
    believed = _at(float(rates[0]))
    true, estimated, regret = [], [], []
    for rate in rates:
        truth = _at(float(rate))
        fixed_s = truth.predict(static).total
        best_s = truth.predict(_choice(pipeline, truth)).total
        chosen = _choice(pipeline, believed)
        chosen_s = truth.predict(chosen).total
        oracle_s = truth.predict(Oracle().choose(_seen(pipeline, truth)).split).total
        true.append((fixed_s - best_s) / fixed_s)
        estimated.append((fixed_s - chosen_s) / fixed_s)
        regret.append((chosen_s - oracle_s) / oracle_s)
        # A request or, where nothing was sent, a probe: both see the rate of this step.
        believed.learn("up_bit_s", float(rate))
        believed.learn("down_bit_s", float(rate))
    return Gain(np.array(true), np.array(estimated), float(np.mean(regret)))


def _at(rate_bit_s: float) -> Estimates:
    return Estimates(PHONE_S, SERVER_S, rate_bit_s, rate_bit_s, RTT_S)


def _seen(pipeline: Pipeline, rates: Estimates) -> Situation:
    return Situation(pipeline, replace(rates), sla_s=1.0)


def _choice(pipeline: Pipeline, rates: Estimates) -> Split:
    return DynamicSplit().choose(_seen(pipeline, rates)).split


def _best_static(pipeline: Pipeline, rates: NDArray[np.float64]) -> Split:
    """Return the split with the least mean latency over the walk."""

    def mean_s(split: Split) -> float:
        return float(np.mean([_at(float(rate)).predict(split).total for rate in rates]))

    return min(pipeline.splits, key=mean_s)
