"""What clocks saved against three baselines, and how far each run lies above the oracle's bound."""

from collections.abc import Sequence

from benchmarks.analysis.deadlines import DVFS
from benchmarks.figures import Bar, Bars, Drawing, Figure, Line, Panel, Subject
from benchmarks.policies.dvfs.oracle import MEASURED

_BASELINES = (
    ("stock", "the phone's own governors"),
    ("race_to_idle", "racing"),
    ("static_pair", "the best single pair"),
)
_SAME = ("workload", "slack", "period_ms", "processor", "jitter")  # for runs to be compared


def savings(subjects: Sequence[Subject]) -> Sequence[Drawing]:
    """Draw each policy's saving against those baselines that were measured in the same place."""
    drawn: list[Drawing] = []
    for kind, name in _BASELINES:
        found = _against(subjects, kind)
        if not found:
            continue
        slacks = {subject.params.get("slack", "") for subject, _ in found}
        about = (
            f"Energy of a whole interval, waiting included, against {name} on the same device at "
            "the same interval; mean over repeats."
        )
        if len(slacks) > 1:
            drawn.append(_by_slack(found, f"Saved against {name}, by slack", about))
        else:
            bars = tuple(
                Bar(one.label, one.side, (saved,), words=_words(one, saved)) for one, saved in found
            )
            drawn.append(Bars(f"Saved against {name}", about, "%", ("saved",), bars))
    return drawn


def over_the_oracle(subjects: Sequence[Subject]) -> Sequence[Drawing]:
    """Draw by how much each policy exceeds the least that any rehearsal in its place allows."""
    bars = []
    for place in dict.fromkeys(map(_place, subjects)):
        here = [subject for subject in subjects if _place(subject) == place]
        least_mj = bound_mj(here)
        for label in dict.fromkeys(subject.label for subject in here):
            mine = [s for s in here if s.label == label and s.metrics.get("regret") is not None]
            took = _energy(mine)
            if least_mj and took:
                over = 100 * (took / least_mj - 1)
                bars.append(Bar(label, mine[0].side, (over,), words=_words(mine[0], over)))
    if not bars:
        return ()
    about = (
        "Measured energy of a whole interval over that of the cheapest plan in time, on the same "
        "device at the same interval: the least that any of these rehearsals allows, at what "
        f"operators really took; mean over repeats. The bound is {MEASURED}."
    )
    return (Bars("Energy over the oracle's", about, "%", ("over",), tuple(bars)),)


def bound_mj(subjects: Sequence[Subject]) -> float | None:
    """Return the least of the oracle's bounds of some runs [mJ]."""
    bounds = [(s.details.get(DVFS) or {}).get("oracle") or {} for s in subjects]
    return min((b["energy_mj"] for b in bounds if b.get("energy_mj")), default=None)


def _against(subjects: Sequence[Subject], kind: str) -> list[tuple[Subject, float]]:
    """Return each other policy with its saving [%], place by place."""
    found = []
    for place in dict.fromkeys(map(_place, subjects)):
        here = [subject for subject in subjects if _place(subject) == place]
        usual = _energy([one for one in here if one.policy.get("kind") == kind])
        for label in dict.fromkeys(s.label for s in here if s.policy.get("kind") != kind):
            mine = [subject for subject in here if subject.label == label]
            took = _energy(mine)
            if usual and took:
                found.append((mine[0], 100 * (1 - took / usual)))
    return found


def _by_slack(found: Sequence[tuple[Subject, float]], title: str, about: str) -> Figure:
    lines = []
    names = dict.fromkeys((str(s.policy.get("kind")), s.device) for s, _ in found)
    several = len({device for _, device in names}) > 1
    for at, (kind, device) in enumerate(names):
        mine = sorted(
            (float(s.params["slack"]), saved)
            for s, saved in found
            if (s.policy.get("kind"), s.device) == (kind, device)
        )
        label = f"{kind} · {device}" if several else kind
        lines.append(Line(label, at, tuple(x for x, _ in mine), tuple(y for _, y in mine)))
    return Figure(
        title, about, "slack: interval over race time [1]", (Panel("Saved", "%", tuple(lines)),)
    )


def _words(subject: Subject, saved: float) -> str:
    hit = subject.metrics.get("deadline_hit")
    return f"{saved:+.1f} %" + ("" if hit is None else f", {hit:.1%} in time")


def _place(subject: Subject) -> tuple[str, ...]:
    return (subject.device, *(subject.params.get(name, "") for name in _SAME))


def _energy(subjects: Sequence[Subject]) -> float | None:
    known = [value for s in subjects if (value := s.metrics.get("energy_mj")) is not None]
    return sum(known) / len(known) if known else None
