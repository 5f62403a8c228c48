"""O7: what was best, known afterwards; a bound for reports and no policy of a phone."""

from dataclasses import dataclass

from benchmarks.policies.offload.choosing import Choice, Chooser, Situation, fastest, told


@dataclass(frozen=True, slots=True)
class Oracle(Chooser):
    """Chooses as another chooser would with the true rates, which only a trace has."""

    like: Chooser | None = None  # None: the fastest

    def choose(self, seen: Situation) -> Choice:
        """Return the best split; `seen` must hold the true rates."""
        if self.like is not None:
            return self.like.choose(seen)
        split = fastest(seen)
        return Choice(split, f"true rates: {told(seen, split)}")
