"""Two rows of the table on a phone behind adb, decided by the same policy object on the host."""

from benchmarks.reproductions.play_it_cool.pair import dynamic, spec, value_of
from benchmarks.reproductions.play_it_cool.rows import accuracy_row, throttled_row
from benchmarks.reproductions.table import Row, Table
from benchmarks.solo import run_once
from devices.phone import connect


def adb_table(serial: str, seed: int) -> Table:
    """Return what dynamic shifting does there in an hour of its time."""
    outcome = run_once(connect(serial), spec(dynamic(), seed), lambda _phase, _item: None)
    speed = outcome.document["speed"]
    lag = Row("decision lag", None, value_of(outcome, "decision_lag_s"), unit="s",
              note=f"longest, in device time, at {speed:g}×")  # fmt: skip
    rows = (throttled_row(outcome), accuracy_row(outcome), lag)
    kind = outcome.document["device_kind"]
    return Table(f"over adb, {outcome.document['device']['model']} ({kind})", rows, seed)
