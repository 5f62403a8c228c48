"""The rows of the paper's table, filled from one pair of runs."""

from collections.abc import Iterator

from benchmarks.reproductions.play_it_cool import paper
from benchmarks.reproductions.play_it_cool.pair import Pair, need, value_of
from benchmarks.reproductions.table import Row, Table
from benchmarks.solo import Outcome

THROTTLED = "shifting: throttled fraction"
GAIN_WITHIN = 0.05  # of the closed form


def table_of(pair: Pair, seed: int) -> Table:
    """Return the whole table of one seed."""
    rows = (*_alone(pair.alone), *_shifted(pair), *_costs(pair))
    return Table("Play It Cool on a virtual Honor V30 Pro", rows, seed)


def control_of(shifted: Outcome, seed: int) -> Table:
    """Return the table of dynamic shifting without a dwell time, which must throttle."""
    rows = (throttled_row(shifted), _shifts(shifted))
    return Table("negative control: no dwell time", rows, seed, breaks=THROTTLED)


def _alone(alone: Outcome) -> Iterator[Row]:
    ratio = need(alone, "response_mean_ms") / need(alone, "cool_p50_ms")
    yield Row("alone: mean / cool latency", paper.MEAN_ALONE_S / paper.COOL_S, ratio, (1.25, 1.45),
              provenance="P/G")  # fmt: skip
    fraction = value_of(alone, "throttled_fraction")
    yield Row("alone: throttled fraction φ", paper.FRACTION_THROTTLED, fraction, (0.50, 0.68),
              provenance="G")  # fmt: skip
    first_s = value_of(alone, "first_throttle_s")
    yield Row("alone: first throttle", paper.FIRST_THROTTLE_S, first_s, (480.0, 800.0), "s", "G")
    yield Row("alone: hot / cool latency k", paper.K, value_of(alone, "k"), (1.70, 1.85),
              provenance="G")  # fmt: skip
    yield Row("alone: mean latency", paper.MEAN_ALONE_S, need(alone, "response_mean_ms") / 1000,
              unit="s", provenance="P")  # fmt: skip
    yield Row("alone: accuracy", paper.ACCURACY_ALONE, value_of(alone, "accuracy_estimate"),
              provenance="P", note="the paper estimates with 0.768 and prints 0.761")  # fmt: skip


def _shifted(pair: Pair) -> Iterator[Row]:
    shifted = pair.shifted
    yield Row("shifting vs alone: mean latency", paper.CHANGE, -pair.gain, (-0.32, -0.20),
              provenance="P", note="injected idle included")  # fmt: skip
    low, high = pair.closed_form - GAIN_WITHIN, pair.closed_form + GAIN_WITHIN
    yield Row("gain, beside φ(1 − 1/k)", paper.CLOSED_FORM, pair.gain, (low, high),
              provenance="D", note=f"φ(1 − 1/k) = {pair.closed_form:.3f} here")  # fmt: skip
    yield Row("shifting: mean latency", paper.MEAN_SHIFTING_S,
              need(shifted, "response_mean_ms") / 1000, unit="s", provenance="P")  # fmt: skip
    yield throttled_row(shifted)
    yield Row("shifting: latency CV, loads excluded", None, value_of(shifted, "response_cv"),
              (0.0, 0.05), provenance="P", note="the paper says: stable")  # fmt: skip
    yield accuracy_row(shifted)


def accuracy_row(shifted: Outcome) -> Row:
    """Return the accuracy that the mix of variants would have."""
    ours = value_of(shifted, "accuracy_estimate")
    note = "estimated from 0.768 and 0.638"
    return Row("shifting: accuracy", paper.ACCURACY_SHIFTING, ours, (0.66, 0.72), "1", "P",
               note=note)  # fmt: skip


def _costs(pair: Pair) -> Iterator[Row]:
    yield _shifts(pair.shifted)
    loads = pair.shifted.analysis.details["shifts"]
    for name, reference_s, variant in (
        ("load of the large variant", paper.LOAD_LARGE_S, "resnet50"),
        ("load of the small variant", paper.LOAD_SMALL_S, "resnet50-0.25"),
    ):
        mine = [load_s for _, to, load_s in loads if to == variant]
        ours = sum(mine) / len(mine) if mine else None
        yield Row(name, reference_s, ours, unit="s", provenance="P",
                  note="in no latency; here it grows with the bytes of the weights")  # fmt: skip


def throttled_row(outcome: Outcome) -> Row:
    """Return how much of the time a run throttled."""
    return Row(THROTTLED, 0.0, value_of(outcome, "throttled_fraction"), (0.0, 0.01),
               provenance="P")  # fmt: skip


def _shifts(outcome: Outcome) -> Row:
    return Row("shifts per hour", None, value_of(outcome, "shifts_per_hour"), unit="1/h",
               note="above 200 is chatter")  # fmt: skip
