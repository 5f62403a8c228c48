"""What is published about the networks that ours are like; nobody trained ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.families.applications import SOURCE, applications
from benchmarks.workloads import OWN, alone_of

_SLIM = "TensorFlow's model garden, research/slim"
_V1 = f"{_SLIM}/nets/mobilenet_v1.md (tensorflow/models@02c04f49)"
_V2_V3 = f"{_SLIM}/nets/mobilenet/README.md (tensorflow/models@0ba83cf0)"
_SLIMMABLE = "slimmable networks' model zoo, S-ResNet-50 (JiahuiYu/slimmable_networks@5dc14d03)"


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The published accuracy of an original."""

    top1: float | None  # share of the validation images [1]; None: nobody published one
    of: str  # which network
    source: str
    on: str = "ImageNet"


def _table(name: str, title: str, source: str, top1: Mapping[float, float]) -> dict[str, Accuracy]:
    """Return one family; width 1 has the family's name."""
    return {
        name if width == 1.0 else f"{name}-{width:g}": Accuracy(
            share, title if width == 1.0 else f"{title} × {width:g}", source
        )
        for width, share in top1.items()
    }


def _of_applications() -> Iterator[tuple[str, Accuracy]]:
    """Yield what NestDNN reports of its applications' networks."""
    for one in applications().values():
        nested = zip(one.widths, one.descendant_pct, strict=True)
        accuracies = {width: pct / 100 for width, pct in nested}
        for workload in (each for each in OWN.values() if each.family == one.family):
            of = f"{one.network}, a nested descendant"
            yield workload.name, Accuracy(accuracies[workload.width], of, SOURCE, one.dataset)
        alone = f"{one.network}, pruned and trained alone"
        yield alone_of(one), Accuracy(one.status_quo_pct / 100, alone, SOURCE, one.dataset)


#: Per workload of our own. What variants with shared weights reach is in `variants.FAMILIES`.
ACCURACIES: Mapping[str, Accuracy] = {
    **_table(
        "mobilenet_v1", "MobileNetV1", _V1, {1.0: 0.709, 0.75: 0.684, 0.5: 0.633, 0.25: 0.498}
    ),
    **_table(
        "mobilenet_v2", "MobileNetV2", _V2_V3, {1.0: 0.718, 0.75: 0.698, 0.5: 0.654, 0.35: 0.603}
    ),
    **_table("mobilenet_v3_large", "MobileNetV3-Large", _V2_V3, {1.0: 0.752, 0.75: 0.733}),
    **_table("mobilenet_v3_small", "MobileNetV3-Small", _V2_V3, {1.0: 0.675, 0.75: 0.654}),
    **_table(
        "resnet50", "ResNet50, slimmable", _SLIMMABLE,
        {1.0: 0.760, 0.75: 0.749, 0.5: 0.721, 0.25: 0.650},
    ),
    "regnet": Accuracy(
        0.741,
        "RegNetY-400MF, which has squeeze-and-excite; ours has not",
        "Radosavovic et al. 2020, Designing Network Design Spaces",
    ),
    "vgg16-0.25": Accuracy(None, "VGG16 at a quarter of its width", "nobody published one"),
    "diffusion": Accuracy(None, "latent diffusion, much smaller", "pictures have no top-1"),
    "vit_tiny": Accuracy(0.722, "DeiT-Ti", "Touvron et al. 2021, arXiv 2012.12877"),
    **dict(_of_applications()),
}  # fmt: skip
