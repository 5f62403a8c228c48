"""`onnxruntime_perf_test`: one number per line, means in milliseconds, percentiles in seconds.

Shape: onnxruntime/test/perftest/README.md of microsoft/onnxruntime; the percentiles need `-s`.
"""

import re
from typing import Any

from benchmarks.analysis.metrics import Metric
from benchmarks.imports.imported import Imported, told

TOOL = "onnxruntime"
_LINE = re.compile(
    r"\s*(?P<name>[A-Za-z][\w ]*?):\s*(?P<value>[\d.e+-]+)\s*(?P<unit>ms|s|%|bytes)?\s*"
)
_PROVIDER = re.compile(r"\s*(?:using|Using) (?P<name>\w+ExecutionProvider)\s*")
_MS = {"s": 1000.0, "ms": 1.0, None: 1.0}
#: What a line is called here; the newer spelling of the mean ends in `total`.
_TIMES = {
    "Session creation time cost": "load_ms",
    "First inference time cost": "first_ms",
    "Average inference time cost": "mean_ms",
    "Average inference time cost total": "mean_ms",
    "Min Latency": "min_ms",
    "Max Latency": "max_ms",
    "P50 Latency": "p50_ms",
    "P90 Latency": "p90_ms",
    "P95 Latency": "p95_ms",
    "P99 Latency": "p99_ms",
    "P999 Latency": "p999_ms",
}
_FACTS = (
    "Total inference time cost",
    "Total inference run time",
    "Avg CPU usage",
    "Total CPU usage",
    "Peak working set size",
    "Runs",
)


def read(text: str) -> list[Imported]:
    """Return the one result of an output."""
    metrics: dict[str, Metric] = {}
    facts: dict[str, Any] = {}
    unknown: list[str] = []
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        if found is None or not _take(found, metrics, facts):
            if provider := _PROVIDER.fullmatch(line):
                facts["provider"] = provider["name"]
            elif line.strip():
                unknown.append(line.strip())
    if "mean_ms" not in metrics:
        return []
    return [Imported(TOOL, "network", tuple(metrics.values()), facts, tuple(unknown))]


def _take(line: re.Match[str], metrics: dict[str, Metric], facts: dict[str, Any]) -> bool:
    name, value, unit = line["name"], float(line["value"]), line["unit"]
    if name in _TIMES:
        ours = _TIMES[name]
        metrics[ours] = told(TOOL, ours, value * _MS[unit])
    elif name == "Number of inferences per second":
        metrics["throughput"] = Metric("throughput", value, "1/s", "higher", TOOL)
    elif name == "Total inference requests":
        metrics["inferences"] = Metric("inferences", value, "1", "higher", TOOL)
    elif name in _FACTS:
        facts[name.lower()] = value
    else:
        return False
    return True
