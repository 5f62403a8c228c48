"""Power of one busy core: each chip's tables predicted by the model without that chip."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

import numpy as np

from devices.virtual.catalog import load as load_phone
from devices.virtual.catalog import names
from devices.virtual.kernel.chip import Chip
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.physics.power import REFERENCE_C, dynamic_w
from devices.virtual.validate.published import load
from devices.virtual.validate.rows import Row, within

_GROUP = "power"
_TABLES = "power, tables"
_EXACT = 1e-6
Table = dict[str, Any]


def predicted() -> Iterator[Row]:
    """Yield, per measured table, the errors of the model fitted to the other chips' tables."""
    facts = load("power.toml")
    tables: Sequence[Table] = facts["tables"]
    all_errors: list[float] = []
    for table in tables:
        others = [t for t in tables if t["judged"] and t["chip"] != table["chip"]]
        errors = _errors(table, *_fit(others))
        if table["judged"]:
            all_errors += errors
        yield from _rows_of(table, errors, facts)
    yield Row(_GROUP, "all judged points: median error", None, 100 * median(all_errors), "%",
              (0.0, 100 * facts["accept_median"]), "predicted", facts["method"])  # fmt: skip
    yield Row(_GROUP, "all judged points: worst error", None, 100 * max(all_errors), "%",
              (0.0, 100 * facts["accept_worst"]), "predicted", facts["method"])  # fmt: skip


def _rows_of(table: Table, errors: list[float], facts: dict[str, Any]) -> Iterator[Row]:
    name = f"{table['chip']} {table['cluster']} ({table['unit']})"
    source = table["source"] if table["judged"] else f"not judged: {table['why_not']}"
    for what, value, limit in (
        ("median error", median(errors), facts["accept_median"]),
        ("worst error", max(errors), facts["accept_worst"]),
    ):
        yield Row(_GROUP, f"{name}, {len(errors)} points: {what}", None, 100 * value, "%",
                  (0.0, 100 * limit) if table["judged"] else None, "predicted",
                  source)  # fmt: skip


def _fit(tables: Sequence[Table]) -> tuple[float, float]:
    """Return (scale, floor [W]) that bring the relative errors of these tables down, equally."""
    rows, targets = [], []
    for table in tables:
        weight = len(table["rows"]) ** -0.5
        for khz, uv, mw in table["rows"]:
            dynamic = dynamic_w(table["dpc"], 1.0, khz, uv)
            rows.append([weight * dynamic / (mw / 1e3), weight / (mw / 1e3)])
            targets.append(weight)
    (scale, floor_w), *_ = np.linalg.lstsq(np.array(rows), np.array(targets), rcond=None)
    return float(scale), float(floor_w)


def _errors(table: Table, scale: float, floor_w: float) -> list[float]:
    """Return the relative error at each operating point [1]."""
    return [
        abs(1e3 * (dynamic_w(table["dpc"], scale, khz, uv) + floor_w) / mw - 1.0)
        for khz, uv, mw in table["rows"]
    ]


def tables() -> Iterator[Row]:
    """Yield whether the phones draw what their measured tables say, at every operating point."""
    for name in names():
        spec = load_phone(name)
        for cluster, measured, ours in _measured(spec):
            worst = max(ours, key=lambda w: abs(w / measured[ours.index(w)] - 1.0))
            published = measured[ours.index(worst)]
            yield Row(
                _TABLES, f"{name} {cluster}: one busy core, worst of {len(ours)} points",
                published, worst, "W", within(published, _EXACT), "input",
                "measured tables of the phone files",
            )  # fmt: skip


def _measured(spec: PhoneSpec) -> Iterator[tuple[str, list[float], list[float]]]:
    """Yield per cluster with a measured table its watts and what the chip draws."""
    chip = Chip(spec, 0)
    for number, cluster in enumerate(spec.clusters):
        shown = [opp for opp in cluster.opps if opp[0] not in cluster.hidden_khz]
        measured = [opp[2] / 1e3 for opp in shown if len(opp) == 3]
        if len(measured) == len(shown):
            ours = [
                chip.power[number].power_w(point, 1.0, 1.0, REFERENCE_C)
                for point in range(len(shown))
            ]
            yield cluster.name, measured, ours
