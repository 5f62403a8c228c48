"""The same comparison on other phones of the catalog, each with a limit from its own soak."""

from benchmarks.calibration import t_lim_of
from benchmarks.policies.shifting.sensing import CPU_ZONES
from benchmarks.reproductions.options import Say
from benchmarks.reproductions.phones import run_near
from benchmarks.reproductions.play_it_cool.pair import Pair, measure_alone, spec, value_of
from benchmarks.reproductions.play_it_cool.rows import GAIN_WITHIN
from benchmarks.reproductions.table import Row, Table
from benchmarks.solo import Outcome

NO_GAIN = 0.01  # either way: where nothing throttles, shifting must change nothing
PHONES = ("galaxy-s23", "mi-11", "pixel-3", "pixel-6", "pixel-8", "redmi-note-9s")


def others_table(seed: int, say: Say) -> Table:
    """Return one row per phone: the gain, accepted near φ(1 − 1/k) of that phone's own soak."""
    rows = []
    for phone in PHONES:
        say(f"{phone}: soak, then dynamic shifting with the limit that the soak gives")
        rows.append(_row(phone, seed))
    return Table("dynamic shifting on other virtual phones: relative gain", tuple(rows), seed)


def _row(phone: str, seed: int) -> Row:
    alone = measure_alone(seed, phone)
    t_lim_c = t_lim_of(alone.trace, CPU_ZONES)
    if t_lim_c is None:
        return _without_throttling(phone, alone, seed)
    policy = {"kind": "dynamic_shifting", "t_lim_c": round(t_lim_c, 2)}
    pair = Pair(alone, run_near(phone, spec(policy, seed)))
    share, k = value_of(alone, "throttled_fraction"), value_of(alone, "k")
    throttled = value_of(pair.shifted, "throttled_fraction")
    note = (
        f"φ {share:.2f}, k {k:.2f} (medians), φ(1 − 1/k) = {pair.closed_form:.3f} with means; "
        f"t_lim {t_lim_c:.1f} °C; still throttled {throttled:.1%}"
    )
    accept = (pair.closed_form - GAIN_WITHIN, pair.closed_form + GAIN_WITHIN)
    return Row(phone, None, pair.gain, accept, provenance="D", note=note)


def _without_throttling(phone: str, alone: Outcome, seed: int) -> Row:
    """Return the row of a phone whose soak gave no limit: the policy looks for one in vain."""
    pair = Pair(alone, run_near(phone, spec({"kind": "dynamic_shifting"}, seed)))
    shifts = value_of(pair.shifted, "shifts_per_hour")
    note = f"does not throttle, there is nothing to gain: {shifts:.0f} shifts per hour"
    return Row(phone, None, pair.gain, (-NO_GAIN, NO_GAIN), provenance="D", note=note)
