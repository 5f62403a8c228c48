"""How much a device differs from itself: pairs of runs of the very same thing."""

from collections.abc import Sequence

import numpy as np

from benchmarks.analysis.effect import Scale

FEWEST_PAIRS = 6


def noise_floor(values: Sequence[float], scale: Scale = Scale.RATIO) -> float | None:
    """Return the standard deviation of the differences of neighboring runs, on the scale.

    values: one metric of runs with the same contract on one device, in the order they ran.
        Neighbors share the hour and the room, as the runs of a pair do; runs far apart do not.
    Returns None below twelve runs.
    """
    usable = len(values) // 2 * 2
    if usable < 2 * FEWEST_PAIRS:
        return None
    measured = np.array(values[:usable], dtype=np.float64)
    if scale is Scale.RATIO:
        if measured.min() <= 0:
            return None
        measured = np.log(measured)
    differences = measured[1::2] - measured[::2]
    return float(np.sqrt(np.mean(differences**2)))  # around zero: nothing was changed
