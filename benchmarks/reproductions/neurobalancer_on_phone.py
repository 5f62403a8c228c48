"""The same question to a phone behind a real adb server, at whatever speed it runs."""

from collections.abc import Iterator

from benchmarks.reproductions.options import Say
from benchmarks.reproductions.table import Row, Table
from benchmarks.solo import run_once
from benchmarks.specs import parse
from devices.phone import connect

POLICIES = ("stock", "static_pair", "neurobalancer")
SPEC = {"kind": "dvfs", "workload": "resnet50", "duration_s": 60, "slack": 1.5, "mode": "root"}


def on_phone(serial: str, seed: int, say: Say) -> Table:
    """Run default, best static pair and balancer on one phone, and compare them."""
    phone = connect(serial)
    found: dict[str, dict[str, float]] = {}
    kind = "phone"
    for policy in POLICIES:
        say(f"neurobalancer: {policy} on {serial}")
        spec = parse({"benchmark": SPEC, "policy": {"kind": policy}, "seed": seed})
        outcome = run_once(phone, spec, lambda _phase, _item: None)
        kind = str(outcome.document["device_kind"])
        found[policy] = {
            metric.name: metric.value
            for metric in outcome.analysis.metrics
            if metric.value is not None
        }
    title = f"over adb on a {kind} device, ResNet50-like at slack 1.5"
    return Table(title, tuple(_rows(found)), seed)


def _rows(found: dict[str, dict[str, float]]) -> Iterator[Row]:
    ours, static, stock = (
        found[name]["energy_mj"] for name in ("neurobalancer", "static_pair", "stock")
    )
    hit = found["neurobalancer"]["deadline_hit"]
    yield Row("deadlines met, slack 1.1 and more", 1.0, hit, (0.99, 1.0), provenance="A")
    yield Row("saving against the best static pair", None, 1 - ours / static, (-0.01, 1.0))
    yield Row("saving against the default governor, CPU", 0.439, 1 - ours / stock,
              provenance="A", note="one network at one slack, no best case")  # fmt: skip
    yield Row("error of predicted segment times", None,
              found["neurobalancer"].get("prediction_error"))  # fmt: skip
