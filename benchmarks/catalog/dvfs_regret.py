"""How far a run lies above what was possible: the oracle's bound beside every run, after it.

It costs no run. It knows no pair of clocks that the run's own rehearsal left out; policy `oracle`
rehearses them all.
"""

from dataclasses import dataclass

from benchmarks.analysis.metrics import Metric
from benchmarks.policies.base import SegmentRow
from benchmarks.policies.dvfs.hindsight import Hindsight, hindsight
from benchmarks.policies.dvfs.oracle import MEASURED
from benchmarks.policies.dvfs.stage import Stage
from benchmarks.policies.dvfs.told import Gathering, Told
from benchmarks.trace import Trace

BELIEVED = 0.1  # a rehearsal whose word for the clocks that ran is off by more says nothing [1]
_COLUMNS = ("slot", "number", "duration", "core_clock", "memory_clock")


@dataclass(frozen=True, slots=True)
class Regret:
    """The bound of one run, as metrics and as what a page draws."""

    metrics: tuple[Metric, ...]
    details: dict[str, float]


def regret(trace: Trace, stage: Stage | None, energy: Metric) -> Regret:
    """Return by how much the run's energy per inference exceeds the oracle's."""
    if stage is None:
        none = Metric("regret", None, "1", "lower", "none", "no rehearsal, so nothing is known")
        return Regret((none,), {})
    told, is_foreign = _told(trace, stage)
    found = hindsight(stage, _ends(trace), told)
    least_mj = None if found.possible is None else found.possible.least_j * 1000
    bound = Metric("oracle_mj", least_mj, "mJ", None, stage.source, _basis(stage, found))
    why_not = "it ran at clocks that its rehearsal does not know" if is_foreign else ""
    why_not = why_not or _doubt(stage, energy, found)
    value = None
    if not why_not and energy.value is not None and least_mj is not None:
        value = energy.value / least_mj - 1.0
    note = why_not or "energy over the oracle's; below 0: late, or within the rehearsal's noise"
    metrics = (bound, Metric("regret", value, "1", "lower", stage.source, note))
    return Regret(metrics, _details(found))


def _details(found: Hindsight) -> dict[str, float]:
    """Return what is known as JSON, in mJ and ms."""
    known = {"slowdown": found.slowdown}
    if found.own_j is not None:
        known["own_mj"] = found.own_j * 1000
    if found.possible is not None:
        known["energy_mj"] = found.possible.least_j * 1000
        known["floor_mj"] = found.possible.floor_j * 1000
        known["busy_ms"] = found.possible.busy_s * 1000
    return {name: round(value, 4) for name, value in known.items()}


def _ends(trace: Trace) -> list[str]:
    """Return the blob that each planned segment ends with."""
    plans = trace.events_of("planned")
    return [part[0] for part in plans[-1].data.get("segments", ())] if plans else []


def _told(trace: Trace, stage: Stage) -> tuple[list[Told], bool]:
    """Return the inferences that were told, and whether they ran at clocks of no rehearsal."""
    signals = [trace.get(f"segment.{name}") for name in _COLUMNS]
    columns = [s.between(0.0, trace.duration_s).values for s in signals if s is not None]
    if len(columns) < len(_COLUMNS):
        return [], False
    gathering, found, has_clocks = Gathering(stage, len(_ends(trace))), [], False
    for slot, number, seconds, core, memory in zip(*columns, strict=True):
        row = SegmentRow(int(slot), int(number), float(seconds), int(core), int(memory))
        has_clocks = has_clocks or row.core >= 0
        if (told := gathering.add(row)) is not None:
            found.append(told)
    return found, has_clocks and not found


def _basis(stage: Stage, found: Hindsight) -> str:
    """Return what the bound stands on."""
    if found.possible is None:
        return "no clocks were in time at what operators took"
    points = stage.table.points
    of = f"{points} pairs and a schedule" if stage.mode == "root" else f"{points} choices of cores"
    pace = (
        f"at what {found.inferences} told inferences took" if found.inferences else "as rehearsed"
    )
    floor = f"none can be below {found.possible.floor_j * 1000:.4g} mJ"
    return f"cheapest of {of}, {pace}; {floor}; {MEASURED}"


def _doubt(stage: Stage, energy: Metric, found: Hindsight) -> str:
    """Return why the run cannot be held against the bound; "" if it can."""
    if energy.value is None:
        return energy.note
    if found.possible is None:
        return "no bound"
    if energy.source != stage.source:
        return f"the run's energy is told by {energy.source}, the rehearsal's by {stage.source}"
    own_mj = None if found.own_j is None else found.own_j * 1000
    if own_mj is not None and abs(energy.value / own_mj - 1.0) > BELIEVED:
        return (
            f"the rehearsal does not describe this load: it says {own_mj:.4g} mJ for the clocks "
            f"that ran, and {energy.value:.4g} mJ were measured"
        )
    return ""
