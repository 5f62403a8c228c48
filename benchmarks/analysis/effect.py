"""How large a difference is, and how surely: one estimate with its interval."""

import math
from dataclasses import dataclass
from enum import StrEnum

CONFIDENCE = 0.95
POWER = 0.80


class Design(StrEnum):
    """How two sides were measured."""

    PAIRED = "paired"  #: run by run on one device, the order turned from pair to pair
    UNPAIRED = "unpaired"  #: two sets of runs, each on its own


class Scale(StrEnum):
    """What a difference is counted in."""

    RATIO = "ratio"  #: natural logarithm of candidate ÷ reference
    DIFFERENCE = "difference"  #: candidate − reference, in the metric's unit


@dataclass(frozen=True, slots=True)
class Effect:
    """Candidate against reference; positive is more, whether or not more is better."""

    scale: Scale
    design: Design
    estimate: float  # Hodges–Lehmann, on the scale
    low: float  # of the exact 95 % interval, on the scale; −inf where there are too few
    high: float
    p: float  # exact and two-sided, of no difference
    count: int  # pairs, or runs of the smaller side
    test: str

    @property
    def change(self) -> float:
        """The estimate as people read it: a share of the reference, or a difference."""
        return self.shown(self.estimate)

    def shown(self, value: float) -> float:
        """Return a value of the scale as a share of the reference, or as a difference."""
        return math.expm1(value) if self.scale is Scale.RATIO else value


def detectable(deviation: float, pairs: int) -> float | None:
    """Return the smallest difference that is found in 4 of 5 comparisons, on the scale.

    deviation: standard deviation of the differences of pairs, on the scale
    Returns None below two pairs: nothing can be said.

    Notes:
        The usual formula for paired means, (t at 97.5 % + t at 80 %) · s ÷ √n. The signed-rank
        test loses less than 5 % to it on normal noise and wins on heavy tails.
    """
    if pairs < 2:
        return None
    # Half a second that every process which only might compare need not pay at its start.
    from scipy.stats import t as student

    quantiles = student.ppf(1 - (1 - CONFIDENCE) / 2, pairs - 1) + student.ppf(POWER, pairs - 1)
    return float(quantiles * deviation / math.sqrt(pairs))
