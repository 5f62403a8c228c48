"""Candidate against reference: one of six words per metric, with the numbers behind it.

Notes:
    The unit of observation is the run. Inferences of one run share its heat, so ten thousand of
    them are one observation, not ten thousand.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from benchmarks.analysis import bootstrap, rank_sum, signed_rank
from benchmarks.analysis.effect import Design, Effect, Scale, detectable
from benchmarks.analysis.metrics import Better
from benchmarks.trace import Floats

THRESHOLD = 0.03  # a change that matters in practice, as a share
THRESHOLD_SHARE = 0.05  # the same for metrics that are shares themselves, as a difference
THRESHOLD_C = 1.0  # the same for temperatures [°C]
THRESHOLD_ACCURACY = 0.005  # the same for accuracies: half a point
#: Words in the names of metrics that are shares of one.
_SHARES = frozenset({"fraction", "share", "hit", "accuracy"})


class Word(StrEnum):
    """The verdict of a comparison."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"  #: the whole interval lies within the threshold
    INCONCLUSIVE = "inconclusive"  #: too few pairs or too much noise to say
    NOT_COMPARABLE = "not_comparable"  #: what was measured differs in more than what is compared
    NO_DATA = "no_data"


#: `+` is always worse, whatever the direction of the metric.
MARKS = {
    Word.BETTER: "-",
    Word.WORSE: "+",
    Word.SAME: "~",
    Word.INCONCLUSIVE: "?",
    Word.NOT_COMPARABLE: "x",
    Word.NO_DATA: "!",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric of one candidate against its reference."""

    word: Word
    because: str  # what stands in the way of better, worse or same; empty if nothing
    effect: Effect | None = None
    bootstrap: tuple[float, float] | None = None  # 95 %, on the effect's scale
    deviation: float | None = None  # of the differences of pairs, on the scale
    detectable: float | None = None  # found in 4 of 5 comparisons, on the scale
    threshold: float = THRESHOLD  # on the scale that people read
    floor: float | None = None  # the device's noise floor, where it is known


def scale_of(name: str, unit: str) -> Scale:
    """Return whether a metric is compared by ratio or by difference.

    A ratio of degrees Celsius means nothing, and shares are often zero.
    """
    words = name.split("_")
    is_share = unit == "1" and not _SHARES.isdisjoint(words)
    return Scale.DIFFERENCE if unit == "°C" or is_share else Scale.RATIO


def threshold_of(name: str, unit: str, ratio: float = THRESHOLD) -> float:
    """Return which change of a metric matters: a share, or a difference in its unit."""
    if scale_of(name, unit) is Scale.RATIO:
        return ratio
    if unit == "°C":
        return THRESHOLD_C
    return THRESHOLD_ACCURACY if "accuracy" in name else THRESHOLD_SHARE


def compare_pairs(
    pairs: Sequence[tuple[float, float]],
    better: Better,
    scale: Scale = Scale.RATIO,
    threshold: float = THRESHOLD,
    floor: float | None = None,
) -> Comparison:
    """Compare (reference, candidate) pairs of runs on one device.

    floor: the device's noise floor, which says what could have been detected; without it the
        deviation of these very pairs stands in.
    """
    if not pairs:
        return Comparison(Word.NO_DATA, "no pair has this metric on both sides")
    reference, candidate = (np.array(side, dtype=np.float64) for side in zip(*pairs, strict=True))
    if not (reference.any() or candidate.any()):
        return Comparison(Word.SAME, "every value is zero", threshold=threshold)
    measured = _on_scale(reference, candidate, scale)
    if measured is None:
        return Comparison(Word.INCONCLUSIVE, "a value is zero or negative: no ratio")
    differences = measured[1] - measured[0]
    low, high = signed_rank.interval(differences)
    effect = Effect(
        scale=scale,
        design=Design.PAIRED,
        estimate=signed_rank.estimate(differences),
        low=low,
        high=high,
        p=signed_rank.p_value(differences),
        count=differences.size,
        test="Wilcoxon signed-rank, exact",
    )
    deviation = float(differences.std(ddof=1)) if differences.size > 1 else None
    shown = bootstrap.paired_interval(differences)
    too_few = _too_few(differences.size, signed_rank.FEWEST_PAIRS, "pairs")
    return _judged(effect, better, threshold, too_few, shown, deviation, floor)


def compare_groups(
    reference: Sequence[float],
    candidate: Sequence[float],
    better: Better,
    scale: Scale = Scale.RATIO,
    threshold: float = THRESHOLD,
) -> Comparison:
    """Compare two sets of runs that were not measured in pairs."""
    if not reference or not candidate:
        return Comparison(Word.NO_DATA, "a side has no run with this metric")
    measured = _on_scale(np.array(reference), np.array(candidate), scale)
    if measured is None:
        return Comparison(Word.INCONCLUSIVE, "a value is zero or negative: no ratio")
    low, high = rank_sum.interval(*measured)
    fewest = min(len(reference), len(candidate))
    effect = Effect(
        scale=scale,
        design=Design.UNPAIRED,
        estimate=rank_sum.estimate(*measured),
        low=low,
        high=high,
        p=rank_sum.p_value(*measured),
        count=fewest,
        test="Mann–Whitney, exact interval",
    )
    spread = [float(side.var(ddof=1)) for side in measured if side.size > 1]
    # What one run differs from another by, as a pair of them would show it.
    deviation = math.sqrt(2 * sum(spread) / len(spread)) if spread else None
    shown = bootstrap.unpaired_interval(*measured)
    too_few = _too_few(fewest, rank_sum.FEWEST_RUNS, "runs on the smaller side")
    return _judged(effect, better, threshold, too_few, shown, deviation, None)


def confirmed(first: Comparison, again: Comparison) -> Comparison:
    """Return the verdict after as many new pairs: worse, or better, only if both say so."""
    if first.word not in (Word.WORSE, Word.BETTER) or again.word == first.word:
        return first
    sentence = f"not confirmed: the second set of pairs says {again.word.value.replace('_', ' ')}"
    return replace(first, word=Word.INCONCLUSIVE, because=sentence)


def _on_scale(reference: Floats, candidate: Floats, scale: Scale) -> tuple[Floats, Floats] | None:
    if scale is Scale.DIFFERENCE:
        return reference, candidate
    if reference.min() <= 0 or candidate.min() <= 0:
        return None
    return np.log(reference), np.log(candidate)


def _too_few(count: int, fewest: int, what: str) -> str:
    if count >= fewest:
        return ""
    counted = what.replace("pairs", "pair").replace("runs", "run", 1) if count == 1 else what
    return f"{count} {counted}; {fewest} are the fewest that can tell"


def _judged(
    effect: Effect,
    better: Better,
    threshold: float,
    too_few: str,
    shown: tuple[float, float],
    deviation: float | None,
    floor: float | None,
) -> Comparison:
    noise = floor if floor is not None else deviation
    word, because = (Word.INCONCLUSIVE, too_few) if too_few else _word(effect, better, threshold)
    return Comparison(
        word=word,
        because=because,
        effect=effect,
        bootstrap=shown,
        deviation=deviation,
        detectable=None if noise is None or too_few else detectable(noise, effect.count),
        threshold=threshold,
        floor=floor,
    )


def _word(effect: Effect, better: Better, threshold: float) -> tuple[Word, str]:
    """Return the verdict: worse needs an interval beyond zero and an effect beyond θ."""
    limit = math.log1p(threshold) if effect.scale is Scale.RATIO else threshold
    sign = -1 if better == "higher" else 1  # positive is worse from here on
    estimate = sign * effect.estimate
    low, high = sorted((sign * effect.low, sign * effect.high))
    if low > 0 and estimate >= limit:
        return Word.WORSE, ""
    if high < 0 and estimate <= -limit:
        return Word.BETTER, ""
    if -limit < low and high < limit:
        return Word.SAME, ""
    if low <= 0 <= high:
        return Word.INCONCLUSIVE, "the interval reaches from better to worse"
    return Word.INCONCLUSIVE, "there is a difference, and it may be below the threshold"
