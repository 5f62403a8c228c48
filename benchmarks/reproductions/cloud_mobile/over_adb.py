"""The table's claims on a connected phone: RegNet gains nothing, an iterative model does."""

from benchmarks.analysis.requests import requests_of
from benchmarks.reproductions.cloud_mobile import iterations_over_adb
from benchmarks.reproductions.table import Row, Table
from benchmarks.solo import Outcome, run_once
from benchmarks.specs import parse
from devices.phone import connect

DURATION_S = 120.0
LEARNING_S = 30.0  # until then a policy may still believe its first guesses
NETWORK = "100 100 20"


def adb_tables(serial: str, seed: int) -> tuple[Table, ...]:
    """Measure a phone with both of the paper's workloads, and once without O6's filter."""
    return _regnet(serial, seed), *iterations_over_adb.tables(serial, seed)


def _regnet(serial: str, seed: int) -> Table:
    """Measure a phone under the fastest policy and under the frugal one."""
    fastest = _run(serial, seed, "neurosurgeon", sla_ms=1000)
    frugal = _run(serial, seed, "sla_min_cloud", sla_ms=1000)
    metrics = {metric.name: metric.value for metric in frugal.analysis.metrics}
    hit = metrics["sla_hit"]
    speed = fastest.document["speed"]
    kind = fastest.document["device_kind"]
    note = f"{kind} at {speed:g}×, {NETWORK}: chosen {', '.join(sorted(_chosen(fastest)))}"
    rows = (
        Row("interior splits chosen", 0, float(_interior(fastest)), (0, 0), "1", "A", note=note),
        Row("level met", None, None if hit is None else 100 * hit, (99, 100), "%", "A"),
        Row("decision lag", None, _lag_s(fastest), unit="s", note="device time"),
    )
    return Table(f"RegNet over ADB on {serial}", rows, seed)


def _run(serial: str, seed: int, policy: str, *, sla_ms: float) -> Outcome:
    benchmark = {
        "kind": "offload",
        "workload": "regnet",
        "codec": "fp32",
        "network": NETWORK,
        "sla_ms": sla_ms,
        "duration_s": DURATION_S,
    }
    spec = parse({"benchmark": benchmark, "policy": {"kind": policy}, "seed": seed})
    return run_once(connect(serial), spec, lambda _phase, _item: None)


def _chosen(outcome: Outcome) -> set[str]:
    """Return the splits that were in force once rates were known."""
    found = requests_of(outcome.trace)
    return {
        cut or "local" for t_s, cut in zip(found.t_s, found.cuts, strict=True) if t_s > LEARNING_S
    }


def _interior(outcome: Outcome) -> int:
    return len(_chosen(outcome) - {"local", "data"})


def _lag_s(outcome: Outcome) -> float | None:
    lags = [float(event.data["lag_s"]) for event in outcome.trace.events_of("action")]
    return max(lags, default=None)
