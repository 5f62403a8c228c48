"""NestDNN (Fang, Zeng, Zhang, MobiCom 2018, arXiv 1810.10090) on the paper's own profile.

As in the paper, nothing runs here: six applications with measured variants come and go, and each
scheme says who gets what. Latencies, the churn's rule and the limit of latency are not in the
paper; they are assumed, and printed.
"""

from benchmarks.policies.tenancy.churn import Timeline
from benchmarks.policies.tenancy.min_max import MinMax
from benchmarks.policies.tenancy.min_total import MinTotal
from benchmarks.reproductions.nestdnn import figures, memory
from benchmarks.reproductions.nestdnn.churn import CHURN, SECONDS, draw
from benchmarks.reproductions.nestdnn.concurrency import concurrency_table
from benchmarks.reproductions.nestdnn.curve import Curve, sweep
from benchmarks.reproductions.nestdnn.on_phone import on_phone
from benchmarks.reproductions.nestdnn.profile import GFLOP_PER_S, MAX_LATENCY_S, tenants
from benchmarks.reproductions.nestdnn.simulation import MEMORY_MB, score
from benchmarks.reproductions.options import Options, Say
from benchmarks.reproductions.table import Report, Row, Table

NAME = "nestdnn"
PAPER = "Fang, Zeng, Zhang: NestDNN, MobiCom 2018, arXiv 1810.10090"
TRACES = 100  # of a minute each, as in the paper
_SEEDS = 5
_ON_PHONE = (
    "Over adb the applications run networks of our own with the published work and sizes; nobody"
    " trained them, accuracies are the paper's. A smaller descendant is a part of a larger one; the"
    " status quo runs a network with weights of its own. L_max and α are those of the computed"
    " tables on a phone of 38 GFLOP/s, and scale with the capacity that this phone shows: the work"
    " of all descendants over their latencies alone. Runs of the status quo stand between the"
    " others, all on one churn, at which the host looks as often as it hears from the phone;"
    " *computed* is what the model of the other tables gives for this churn at its latencies.",
)


def reproduce(options: Options, say: Say) -> Report:
    """Measure the six applications under both schemes, on one seed or on five."""
    seeds = range(options.seed, options.seed + (1 if options.fast else _SEEDS))
    curves = {seed: _curves(seed, say) for seed in seeds}
    tables = [memory.footprint_table(), memory.accuracy_table(), concurrency_table(options.seed)]
    tables += [_trade_table(*curves[seed], seed) for seed in seeds]
    drawn = [] if options.fast else list(figures.of(*curves[options.seed]))
    if options.adb:
        more, pictures = on_phone(options.adb, options, say)
        tables += more
        drawn += [] if options.fast else pictures
    tables.append(_control(options.seed))
    return Report(
        name=NAME,
        paper=PAPER,
        tables=tuple(tables),
        notes=(
            f"Latency is GFLOPs / {GFLOP_PER_S:g} GFLOP/s at a full share, L_max is"
            f" {MAX_LATENCY_S * 1e3:g} ms, α is in accuracy points per millisecond, memory is"
            f" {MEMORY_MB:g} MB; each second an application is created with probability"
            f" {CHURN.p_create:g}, else killed with {CHURN.p_kill:g}: all assumed, the paper"
            " does not print them, and the speedups depend on L_max.",
            "Frames are not capped by a camera. Gain and speedup are means per application, then"
            " over applications, against the status quo on the same traces.",
            *(_ON_PHONE if options.adb else ()),
        ),
        figures=tuple(drawn),
        facts={"traces": TRACES, "seconds": SECONDS},
    )


def _timelines(seed: int) -> list[Timeline]:
    return [draw(list(tenants()), seed * 100_000 + number) for number in range(TRACES)]


def _curves(seed: int, say: Say) -> tuple[Curve, Curve]:
    timelines = _timelines(seed)
    say(f"seed {seed}: MinTotalCost over α")
    total = sweep(MinTotal, tenants(), timelines)
    say(f"seed {seed}: MinMaxCost over α")
    return total, sweep(MinMax, tenants(), timelines)


def _trade_table(total: Curve, worst: Curve, seed: int) -> Table:
    """Accuracy against speed: what the paper's figure shows, at the places that its text names."""
    rows = [
        *_trade_rows("MinTotalCost", total, (2.0, 4.1, 1.5, 2.6, 1.7), _TOTAL),
        *_trade_rows("MinMaxCost", worst, (1.9, 4.2, 1.5, 2.1, 1.5), _MAX),
    ]
    return Table("accuracy against speed", tuple(rows), seed)


_Range = tuple[float, float]
_TOTAL: tuple[_Range, ...] = ((1.8, 2.3), (3.5, 6.5), (1.4, 2.0), (1.8, 4.2), (1.3, 2.0))
_MAX: tuple[_Range, ...] = ((1.7, 2.2), (3.2, 6.0), (1.4, 2.0), (1.8, 4.2), (1.25, 1.8))


def _trade_rows(
    scheme: str, curve: Curve, paper: tuple[float, ...], accept: tuple[_Range, ...]
) -> list[Row]:
    alpha, knee = curve.knee
    measured = (
        ("frames at the same accuracy", "×", curve.speedup_at_gain(0.0), ""),
        ("accuracy gain at the same frames", "points", curve.gain_at_speedup(1.0), ""),
        ("frames at the knee", "×", knee.speedup, f"α = {alpha:g}"),
        ("accuracy gain at the knee", "points", knee.gain_points, f"α = {alpha:g}"),
        ("energy saved at the knee", "÷", knee.energy_ratio, f"α = {alpha:g}"),
    )
    return [
        Row(f"{scheme}: {name}", theirs, ours, range_, unit, "P", note=note)
        for (name, unit, ours, note), theirs, range_ in zip(measured, paper, accept, strict=True)
    ]


def _control(seed: int) -> Table:
    """Without a price on lateness nothing rewards speed, so no frame is gained."""
    name = "MinTotalCost: frames at the same accuracy"
    blind = score(MinTotal(alpha=0), tenants(), _timelines(seed)).speedup
    row = Row(name, 2.0, blind, _TOTAL[0], "×", "P", note="α = 0")
    return Table("negative control: α = 0", (row,), seed, breaks=name)
