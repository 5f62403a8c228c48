"""Where in an agenda a field of a run's spec was written: what a refusal points at."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.agenda import Agenda, Part


def place_of(agenda: "Agenda", cell: tuple[str, str], field: str) -> list[str | int]:
    """Return where in the agenda the field of a cell's spec was written."""
    head, _, rest = field.partition(".")
    key = {"benchmark": "params"}.get(head, head)
    names = [key, *(rest.split(".") if rest else ())]
    if field in ("benchmark", "benchmark.kind"):
        names = ["benchmark"]
    numbers = [[part.id for part in agenda.sections].index(cell[0])]
    numbers.append([part.id for part in agenda.workloads].index(cell[1]))
    for kind, number, parts in (
        ("sections", numbers[0], agenda.sections),
        ("workloads", numbers[1], agenda.workloads),
    ):
        if _says(parts[number], names):
            return [kind, number, *_spelled(parts[number], names)]
    if key == "preconditions":
        return ["config", *names]
    return ["workloads", numbers[1], *names]


def _says(part: "Part", names: list[str]) -> bool:
    if names[0] == "params" and len(names) > 1:
        return names[1] in part.all_params
    if names[0] == "preconditions" and len(names) > 1:
        return names[1] in part.all_preconditions
    return bool(getattr(part, names[0], None))


def _spelled(part: "Part", names: list[str]) -> list[str]:
    if names[:2] == ["params", "workload"] and "workload" not in part.params:
        return ["workload"]
    if names[:2] == ["preconditions", "knobs"] and "knobs" not in part.preconditions:
        return names[1:]
    return names
