"""Families of networks in several sizes, and what is published about their accuracy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from benchmarks.families.applications import SOURCE, Application, applications
from benchmarks.naming import unknown
from benchmarks.workloads import OWN, alone_of


@dataclass(frozen=True, slots=True)
class Alone:
    """The one network that an application would bring if nothing were nested."""

    workload: str  # as large as one of the family, with weights of its own
    top1: float  # published accuracy [1]
    width: float  # of the member of the family that is as large


@dataclass(frozen=True, slots=True)
class Family:
    """One network in several widths that can share one set of weights."""

    name: str
    top1: Mapping[float, float]  # published accuracy per width; on ImageNet, or as `source` says
    source: str
    alone: Alone | None = None


def _nested(one: Application) -> Family:
    """Return the descendants of an application's network, the largest first."""
    pairs = zip(reversed(one.widths), reversed(one.descendant_pct), strict=True)
    own = Alone(alone_of(one), one.status_quo_pct / 100, one.widths[one.knee])
    source = f"{SOURCE}; on {one.dataset}"
    return Family(one.family, {width: pct / 100 for width, pct in pairs}, source, own)


FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Family(
            "mobilenet_v1",
            {1.0: 0.715, 0.75: 0.695, 0.5: 0.648, 0.25: 0.531},
            "slimmable networks' model zoo, S-MobileNet v1",
        ),
        Family(
            "mobilenet_v3_large",
            {1.0: 0.752, 0.75: 0.733},
            "TensorFlow's MobileNet page, V3 large; trained apart, weights not shared",
        ),
        Family(
            "mobilenet_v3_small",
            {1.0: 0.675, 0.75: 0.654},
            "TensorFlow's MobileNet page, V3 small; trained apart, weights not shared",
        ),
        Family(
            "resnet50",
            {1.0: 0.760, 0.75: 0.749, 0.5: 0.721, 0.25: 0.650},
            "slimmable networks' model zoo, S-ResNet-50",
        ),
        Family(
            "mobilenet_v2",
            {1.0: 0.705, 0.75: 0.689, 0.5: 0.644, 0.35: 0.597},
            "slimmable networks' model zoo, S-MobileNetV2",
        ),
        *(_nested(each) for each in applications().values()),
    )
}


def _known(name: str) -> str:
    if name not in FAMILIES:
        raise unknown("family", name, FAMILIES)
    return name


FamilyName = Annotated[
    str, AfterValidator(_known), Field(json_schema_extra={"enum": list(FAMILIES)})
]


def variants_of(family: str, widths: Sequence[float]) -> tuple[str, ...]:
    """Return the workloads of these widths, largest first.

    Raises:
        ValueError: if there are fewer than two, one is unknown, or they do not fall.
    """
    names = {w.width: w.name for w in OWN.values() if w.family == family}
    for width in widths:
        if width not in names:
            known = ", ".join(f"{width:g}" for width in sorted(names, reverse=True))
            raise ValueError(f"{family} has no width {width:g}; there are {known}")
    if len(widths) < 2 or list(widths) != sorted(set(widths), reverse=True):
        given = ", ".join(f"{width:g}" for width in widths) or "none"
        raise ValueError(f"{given}: name two or more, the largest first, each once")
    return tuple(names[width] for width in widths)


def accuracies_of(
    family: str, widths: Sequence[float], given: Sequence[float]
) -> tuple[tuple[float, ...], str]:
    """Return the accuracy of each width and where it is from: what was given, or the published.

    Raises:
        ValueError: if the numbers do not match the widths or do not fall with them.
    """
    if not given:
        published = FAMILIES[family]
        return tuple(published.top1[width] for width in widths), published.source
    refuse_rising(given, [f"width {width:g}" for width in widths], "widths")
    return tuple(given), "as given in the run's parameters"


def refuse_rising(given: Sequence[float], names: Sequence[str], of: str) -> None:
    """Refuse accuracies that do not fall, one for each variant from the largest on.

    Raises:
        ValueError: naming the variant and its number.
    """
    if len(given) != len(names):
        raise ValueError(f"{len(given)} numbers for {len(names)} {of}")
    for number in given:
        if not 0 < number <= 1:
            raise ValueError(f"{number:g} is not between 0 and 1; write 0.76 for 76 %")
    for index in range(1, len(given)):
        if given[index] >= given[index - 1]:
            raise ValueError(
                f"{names[index]} has {given[index]:g}, not less than the "
                f"{given[index - 1]:g} of {names[index - 1]}: a smaller variant that is "
                "as accurate leaves nothing to shift for; drop the larger one"
            )
