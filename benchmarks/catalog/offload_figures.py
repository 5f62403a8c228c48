"""What offload runs show: where the time went, what the cloud did, which split is best where."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.catalog.choosing import middle_ones
from benchmarks.catalog.distribution import distribution
from benchmarks.catalog.offload_spread import spread_over_devices
from benchmarks.figures import (
    Bar,
    Bars,
    Cell,
    Drawing,
    Figure,
    HeatMap,
    Line,
    Panel,
    Subject,
    Violins,
)

_PANELS = (("Answer", "answer_by_minute_ms"), ("Server", "server_by_minute_ms"))
_PARTS = ("waiting", "phone", "network", "queue", "server")
_WAYS = ("sent", "received")


def offload_figures(subjects: Sequence[Subject]) -> Sequence[Drawing]:
    """Return the figures of these runs; one run stands for each side and device."""
    chosen = middle_ones(subjects, "answer_p50_ms")
    return (
        *_minutes(chosen),
        *_parts(chosen),
        *_crossing(chosen),
        *_spreads(chosen),
        *_predictions(chosen),
        *_choices(chosen),
        *_best(chosen),
        *_saved(subjects),
        *spread_over_devices(subjects),
    )


def _minutes(subjects: Sequence[Subject]) -> Sequence[Figure]:
    panels = []
    for title, key in _PANELS:
        lines = [line for subject in subjects if (line := _line(subject, key)).x]
        if lines:
            panels.append(Panel(title, "ms", tuple(lines)))
    if not panels:
        return ()
    about = (
        "Median time from a request to its answer, and what the server computed per request. A "
        "policy that frees the server without keeping anybody waiting lowers the second alone."
    )
    return (Figure("Answers and the cloud", about, "minutes under load", tuple(panels)),)


def _line(subject: Subject, key: str) -> Line:
    minutes = subject.details.get(key) or []
    x = tuple(minute + 0.5 for minute in range(len(minutes)))
    return Line(subject.label, subject.side, x, tuple(minutes), subject.run)


def _parts(subjects: Sequence[Subject]) -> Sequence[Bars]:
    bars = tuple(
        Bar(
            f"{subject.label}, {_words(split)}",
            subject.side,
            tuple(float(split.get(f"{part}_ms", 0.0)) for part in _PARTS),
            words=f"{split['requests']} requests",
        )
        for subject in subjects
        for split in subject.details.get("splits") or ()
    )
    about = "Mean of the requests that ran under each split; those that a fallback ended left out."
    return (Bars("Where the time of an answer goes", about, "ms", _PARTS, bars),) if bars else ()


def _words(split: Mapping[str, Any]) -> str:
    """Return what a split does; a run that was judged before it had words tells its name."""
    return str(split.get("words") or split["cut"])


def _crossing(subjects: Sequence[Subject]) -> Sequence[Bars]:
    """Draw what each split sends and gets back, where anything crosses."""
    bars = tuple(
        Bar(
            f"{subject.label}, {_words(split)}",
            subject.side,
            tuple(float(split[f"{way}_kb"]) for way in _WAYS),
            words=f"{split['requests']} requests",
        )
        for subject in subjects
        for split in subject.details.get("splits") or ()
        if split.get("sent_kb")
    )
    about = (
        "Mean bytes per request. The phone comes first in most networks: the blob goes up, and an "
        "answer comes back. An iterative one begins on the server: noise goes up, a latent comes "
        "back, and all on the server costs a whole picture."
    )
    return (Bars("What crosses", about, "kB", _WAYS, bars),) if bars else ()


def _spreads(subjects: Sequence[Subject]) -> Sequence[Violins]:
    return distribution(
        subjects,
        lambda subject: subject.details.get("answer_quantiles_ms"),
        "Distribution of the answers",
        "All answers of one run, from the due time: who is served alike on every device?",
        "ms",
    )


def _predictions(subjects: Sequence[Subject]) -> Sequence[Figure]:
    lines = [
        Line(subject.label, subject.side, *_columns(pairs), subject.run, is_cloud=True)
        for subject in subjects
        if (pairs := subject.details.get("predictions_ms"))
    ]
    if not lines:
        return ()
    ends = [value for line in lines for value in line.x]
    even = (min(ends), max(ends))
    lines.append(Line("as predicted", 4, even, even))
    about = "Each dot is a request: what the policy expected, and what it was."
    panel = Panel("Actual", "ms", tuple(lines))
    return (Figure("Predicted and actual", about, "predicted [ms]", (panel,)),)


def _columns(pairs: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


def _choices(subjects: Sequence[Subject]) -> Sequence[Figure]:
    """Draw which part the phone kept over time, above the rate that its transfers had."""
    rates, kept = [], []
    for subject in subjects:
        seen = subject.details.get("rates_mbit_s") or []
        if seen:
            rates.append(Line(subject.label, subject.side, *_columns(seen), subject.run))
        steps = subject.details.get("kept") or []
        if steps:
            kept.append(Line(subject.label, subject.side, *_columns(steps), subject.run))
    if not rates:
        return ()
    about = (
        "The rate that transfers had, and the share of the network's work that the phone kept: "
        "100 % sends nothing, at 0 % the server does everything."
    )
    panels = (Panel("Rate", "Mbit/s", tuple(rates)), Panel("Kept", "%", tuple(kept)))
    return (Figure("Bandwidth and choice", about, "s under load", panels),)


def _best(subjects: Sequence[Subject]) -> Sequence[HeatMap]:
    found: dict[str, Any] | None = next(
        (told for s in subjects if (told := s.details.get("best_split"))), None
    )
    if found is None:
        return ()
    cells = tuple(
        Cell(x, y, float(kept), words, f"{ms:.3g} ms")
        for y, row in enumerate(found["rows"])
        for x, (words, kept, ms) in enumerate(row)
    )
    about = (
        f"The fastest split if the phone needed so long for the whole network and the network were "
        f"so fast: computed from the sizes of the blobs, {found['server_ms']:.3g} ms of the server "
        f"and a round trip of {found['rtt_ms']:.3g} ms; nothing queued. Darker: more on the phone."
    )
    return (
        HeatMap(
            "Best split",
            about,
            "network [Mbit/s]",
            "phone alone [ms]",
            tuple(f"{rate:g}" for rate in found["mbit_s"]),
            tuple(f"{ms:.3g}" for ms in found["phone_ms"]),
            cells,
        ),
    )


def _saved(subjects: Sequence[Subject]) -> Sequence[Figure]:
    """Draw what the cloud was spared over the service level, where several were asked for."""
    names = dict.fromkeys((str(s.policy.get("kind")), s.device) for s in subjects)
    several = len({device for _, device in names}) > 1
    saved: list[Line] = []
    kept: list[Line] = []
    for at, (kind, device) in enumerate(names):
        mine = [s for s in subjects if (s.policy.get("kind"), s.device) == (kind, device)]
        label = f"{kind} · {device}" if several else kind
        for metric, lines in (("cloud_saved", saved), ("sla_hit", kept)):
            found = sorted(
                (float(s.params.get("sla_ms", "nan")), 100 * value)
                for s in mine
                if (value := s.metrics.get(metric)) is not None
            )
            lines.append(Line(label, at, *_columns(found)))
    if len({x for line in saved for x in line.x}) < 2:
        return ()
    about = "The more time an answer may take, the less the server has to do."
    panels = (Panel("Cloud spared", "%", tuple(saved)), Panel("In time", "%", tuple(kept)))
    return (Figure("What a service level costs", about, "service level [ms]", panels),)
