"""Every shifting policy on the paper's phone: what each pays and gets."""

from collections.abc import Mapping
from typing import Any

from benchmarks.reproductions.options import Say
from benchmarks.reproductions.phones import run_near
from benchmarks.reproductions.play_it_cool import paper
from benchmarks.reproductions.play_it_cool.pair import SENSOR, Pair, need, spec, value_of
from benchmarks.reproductions.table import Row, Table
from benchmarks.solo import Outcome
from devices.errors import StableDeviceError

_ALL_WIDTHS = (1.0, 0.75, 0.5, 0.25)


def policies_table(seed: int, pair: Pair, say: Say) -> tuple[Table, Mapping[str, Outcome]]:
    """Return one row per policy, and the runs behind them."""
    outcomes = {"stock (large alone)": pair.alone, "dynamic_shifting": pair.shifted}
    rows = [_row(name, outcome, pair) for name, outcome in outcomes.items()]
    for name, policy, benchmark in _others(need(pair.shifted, "fraction_large")):
        say(f"policy {name}")
        try:
            outcomes[name] = run_near(paper.PHONE, spec(policy, seed, **benchmark))
        except StableDeviceError as refusal:
            rows.append(Row(name, None, None, not_applicable=str(refusal)))
        else:
            rows.append(_row(name, outcomes[name], pair))
    title = "all policies: relative gain in mean response over the large variant alone"
    return Table(title, tuple(rows), seed), outcomes


def _others(fraction_large: float) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    ladder = {"widths": list(_ALL_WIDTHS), "accuracies": []}
    return [
        ("small_alone", {"kind": "small_alone"}, {}),
        ("ladder_shift", {"kind": "ladder_shift", "sensor": SENSOR, "t_lim_c": 73}, ladder),
        ("hysteresis 73/48", {"kind": "hysteresis_shift", "sensor": SENSOR}, {}),
        (
            "hysteresis 73/65",
            {"kind": "hysteresis_shift", "sensor": SENSOR, "t_lo_c": 65},
            {},
        ),
        ("headroom_shift", {"kind": "headroom_shift"}, {}),
        ("duty_cycle", {"kind": "duty_cycle", "sensor": SENSOR}, {}),
        ("random_shift", {"kind": "random_shift", "p_large": round(fraction_large, 3)}, {}),
    ]


def _row(name: str, outcome: Outcome, pair: Pair) -> Row:
    gain = 1 - need(outcome, "response_mean_ms") / need(pair.alone, "response_mean_ms")
    note = (
        f"throttled {value_of(outcome, 'throttled_fraction'):.1%}, "
        f"accuracy {value_of(outcome, 'accuracy_estimate'):.3f}, "
        f"{value_of(outcome, 'shifts_per_hour'):.0f} shifts/h, "
        f"loading {value_of(outcome, 'loading_s'):.0f} s, "
        f"{need(outcome, 'energy_mj') / 1000:.2f} J per inference"
    )
    return Row(name, None, gain, provenance="S", note=note)
