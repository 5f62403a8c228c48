"""O3: one split for ever."""

from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.offloading.pipeline import Pipeline
from benchmarks.policies.offload.base import OffloadPolicy
from benchmarks.policies.offload.choosing import Choice, Situation, told
from devices.errors import StableDeviceError


class FixedSplit(OffloadPolicy):
    """Cuts at one named blob, whatever the network is like."""

    measures_first: ClassVar[bool] = False
    kind: Literal["fixed_split"] = "fixed_split"
    cut: str = Field(
        "", max_length=64, description="The blob inside the network that crosses; empty is local."
    )
    why: ClassVar[str] = (
        "The best split of yesterday's network, kept. Sweeping it over all cuts measures each of "
        "them; the best one is the static reference that a policy which adapts has to beat."
    )

    def check(self, pipeline: Pipeline) -> None:
        """Refuse a blob that is no cut."""
        try:
            pipeline.named(self.cut)
        except ValueError as error:
            raise StableDeviceError(f"fixed_split: {error}") from error

    def choose(self, seen: Situation) -> Choice:
        """Return the named split."""
        split = seen.pipeline.named(self.cut)
        return Choice(split, f"fixed: {told(seen, split)}")
