"""What a comparison of `multi_tenant` runs shows: who got how much of the phone, and what size."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.figures import Figure, Line, Panel, Subject

_Reader = Callable[[Sequence[Any], Mapping[str, float]], float | None]
_Steps = tuple[list[float], list[float | None]]


def tenancy_figures(subjects: Sequence[Subject]) -> Sequence[Figure]:
    """Return the figures of these runs; one run stands for each label."""
    shown = list({each.label: each for each in subjects if each.details.get("tenants")}.values())
    names = list(dict.fromkeys(t["name"] for each in shown for t in each.details["tenants"]))
    if not names:
        return ()
    return (
        _over_time(
            "Who got how much of the phone",
            "A line is a tenant's share of the time; a gap means that it was not there.",
            "1",
            shown,
            names,
            lambda stay, _: float(stay[3]),
        ),
        _over_time(
            "Who ran which size",
            "Published accuracy of the variant that each tenant ran; higher is a larger network.",
            "%",
            shown,
            names,
            lambda stay, accuracies: accuracies.get(stay[2]),
        ),
    )


def _over_time(
    title: str,
    about: str,
    unit: str,
    subjects: Sequence[Subject],
    names: Sequence[str],
    read: _Reader,
) -> Figure:
    panels = []
    for name in names:
        lines = []
        for subject in subjects:
            tenant = next((t for t in subject.details["tenants"] if t["name"] == name), None)
            if tenant is not None:
                xs, ys = _steps(tenant, read)
                lines.append(Line(subject.label, subject.side, tuple(xs), tuple(ys), subject.run))
        panels.append(Panel(name, unit, tuple(lines), starts_at_zero=unit == "1"))
    return Figure(title, about, "device time since the load started [s]", tuple(panels))


def _steps(tenant: Mapping[str, Any], read: _Reader) -> _Steps:
    """Return a line that holds its value through each stay and breaks where the tenant left."""
    xs: list[float] = []
    ys: list[float | None] = []
    accuracies = tenant.get("accuracies_pct", {})
    for stay in tenant["stays"]:
        start_s, end_s = float(stay[0]), float(stay[1])
        if xs and start_s > xs[-1]:
            xs.append(start_s)
            ys.append(None)
        value = read(stay, accuracies)
        xs += [start_s, end_s]
        ys += [value, value]
    return xs, ys
