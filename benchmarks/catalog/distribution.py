"""How the values of single runs are spread, one shape per run."""

from collections.abc import Callable, Sequence

from benchmarks.figures import Spread, Subject, Violins


def distribution(
    subjects: Sequence[Subject],
    quantiles_of: Callable[[Subject], Sequence[float] | None],
    title: str,
    about: str,
    unit: str,
) -> Sequence[Violins]:
    """Return one figure of the runs that told their quantiles; none if no run did."""
    found = tuple(
        Spread(subject.label, subject.side, tuple(quantiles), subject.run)
        for subject in subjects
        if (quantiles := quantiles_of(subject))
    )
    return (Violins(title, about, unit, found),) if found else ()
