"""O5: the fastest split among compressive bottlenecks, all local and all cloud."""

from typing import ClassVar, Literal

from benchmarks.policies.offload.base import OffloadPolicy
from benchmarks.policies.offload.choosing import Choice, Situation, fastest, told


class DynamicSplit(OffloadPolicy):
    """Takes the fastest of the few splits that can ever win."""

    kind: Literal["dynamic_split"] = "dynamic_split"
    source: ClassVar[str] = (
        "Bakhtiarnia et al., Dynamic Split Computing, DyNN workshop 2022: only compressive natural "
        "bottlenecks are interior candidates"
    )
    why: ClassVar[str] = (
        "A split that sends more than an earlier one can never win: the phone does more work for "
        "more bytes. What is left is a handful, often none, and then the choice is between the "
        "phone and the cloud. Sizes count as they are sent: an image that travels as JPEG is small."
    )

    def choose(self, seen: Situation) -> Choice:
        """Return the fastest candidate."""
        pipeline = seen.pipeline
        candidates = {*pipeline.compressive(), pipeline.local, pipeline.cloud}
        split = fastest(seen, [s for s in pipeline.splits if s in candidates])
        return Choice(split, f"fastest of {len(candidates)}: {told(seen, split)}")
