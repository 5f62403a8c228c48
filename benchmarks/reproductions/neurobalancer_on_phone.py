"""The same question to a phone behind a real adb server, at whatever speed it runs."""

from collections.abc import Iterator

from benchmarks.fitness import refuse_unfit
from benchmarks.reproductions.options import Say
from benchmarks.reproductions.table import Row, Table
from benchmarks.solo import run_once
from benchmarks.specs import RunSpec, parse
from devices.errors import StableDeviceError
from devices.phone import connect
from devices.probe import probe

POLICIES = ("stock", "static_pair", "neurobalancer")
SPEC = {"kind": "dvfs", "workload": "resnet50", "duration_s": 60, "slack": 1.5, "mode": "root"}


def refuse(serial: str) -> None:
    """Refuse a phone that this would fail on, before anything else is computed.

    Raises:
        StableDeviceError: naming the phone and what would do.
    """
    profile = probe(connect(serial))
    if not profile.is_rooted:
        raise StableDeviceError(
            f"{serial}: neurobalancer's rows over adb write clocks, and this phone gives no root "
            "rights; name a rooted phone with --adb"
        )
    refuse_unfit(_spec(POLICIES[-1], seed=1), profile)


def _spec(policy: str, seed: int) -> RunSpec:
    return parse({"benchmark": SPEC, "policy": {"kind": policy}, "seed": seed})


def on_phone(serial: str, seed: int, say: Say) -> Table:
    """Run default, best static pair and balancer on one phone, and compare them."""
    phone = connect(serial)
    found: dict[str, dict[str, float]] = {}
    kind = "phone"
    for policy in POLICIES:
        say(f"neurobalancer: {policy} on {serial}")
        outcome = run_once(phone, _spec(policy, seed), lambda _phase, _item: None)
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
    yield Row("deadlines met", 1.0, hit, (0.99, 1.0), provenance="A",
              note="the paper: meets the requirement")  # fmt: skip
    yield Row("saving against the best static pair", None, 1 - ours / static, (-0.01, 1.0))
    yield Row("saving against the default governor, CPU", 0.439, 1 - ours / stock,
              provenance="A", note="one network at one slack, no best case")  # fmt: skip
    yield Row("energy over the oracle's", None, found["neurobalancer"].get("regret"),
              note="of all pairs that this run rehearsed")  # fmt: skip
    yield Row("error of predicted segment times", None,
              found["neurobalancer"].get("prediction_error"))  # fmt: skip
