"""O1: everything on the phone."""

from typing import ClassVar, Literal

from benchmarks.policies.offload.base import OffloadPolicy
from benchmarks.policies.offload.choosing import Choice, Situation, told


class LocalOnly(OffloadPolicy):
    """Runs everything on the phone: no cloud, no network, whatever the phone's speed."""

    kind: Literal["local_only"] = "local_only"
    why: ClassVar[str] = (
        "What offloading has to beat, and what is left when the network is gone. Its latency is as "
        "different from phone to phone as the phones are, which is what a shared service level "
        "cannot live with."
    )

    def choose(self, seen: Situation) -> Choice:
        """Return the local split."""
        return Choice(seen.pipeline.local, told(seen, seen.pipeline.local))
