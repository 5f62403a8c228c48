"""The same question to a phone behind a real adb server, with networks that it really runs."""

from benchmarks.reproductions.options import Say
from benchmarks.reproductions.table import Row, Table
from benchmarks.solo import run_once
from benchmarks.specs import parse
from devices.phone import connect

_POLICIES: dict[str, dict[str, object]] = {
    "status_quo": {"kind": "status_quo"},
    "min_total": {"kind": "min_total", "alpha": 0.2},
}
_NOTE = "other networks than the paper's: widths of MobileNetV2 and ResNet50, accuracies published"


def on_phone(serial: str, seed: int, say: Say) -> Table:
    """Let the same applications come and go under both policies, and compare them."""
    phone = connect(serial)
    found: dict[str, dict[str, float]] = {}
    kind = "phone"
    for name, policy in _POLICIES.items():
        say(f"nestdnn: {name} on {serial}")
        benchmark = {"kind": "multi_tenant", "duration_s": 300}
        spec = parse({"benchmark": benchmark, "policy": policy, "seed": seed})
        outcome = run_once(phone, spec, lambda _phase, _item: None)
        kind = str(outcome.document["device_kind"])
        found[name] = {m.name: m.value for m in outcome.analysis.metrics if m.value is not None}
    quo, ours = found["status_quo"], found["min_total"]
    gain = 100 * (ours["mean_accuracy"] - quo["mean_accuracy"])
    rows = (
        Row("MinTotalCost: frames", 2.0, ours["mean_fps"] / quo["mean_fps"], None, "×", "P"),
        Row("MinTotalCost: accuracy gain", 0.0, gain, None, "points", "P", note=_NOTE),
        Row("late frames, MinTotalCost", None, 100 * ours["late_fraction"], None, "%"),
        Row("late frames, status quo", None, 100 * quo["late_fraction"], None, "%"),
    )
    return Table(f"over adb on a {kind} device, α = 0.2", rows, seed)
