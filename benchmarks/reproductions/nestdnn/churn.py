"""Applications that come and go, one draw per second, as in NestDNN's benchmark.

The paper gives neither its probabilities nor its rule; these were chosen so that the shares of
time with two to six applications are the ones it prints.
"""

from collections.abc import Sequence
from random import Random

SECONDS = 60
FEWEST, MOST = 2, 6
P_CREATE, P_KILL = 0.40, 0.28

Timeline = list[tuple[str, ...]]  # who is there in each second, in the order in which they came


def draw(names: Sequence[str], seed: int, seconds: int = SECONDS) -> Timeline:
    """Return one trace."""
    random = Random(seed)
    present = random.sample(list(names), random.randint(FEWEST, MOST))
    timeline: Timeline = []
    for _ in range(seconds):
        timeline.append(tuple(present))
        chance = random.random()
        if chance < P_CREATE:
            absent = [name for name in names if name not in present]
            if len(present) < MOST and absent:
                present = [*present, random.choice(absent)]
        elif chance < P_CREATE + P_KILL and len(present) > FEWEST:
            gone = random.choice(present)
            present = [name for name in present if name != gone]
    return timeline


def concurrency(timelines: Sequence[Timeline]) -> dict[int, float]:
    """Return the share of time with so many applications at once."""
    counts = [len(present) for timeline in timelines for present in timeline]
    return {n: counts.count(n) / len(counts) for n in range(FEWEST, MOST + 1)}
