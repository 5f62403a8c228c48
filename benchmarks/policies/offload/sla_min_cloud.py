"""O6: as little cloud as the service level allows."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.offloading.pipeline import Split
from benchmarks.policies.offload.base import OffloadPolicy
from benchmarks.policies.offload.choosing import Choice, Situation, fastest, told
from benchmarks.policies.offload.first_iterations import shortest_head

RECONSTRUCTED = (
    "Xu, Zhang: Combining Cloud and Mobile Computing for Machine Learning, arXiv 2402.04880; "
    "algorithm reconstructed from the abstract; the full text was not available"
)


class SlaMinCloud(OffloadPolicy):
    """Takes the split that costs the cloud least among those that keep the service level.

    Algorithm reconstructed from the abstract; the full text was not available.
    """

    kind: Literal["sla_min_cloud"] = "sla_min_cloud"
    has_margin: bool = Field(True, description="Leave room for errors of the prediction.")
    filters_feasible: bool = Field(
        True, description="Keep the service level; without it this is a negative control."
    )
    source: ClassVar[str] = RECONSTRUCTED
    why: ClassVar[str] = (
        "A service level is a promise to be fast enough, not fastest. Each phone then does as much "
        "as it can within the promise, and the cloud helps those that cannot: users of slow and of "
        "fast phones wait equally long, and the server's hours go to whoever needs them. When "
        "nothing keeps the promise, it takes what is fastest. Of an iterative network the cloud "
        "does the fewest first iterations that suffice, the phone the others and the decoder."
    )

    def choose(self, seen: Situation) -> Choice:
        """Return the feasible split with the least cloud, fewer bytes first among equals."""
        within = 1.0 + (seen.margin if self.has_margin else 0.0)
        feasible = [
            split
            for split in self._candidates(seen, seen.sla_s / within)
            if not self.filters_feasible
            or seen.estimates.predict(split).total * within <= seen.sla_s
        ]
        if not feasible:
            split = fastest(seen)
            return Choice(split, f"nothing keeps the level; fastest: {told(seen, split)}")

        def price(split: Split) -> tuple[float, int]:
            return seen.estimates.server_ms(split), split.moved_bytes

        split = min(feasible, key=price)
        cloud_ms = seen.estimates.server_ms(split)
        kept = f"within {seen.sla_s * 1000:.0f} ms (margin {within - 1:.0%}): {told(seen, split)}"
        least = f"least of {len(feasible)}"
        how = f"first {split.iterations} iterations" if split.iterations else least
        return Choice(split, f"{cloud_ms:.1f} ms of cloud, {how} {kept}")

    def _candidates(self, seen: Situation, level_s: float) -> Sequence[Split]:
        """Return what the reconstruction looks at: for an iterative network, its own formula's."""
        pipeline = seen.pipeline
        if not (pipeline.iterative and self.filters_feasible):
            return pipeline.splits
        return shortest_head(pipeline, seen.estimates, level_s), pipeline.cloud
