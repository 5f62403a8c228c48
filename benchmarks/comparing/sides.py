"""Which runs stand on which side, and which of them may meet."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.comparing.contract import differing, is_asked, thing_of
from benchmarks.comparing.measured import Measured
from benchmarks.naming import unknown

#: What is compared if several things differ and nobody said which.
_USUAL = ("section", "policy", "workload", "device")
_LABEL = "label:"


@dataclass(frozen=True, slots=True)
class Stratum:
    """What is held still within one comparison: the device and the row of the agenda."""

    device: str  # empty where devices are what is compared
    workload: str  # empty where workloads are

    @property
    def label(self) -> str:
        """What a report calls it."""
        return " · ".join(part for part in (self.device, self.workload) if part)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Sides of a comparison; the first is the reference."""

    by: str  # what is compared
    sides: tuple[str, ...]
    side_of: Mapping[int, int]  # run -> number of its side
    stratum_of: Mapping[int, Stratum]

    def label_of(self, run: int) -> str:
        """Return a run's side, and its device where there are several."""
        side = self.sides[self.side_of[run]]
        device = self.stratum_of[run].device
        several = len({stratum.device for stratum in self.stratum_of.values()}) > 1
        return f"{side} · {device}" if several and device else side

    def allows(self, key: str) -> bool:
        """Whether a key of the contract may differ between the sides."""
        thing = thing_of(key)
        if self.by == "section" or self.by.startswith(_LABEL):
            return is_asked(thing)
        return thing == self.by


def arrange(runs: Sequence[Measured], by: str = "", reference: str = "") -> Arrangement:
    """Return the sides of these runs, in the order in which they come.

    by: `section`, `policy`, `workload`, `device`, `params.NAME`, `label:NAME` …; without it what
        differs, the usual things first.
    reference: the name of the side that all others are measured against; usually the first.

    Raises:
        UnknownName: for something that these runs do not have.
    """
    by = by or _what_differs(runs)
    _check_by(by, runs)
    names = {run.run: _side_name(run, by, runs) for run in runs}
    sides = list(dict.fromkeys(names.values()))
    if reference and reference not in sides:
        raise unknown("side", reference, sides)
    if reference:
        sides.remove(reference)
        sides.insert(0, reference)
    return Arrangement(
        by=by,
        sides=tuple(sides),
        side_of={run: sides.index(name) for run, name in names.items()},
        stratum_of={run.run: _stratum(run, by) for run in runs},
    )


def _check_by(by: str, runs: Sequence[Measured]) -> None:
    """Refuse to compare by what no run has; a label that only some have is a side of its own."""
    known = {*_USUAL, *(thing_of(key) for run in runs for key in run.contract)}
    labels = {f"{_LABEL}{name}" for run in runs for name in run.labels}
    if runs and by not in known | labels:
        raise unknown("thing to compare by", by, known | labels)


def _what_differs(runs: Sequence[Measured]) -> str:
    if len({run.section for run in runs}) > 1 and all(run.section for run in runs):
        return "section"
    things = [thing_of(key) for key in differing(run.contract for run in runs)]
    return next((thing for thing in _USUAL if thing in things), things[0] if things else "section")


def _stratum(run: Measured, by: str) -> Stratum:
    if by == "device":  # the sections of an experiment are held apart
        both = (run.workload, run.section)
        return Stratum("", " · ".join(part for part in both if part))
    return Stratum(run.device, "" if by in ("workload", "benchmark") else run.workload)


def _side_name(run: Measured, by: str, runs: Sequence[Measured]) -> str:
    if by == "section":
        return run.section or "all"
    if by == "device":
        return run.device
    if by.startswith(_LABEL):
        return run.labels.get(by.removeprefix(_LABEL), "without")
    if by == "policy":
        return _policy_name(run, runs)
    if by == "workload":
        return run.contract.get("params.workload", run.workload)
    keys = [key for key in run.contract if thing_of(key) == by]
    return ", ".join(run.contract[key] for key in keys) or "–"


def _policy_name(run: Measured, runs: Sequence[Measured]) -> str:
    """Return the kind of a policy, and what sets it apart from others of its kind."""
    mine = json.loads(run.contract["policy"])
    others = [json.loads(other.contract["policy"]) for other in runs]
    alike = [other for other in others if other.get("kind") == mine.get("kind")]
    apart = [
        f"{name} {value}"
        for name, value in mine.items()
        if any(other.get(name) != value for other in alike)
    ]
    return ", ".join([str(mine.get("kind", "stock")), *apart])
