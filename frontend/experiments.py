"""What the page of an experiment says: how far it is, and each run in its seat."""

from dataclasses import dataclass

from fleet.experiments import Progress, progress_of
from fleet.models import Experiment, Run


@dataclass(frozen=True, slots=True)
class Seat:
    """One run in the matrix."""

    run: Run

    @property
    def word(self) -> str:
        """Its state, or its verdict once there is one."""
        return self.run.verdict or self.run.state


@dataclass(frozen=True, slots=True)
class Row:
    """One device and one row of the agenda, with its repeats in the order they run."""

    device: str
    kind: str
    speed: float | None
    workload: str
    repeats: tuple[tuple[int, tuple[Seat, ...]], ...]


class ExperimentPage:
    """An experiment as its page shows it."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.progress: Progress = progress_of(experiment)
        rows = experiment.runs.select_related("device", "wanted").order_by("pk")
        self.runs = list(rows)

    @property
    def is_live(self) -> bool:
        """Whether anything may still come."""
        return self.progress.done < self.progress.total

    @property
    def word(self) -> str:
        """The state as people read it."""
        asked = self.experiment.cancel_requested_at is not None and self.is_live
        return "cancelling" if asked else self.progress.state

    @property
    def percent(self) -> int:
        """How many of its runs have ended [%]."""
        return int(100 * self.progress.done / max(1, self.progress.total))

    @property
    def picture(self) -> str:
        """What the rest of the page depends on; when it changes, the page is loaded anew."""
        return str(int(self.is_live))

    @property
    def has_numbers(self) -> bool:
        """Whether there is anything to compare yet."""
        return any(run.analysis is not None for run in self.runs)

    @property
    def rows(self) -> list[Row]:
        """The matrix: devices and workloads down, repeats across."""
        groups: dict[tuple[int | None, str], list[Run]] = {}
        for run in self.runs:
            groups.setdefault((run.wanted_id, run.workload), []).append(run)
        return [_row(runs) for runs in groups.values()]


def _row(runs: list[Run]) -> Row:
    first = runs[0]
    repeats: dict[int, list[Seat]] = {}
    for run in runs:
        repeats.setdefault(run.repeat or 0, []).append(Seat(run))
    profile = (first.wanted.profile_json if first.wanted else None) or {}
    return Row(
        device=str(first.wanted),
        kind=first.wanted.kind if first.wanted else "",
        speed=profile.get("speed"),
        workload=first.workload,
        repeats=tuple((repeat, tuple(seats)) for repeat, seats in sorted(repeats.items())),
    )
