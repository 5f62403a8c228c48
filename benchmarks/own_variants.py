"""A user's own networks as variants of one another: what they must be to stand in one row."""

from collections.abc import Sequence
from itertools import pairwise

from benchmarks.workloads import find

OWN_SOURCE = "as given in the run's parameters, for networks of the user's own"


def refuse_disorder(networks: Sequence[str]) -> None:
    """Refuse networks that are no row from the largest to the smallest.

    Raises:
        ValueError: if there are fewer than two, one comes twice, or arithmetic does not fall.
    """
    if len(networks) < 2 or len(set(networks)) < len(networks):
        raise ValueError(f"{', '.join(networks)}: name two or more, the largest first, each once")
    for larger, smaller in pairwise(map(find, networks)):
        if smaller.macs and larger.macs and smaller.macs >= larger.macs:
            raise ValueError(
                f"{smaller.name} computes {_short(smaller.macs)} per inference, not less than the "
                f"{_short(larger.macs)} of {larger.name} before it: name the largest first"
            )


def _short(macs: int) -> str:
    return f"{macs / 1e6:.3g} MMAC"
