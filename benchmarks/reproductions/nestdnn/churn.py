"""The churn of NestDNN's benchmark.

The paper gives neither its probabilities nor its rule; these were chosen so that the shares of
time with two to six applications are the ones it prints.
"""

from collections.abc import Sequence

from benchmarks.policies.tenancy.churn import Churn, Timeline

SECONDS = 60
CHURN = Churn(fewest=2, most=6, p_create=0.40, p_kill=0.28)


def draw(names: Sequence[str], seed: int) -> Timeline:
    """Return one trace of a minute."""
    return CHURN.draw(names, seed, SECONDS)


def concurrency(timelines: Sequence[Timeline]) -> dict[int, float]:
    """Return the share of time with so many applications at once."""
    counts = [len(present) for timeline in timelines for present in timeline]
    return {n: counts.count(n) / len(counts) for n in range(CHURN.fewest, CHURN.most + 1)}
