"""How inferences keep their deadlines: time taken ÷ time allowed, and the share in time."""

from collections.abc import Sequence

import numpy as np

from benchmarks.analysis.metrics import Metric
from benchmarks.trace import Floats


def punctuality_metrics(taken_s: Floats, allowed_s: Floats | float) -> Sequence[Metric]:
    """Return punctuality and deadline hits of inferences that took `taken_s` of `allowed_s`.

    Punctuality is taken ÷ allowed: 0.9 is early, 1 on the dot, 1.1 late. A frame that is much too
    early wasted energy, so the median tells as much as the hits.
    """
    if not taken_s.size:
        note = "no inference"
        return (
            Metric("punctuality_p50", None, "1", None, note=note),
            Metric("punctuality_p95", None, "1", "lower", note=note),
            Metric("deadline_hit", None, "1", "higher", note=note),
        )
    ratios = taken_s / allowed_s
    return (
        Metric("punctuality_p50", float(np.median(ratios)), "1"),
        Metric("punctuality_p95", float(np.percentile(ratios, 95)), "1", "lower"),
        Metric("deadline_hit", float((ratios <= 1).mean()), "1", "higher"),
    )
