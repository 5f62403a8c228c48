"""O8: any split, by chance."""

from typing import ClassVar, Literal

from benchmarks.policies.offload.base import OffloadPolicy
from benchmarks.policies.offload.choosing import Choice, Situation, told


class RandomSplit(OffloadPolicy):
    """Takes any split by chance, the same ones for the same seed."""

    measures_first: ClassVar[bool] = False
    kind: Literal["random_split"] = "random_split"
    why: ClassVar[str] = (
        "Whether choosing matters at all: a policy that does not beat chance has learned nothing. "
        "It also visits every split, which is how the predictions of the others are checked."
    )

    def choose(self, seen: Situation) -> Choice:
        """Draw one."""
        assert seen.random is not None
        split = seen.random.choice(seen.pipeline.splits)
        return Choice(split, f"drawn: {told(seen, split)}")
