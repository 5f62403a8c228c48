"""How much longer operators take than the profile says: noise that comes in clusters.

Assumed: the literature has the clustering of misses, and no distribution that we could use.
"""

import numpy as np

from benchmarks.policies.dvfs.profile_table import Floats

_OPERATOR = 0.01  # standard deviation of one operator [1]
_INTERVAL = 0.01  # standard deviation of what an interval's operators share [1]
_MEMORY = 0.7  # correlation of that share with the interval before [1]
_STRAGGLERS = 0.004  # of intervals in which something else took the cores …
_STRAGGLE = (0.03, 0.10)  # … and how much longer everything took then [1]


def disturbances(seed: int, intervals: int, operators: int) -> Floats:
    """Return a factor on the time of each operator of each interval [intervals, operators]."""
    draw = np.random.default_rng(seed)
    shared = np.empty(intervals)
    last = 0.0
    for number, fresh in enumerate(draw.standard_normal(intervals)):
        last = _MEMORY * last + np.sqrt(1 - _MEMORY**2) * float(fresh)
        shared[number] = last
    straggles = draw.uniform(*_STRAGGLE, intervals) * (draw.random(intervals) < _STRAGGLERS)
    single = draw.standard_normal((intervals, operators))
    factors: Floats = 1.0 + _INTERVAL * shared[:, None] + straggles[:, None] + _OPERATOR * single
    return factors
