"""O2: everything in the cloud."""

from typing import ClassVar, Literal

from benchmarks.policies.offload.base import OffloadPolicy
from benchmarks.policies.offload.choosing import Choice, Situation, told


class CloudOnly(OffloadPolicy):
    """Sends the input and lets the server do everything."""

    measures_first: ClassVar[bool] = False
    kind: Literal["cloud_only"] = "cloud_only"
    why: ClassVar[str] = (
        "What most services do. Every request costs the cloud its full price, and a phone that "
        "could have done half of the work sits idle: the saving of the other policies is counted "
        "against this one."
    )

    def choose(self, seen: Situation) -> Choice:
        """Return the split that leaves the phone least to do."""
        return Choice(seen.pipeline.cloud, told(seen, seen.pipeline.cloud))
