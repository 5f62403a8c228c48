"""O4: the split that is predicted to be fastest, or to cost the phone least energy."""

from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.offloading.estimates import Estimates
from benchmarks.offloading.pipeline import Split
from benchmarks.policies.offload.base import OffloadPolicy
from benchmarks.policies.offload.choosing import Choice, Situation, fastest, told


class Neurosurgeon(OffloadPolicy):
    """Takes the split with the least predicted latency, or the least energy of the phone."""

    kind: Literal["neurosurgeon"] = "neurosurgeon"
    goal: Literal["latency", "energy"] = Field("latency", description="What is made small.")
    compute_w: float = Field(3.0, gt=0, le=20, description="The phone while it computes. [W]")
    radio_w: float = Field(1.5, gt=0, le=20, description="The phone while it sends. [W]")
    waiting_w: float = Field(0.8, gt=0, le=20, description="The phone while it waits. [W]")
    source: ClassVar[str] = (
        "after Kang et al., Neurosurgeon, ASPLOS 2017: the rule of its abstract; there each "
        "layer has a regression, here work is counted in MACs and rates are measured"
    )
    why: ClassVar[str] = (
        "Latency alone decides, so the cloud is asked whenever that saves a millisecond. On the "
        "network that it was made for that is right; where the cloud has a price it is the greedy "
        "neighbor of a policy that only has to be fast enough."
    )

    def choose(self, seen: Situation) -> Choice:
        """Return the cheapest split under the goal."""
        if self.goal == "latency":
            split = fastest(seen)
            return Choice(split, f"fastest: {told(seen, split)}")
        joules = {s: self._joules(seen.estimates, s) for s in seen.pipeline.splits}
        split = min(joules, key=lambda s: joules[s])
        return Choice(split, f"least energy, {joules[split] * 1000:.0f} mJ: {told(seen, split)}")

    def _joules(self, estimates: Estimates, split: Split) -> float:
        parts = estimates.predict(split)
        sending, waiting = parts.transmit + parts.receive, parts.queue + parts.server
        return parts.device * self.compute_w + sending * self.radio_w + waiting * self.waiting_w
