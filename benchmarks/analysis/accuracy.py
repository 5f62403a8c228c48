"""Accuracy of a mix of variants, estimated from what each was published to have."""

from collections.abc import Mapping

from benchmarks.analysis.metrics import Metric

NAME = "estimated_accuracy"


def accuracy_estimate(inferences: Mapping[str, int], published: Mapping[str, float]) -> Metric:
    """Return the published accuracies weighted by how many inferences each variant ran.

    An estimate, never a measurement: it says nothing about which inputs met which variant.
    """
    total = sum(inferences.values())
    if not total:
        return Metric(NAME, None, "1", "higher", "published", "no inference")
    missing = sorted(name for name, count in inferences.items() if count and name not in published)
    if missing:
        note = f"no published accuracy of {', '.join(missing)}"
        return Metric(NAME, None, "1", "higher", "published", note)
    mean = sum(count * published[name] for name, count in inferences.items() if count) / total
    note = ", ".join(f"{name}: {count / total:.1%}" for name, count in sorted(inferences.items()))
    return Metric(NAME, mean, "1", "higher", "published", note)
