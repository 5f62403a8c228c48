"""The six applications of NestDNN: what the paper reports of them, and channels of our networks."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

SOURCE = "NestDNN (Fang, Zeng, Zhang, MobiCom 2018, arXiv 1810.10090), read off its figures"


class Application(BaseModel):
    """One application and the variants of its network, from small to large."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    network: Literal["VGG-16", "ResNet-50"]
    dataset: str
    size_mb: tuple[float, ...]
    descendant_pct: tuple[float, ...]  # accuracy of the nested variants
    independent_pct: tuple[float, ...]  # accuracy of separate models of the same sizes
    gflops: tuple[float, ...]
    knee: int  # of the independent models' accuracy over size
    footprint_mb: Mapping[str, float]
    upgrade_mb: Mapping[str, float]
    family: str  # what our networks for it are called
    classes: int
    widths: tuple[float, ...]  # mean channels over the largest's
    channels: tuple[tuple[int, ...], ...]

    @property
    def status_quo_pct(self) -> float:
        """Accuracy of the one model that it uses today."""
        return self.independent_pct[self.knee]


@cache
def applications() -> Mapping[str, Application]:
    """Return them by the paper's short names."""
    text = Path(__file__).with_name("applications.toml").read_text()
    return {
        name: Application(**{key: _frozen(value) for key, value in facts.items()})
        for name, facts in tomllib.loads(text)["applications"].items()
    }


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
