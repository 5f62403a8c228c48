"""NestDNN's figure from a phone behind adb, whose networks have its applications' work and sizes.

Every run meets the same churn, and runs of the status quo stand between those of a policy. The
ranges are those for a virtual or real device.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import isnan

from benchmarks.analysis.validity import Word
from benchmarks.policies.tenancy.min_max import MinMax
from benchmarks.policies.tenancy.min_total import MinTotal
from benchmarks.policies.tenancy.status_quo import StatusQuo
from benchmarks.reproductions.nestdnn.churn import CHURN
from benchmarks.reproductions.nestdnn.curve import Curve
from benchmarks.reproductions.nestdnn.figures import trade
from benchmarks.reproductions.nestdnn.phone_runs import (
    Greedy,
    Measure,
    Question,
    capacity_gflop_per_s,
    expected,
    score_of,
    value_of,
)
from benchmarks.reproductions.nestdnn.profile import GFLOP_PER_S
from benchmarks.reproductions.options import Options, Say
from benchmarks.reproductions.table import Figure, Row, Table
from benchmarks.solo import Outcome, run_once
from benchmarks.specs import RunSpec
from devices.phone import connect

_EVERY = 3  # so many runs of a policy stand between two of the status quo
_FRAMES = (1.5, 2.5)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme of the paper, and what the paper's text says of it."""

    name: str
    policy: type[Greedy]
    frames: float
    gain: float
    knee: float
    energy: float


TOTAL = Scheme("MinTotalCost", MinTotal, 2.0, 4.1, 1.5, 1.7)
LARGEST = Scheme("MinMaxCost", MinMax, 1.9, 4.2, 1.5, 1.5)


def on_phone(serial: str, options: Options, say: Say) -> tuple[Sequence[Table], Sequence[Figure]]:
    """Return what a phone gives, and what must not come out; the full form has both schemes."""
    phone = connect(serial)

    def measure(spec: RunSpec) -> Outcome:
        policy = spec.policy.model_dump()
        say(f"nestdnn on {serial}: {policy['kind']} {policy.get('alpha', '')}")
        return run_once(phone, spec, lambda _phase, _item: None)

    schemes = (TOTAL,) if options.fast else (TOTAL, LARGEST)
    return measured(measure, Question(options.seed), schemes)


def measured(
    measure: Measure, asked: Question, schemes: Sequence[Scheme]
) -> tuple[Sequence[Table], Sequence[Figure]]:
    """Return a table per scheme, then the control; and what there is to draw."""
    usual = [measure(asked.spec(StatusQuo()))]
    capacity = capacity_gflop_per_s(usual[0], asked)
    question = replace(asked, scale=capacity / GFLOP_PER_S)
    found = {scheme.name: _sweep(measure, question, scheme, usual) for scheme in schemes}
    blind = score_of(measure(question.spec(MinTotal(alpha=0))), usual)
    made: list[Table] = []
    drawn: list[Figure] = []
    for scheme in schemes:
        alphas = tuple(question.scale * alpha for alpha in question.alphas)
        curve = Curve(alphas, tuple(score_of(one, usual) for one in found[scheme.name]))
        rows = (
            *_judged(scheme, curve),
            *_explained(scheme, curve, question, usual, found[scheme.name]),
        )
        made.append(Table(_title(scheme, usual[0], question), rows, asked.seed))
        drawn += _drawn(scheme, curve, usual[0])
    name = _frames_of(TOTAL)
    row = Row(name, TOTAL.frames, blind.speedup, _FRAMES, "×", "P", note="α = 0")
    made.append(Table("negative control over adb: α = 0", (row,), asked.seed, breaks=name))
    return made, drawn


def _drawn(scheme: Scheme, curve: Curve, usual: Outcome) -> Iterator[Figure]:
    """Yield the paper's figure from this phone, where the curve has a knee."""
    with suppress(ValueError):
        yield trade(scheme.name, curve, f" on {usual.document['device']['model']}, over adb")


def _sweep(
    measure: Measure, question: Question, scheme: Scheme, usual: list[Outcome]
) -> list[Outcome]:
    """Run a scheme at every α; now and then the status quo again, into `usual`."""
    found = []
    for at, alpha in enumerate(question.alphas, start=1):
        found.append(measure(question.spec(question.greedy(scheme.policy, alpha))))
        if at % _EVERY == 0:
            usual.append(measure(question.spec(StatusQuo())))
    return found


def _frames_of(scheme: Scheme) -> str:
    return f"{scheme.name}: frames at the same accuracy"


def _judged(scheme: Scheme, curve: Curve) -> Iterator[Row]:
    """Yield what the paper's text names, in the ranges for devices."""
    yield _crossing(_frames_of(scheme), scheme.frames, "×", _FRAMES,
                    lambda: curve.speedup_at_gain(0.0))  # fmt: skip
    yield _crossing(f"{scheme.name}: accuracy gain at the same frames", scheme.gain, "points",
                    (2.5, 7.0), lambda: curve.gain_at_speedup(1.0))  # fmt: skip
    name = f"{scheme.name}: frames at the knee"
    try:
        alpha, knee = curve.knee
    except ValueError as error:
        yield Row(name, scheme.knee, None, (1.3, 2.1), "×", "P", note=f"{error}")
        return
    note = f"α = {alpha:.3g} points/ms"
    yield Row(name, scheme.knee, knee.speedup, (1.3, 2.1), "×", "P", note=note)
    yield Row(f"{scheme.name}: accuracy gain at the knee", None, knee.gain_points, None, "points")
    unknown = "the phone tells no energy" if isnan(knee.energy_ratio) else ""
    yield Row(f"{scheme.name}: energy saved at the knee", scheme.energy, knee.energy_ratio,
              (1.2, 2.2), "÷", "P", unknown, "whole phone, per inference")  # fmt: skip


def _crossing(
    name: str, paper: float, unit: str, accept: tuple[float, float], at: Callable[[], float]
) -> Row:
    """Return a row between two points of the curve; where it has none, it says why."""
    try:
        return Row(name, paper, at(), accept, unit, "P")
    except ValueError as error:
        return Row(name, paper, None, accept, unit, "P", note=f"{error}")


def _explained(
    scheme: Scheme,
    curve: Curve,
    question: Question,
    usual: Sequence[Outcome],
    found: Sequence[Outcome],
) -> Iterator[Row]:
    """Yield each point, what the model gives at this phone's latencies, what could disturb it."""
    model = expected(scheme.policy, question, usual[0])
    for alpha, score, computed in zip(curve.alphas, curve.scores, model.scores, strict=True):
        note = (
            f"{score.gain_points:+.1f} points; computed {computed.speedup:.2f}×,"
            f" {computed.gain_points:+.1f}"
        )
        yield Row(f"α = {alpha:.3g}: frames", None, score.speedup,
                  unit="×", note=note)  # fmt: skip
    again = [score_of(one, [usual[0]]).speedup for one in usual[1:]]
    if again:
        widest = max(again, key=lambda times: abs(times - 1))
        yield Row("status quo again, over its first run", None, widest, unit="×",
                  note=f"the most distant of {len(again)}")  # fmt: skip
    runs = (*usual, *found)
    invalid = sum(one.analysis.verdict.word is Word.INVALID for one in runs)
    yield Row("invalid runs", 0, invalid, (0, 0), note=f"of {len(runs)}")
    throttled = max(value_of(one, "throttled_fraction") or 0.0 for one in runs)
    yield Row("throttled, at most", None, 100 * throttled, unit="%")
    lags = [lag for one in found if (lag := value_of(one, "decision_lag_s")) is not None]
    yield Row("decision lag, longest", None, max(lags, default=None), unit="s",
              note="device time")  # fmt: skip


def _title(scheme: Scheme, usual: Outcome, question: Question) -> str:
    document = usual.document
    return (
        f"{scheme.name} over adb, {document['device']['model']} ({document['device_kind']}) at"
        f" {document['speed']:g}×: capacity {question.scale * GFLOP_PER_S:.1f} GFLOP/s, L_max"
        f" {1e3 * question.max_latency_s:.1f} ms, α in points/ms, churn {CHURN.p_create:g} /"
        f" {CHURN.p_kill:g} per second for {question.duration_s:g} s"
    )
