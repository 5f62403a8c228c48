"""Four networks as operators: what each computes and what it moves.

Rounded figures of the kind that layer tables give, in an order as a runtime executes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of a network."""

    name: str
    flop: float
    bytes: float


Row = tuple[float, float]  # GFLOP, MB


def _network(rows: list[Row], *, gflop: float | None = None, mb_scale: float = 1.0) -> list[Row]:
    """Scale the rows to a published total of GFLOP and by a factor of MB."""
    scale = 1.0 if gflop is None else gflop / sum(row[0] for row in rows)
    return [(row[0] * scale, row[1] * mb_scale) for row in rows]


_MOBILENETV2 = [
    (0.02, 1.8),
    *[(0.018, 2.4), (0.006, 2.2), (0.016, 1.4)] * 17,
    (0.04, 3.0),
    (0.003, 5.1),
]
_RESNET50 = [(0.24, 3.9), *[(0.23, 3.6), (0.46, 1.6), (0.21, 3.4)] * 16, (0.004, 8.2)]
_VGG16: list[Row] = [
    (0.17, 13), (3.7, 26), (1.8, 13), (3.7, 13), (1.8, 6.6), (3.7, 7.5), (3.7, 7.5), (1.8, 6.5),
    (3.7, 11), (3.7, 11), (0.92, 10), (0.92, 10), (0.92, 10), (0.2, 411), (0.033, 67), (0.008, 16),
]  # fmt: skip
_TRANSFORMER: list[Row] = [
    (0.6, 4.2), (0.6, 4.2), (0.6, 4.2), (0.1, 1.6), (0.1, 1.6), (0.6, 4.2),
    (2.4, 11), (2.4, 11), (0.001, 0.6),
] * 4  # fmt: skip

NETWORKS: Mapping[str, tuple[Operator, ...]] = {
    name: tuple(
        Operator(f"op{number}", gflop * 1e9, mb * 1e6) for number, (gflop, mb) in enumerate(rows)
    )
    for name, rows in (
        ("mobilenet_v2", _network(_MOBILENETV2, gflop=0.6)),
        ("resnet50", _network(_RESNET50, gflop=8.2, mb_scale=0.8)),
        ("vgg16", _network(_VGG16)),
        ("transformer_small", _network(_TRANSFORMER)),
    )
}
