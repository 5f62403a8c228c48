"""Applications that come and go: who is there in each second."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

Timeline = list[tuple[str, ...]]  # who is there in each second, in the order in which they came


@dataclass(frozen=True, slots=True)
class Churn:
    """One draw per second: create one that is absent, else end one that is there, else nothing."""

    fewest: int
    most: int
    p_create: float
    p_kill: float

    def draw(self, names: Sequence[str], seed: int, seconds: int) -> Timeline:
        """Return one trace; the same seed gives the same."""
        random = Random(seed)
        present = random.sample(list(names), random.randint(self.fewest, self.most))
        timeline: Timeline = []
        for _ in range(seconds):
            timeline.append(tuple(present))
            chance = random.random()
            if chance < self.p_create:
                absent = [name for name in names if name not in present]
                if len(present) < self.most and absent:
                    present = [*present, random.choice(absent)]
            elif chance < self.p_create + self.p_kill and len(present) > self.fewest:
                gone = random.choice(present)
                present = [name for name in present if name != gone]
        return timeline
