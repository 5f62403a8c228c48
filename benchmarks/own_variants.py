"""A user's own networks as variants of one another: what they must be to stand in one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.naming import unknown
from benchmarks.variants import FAMILIES, Alone, refuse_rising, variants_of
from benchmarks.workloads import OWN, find, macs_of

OWN_SOURCE = "as given in the run's parameters, for networks of the user's own"


def refuse_disorder(networks: Sequence[str]) -> None:
    """Refuse networks that are no row from the largest to the smallest.

    Raises:
        ValueError: if there are fewer than two, one comes twice, or arithmetic does not fall.
    """
    if len(networks) < 2 or len(set(networks)) < len(networks):
        raise ValueError(f"{', '.join(networks)}: name two or more, the largest first, each once")
    for larger, smaller in pairwise(networks):
        if macs_of(smaller) >= macs_of(larger):
            raise ValueError(
                f"{smaller} computes {_short(macs_of(smaller))} per inference, not less than the "
                f"{_short(macs_of(larger))} of {larger} before it: name the largest first"
            )


def _short(macs: int) -> str:
    return f"{macs / 1e6:.3g} MMAC"


@dataclass(frozen=True, slots=True)
class Ladder:
    """What an application may run, the smallest first."""

    name: str
    variants: tuple[str, ...]
    top1: tuple[float, ...]  # accuracy of each [1]
    widths: tuple[float, ...]  # of each, over the largest; of a user's own, the root of their work
    alone: Alone | None = None  # what it has where nothing is nested


def written(text: str) -> str:
    """Return a family as specs keep it: a name, or `my-large=76+my-small=65` with top-1 in %.

    Raises:
        UnknownName: for a name that nobody has.
        ValueError: for networks that are no row of variants.
    """
    if "=" not in text:
        if text not in FAMILIES:
            raise unknown("family", text, FAMILIES)
        return text
    parts = [part.rpartition("=") for part in text.split("+")]
    networks = [find(name).name for name, _, _ in parts]
    refuse_disorder(networks)
    shares = [_percent(number) / 100 for _, _, number in parts]
    refuse_rising(shares, networks, "networks")
    numbers = zip(networks, shares, strict=True)
    return "+".join(f"{name}={100 * share:g}" for name, share in numbers)


def _percent(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1 < number <= 100:
        raise ValueError(
            f"top-1 = {text!r}: give it in %, between 1 and 100, as in my-large=76+my-small=65"
        )
    return number


def ladder_of(text: str) -> Ladder:
    """Return the variants of a family as `written` gives it."""
    if "=" in text:
        parts = [part.rpartition("=") for part in reversed(text.split("+"))]
        variants = tuple(name for name, _, _ in parts)
        most = macs_of(variants[-1])
        widths = tuple((macs_of(name) / most) ** 0.5 for name in variants)
        top1 = tuple(float(number) / 100 for _, _, number in parts)
        return Ladder(variants[-1], variants, top1, widths)
    family = FAMILIES[text]
    widths = tuple(sorted(family.top1))
    variants = tuple(reversed(variants_of(text, widths[::-1])))
    top1 = tuple(family.top1[OWN[variant].width] for variant in variants)
    return Ladder(text, variants, top1, widths, family.alone)
