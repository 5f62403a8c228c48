"""What a policy gained over the status quo: accuracy against frames, and where its knee is."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.figures import Figure, Line, Panel, Subject

USUAL = "status_quo"


@dataclass(frozen=True, slots=True)
class Gain:
    """One policy with one weight, against the status quo on the same device."""

    kind: str
    alpha: float | None
    speedup: float  # mean over tenants of frames over those of the status quo [1]
    points: float  # of accuracy [percentage points]


def gains(subjects: Sequence[Subject]) -> Sequence[Figure]:
    """Draw accuracy gained against frames gained; the status quo is the point (1, 0)."""
    found = [gain for device in _devices(subjects) for gain in _on(subjects, device)]
    if not found:
        return ()
    lines = [Line(USUAL, 3, (1.0,), (0.0,))]
    for side, kind in enumerate(dict.fromkeys(gain.kind for gain in found)):
        mine = sorted((g for g in found if g.kind == kind), key=lambda g: g.speedup)
        x, y = tuple(gain.speedup for gain in mine), tuple(gain.points for gain in mine)
        lines.append(Line(kind, side, x, y))
        if (knee := knee_of(mine)) is not None:
            name = f"{kind}: knee" + (f" at α {knee.alpha:g}" if knee.alpha is not None else "")
            lines.append(Line(name, side, (knee.speedup,), (knee.points,)))
    about = (
        "Accuracy over that of the status quo, against frames over its frames, both as means over "
        "tenants on one churn; up and to the right is better. A line joins the weights α of one "
        "policy; its knee is the point farthest from the chord."
    )
    panel = Panel("Accuracy gained", "points", tuple(lines), starts_at_zero=True)
    return (Figure("What sharing gains", about, "frames over the status quo's [1]", (panel,)),)


def knee_of(points: Sequence[Gain]) -> Gain | None:
    """Return the point farthest from the chord of the curve, both axes scaled to 0 … 1.

    As the reproduction of NestDNN has it: within no loss of accuracy and of frames.
    """
    inside = sorted((g for g in points if g.points >= 0 and g.speedup >= 1), key=_speedup)
    if len(inside) < 3:
        return None
    first, last = inside[0], inside[-1]
    width, height = last.speedup - first.speedup, first.points - last.points
    if width <= 0 or height <= 0:
        return None
    return max(
        inside,
        key=lambda g: (g.speedup - first.speedup) / width + (g.points - last.points) / height,
    )


def _speedup(gain: Gain) -> float:
    return gain.speedup


def _devices(subjects: Sequence[Subject]) -> list[str]:
    return list(dict.fromkeys(subject.device for subject in subjects))


def _on(subjects: Sequence[Subject], device: str) -> list[Gain]:
    here = [subject for subject in subjects if subject.device == device]
    usual = [subject for subject in here if subject.policy.get("kind") == USUAL]
    found = []
    for label in dict.fromkeys(s.label for s in here if s not in usual):
        mine = [subject for subject in here if subject.label == label]
        pair = compared(mine, usual)
        if pair is not None:
            alpha = mine[0].policy.get("alpha")
            kind = str(mine[0].policy.get("kind"))
            found.append(Gain(kind, None if alpha is None else float(alpha), *pair))
    return found


def compared(mine: Sequence[Subject], usual: Sequence[Subject]) -> tuple[float, float] | None:
    """Return speed-up [1] and points of accuracy, as means over the tenants that both had."""
    ours, theirs = _means(mine), _means(usual)
    names = [name for name in ours if theirs.get(name, (0.0, 0.0))[0] > 0]
    if not names:
        return None
    speedup = sum(ours[name][0] / theirs[name][0] for name in names) / len(names)
    points = sum(ours[name][1] - theirs[name][1] for name in names) / len(names)
    return speedup, points


def _means(subjects: Sequence[Subject]) -> dict[str, tuple[float, float]]:
    """Return each tenant's frames per second and accuracy [%], as means over runs."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for subject in subjects:
        for tenant in subject.details["tenants"]:
            if tenant["accuracy_pct"] is not None:
                pair = (float(tenant["fps"]), float(tenant["accuracy_pct"]))
                rows.setdefault(tenant["name"], []).append(pair)
    return {
        name: (sum(f for f, _ in mine) / len(mine), sum(a for _, a in mine) / len(mine))
        for name, mine in rows.items()
    }
