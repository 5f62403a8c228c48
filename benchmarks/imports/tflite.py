"""`benchmark_model` of TensorFlow Lite and LiteRT: its log, or its result as JSON.

Shapes: the line `Inference timings in us: Init: …` and the `count=… first=… avg=…` lines before it
(tensorflow/lite/tools/benchmark/README.md); the message BenchmarkResult
(tensorflow/lite/tools/benchmark/proto/benchmark_result.proto) in protobuf's JSON.
"""

import json
import re
from typing import Any

from benchmarks.analysis.metrics import Metric
from benchmarks.imports.imported import Imported, told

TOOL = "tflite"
_TIMINGS = re.compile(
    r"Inference timings in us: Init: (?P<init>[\d.e+]+), First inference: (?P<first>[\d.e+]+), "
    r"Warmup \(avg\): (?P<warm_up>[\d.e+]+), Inference \(avg\): (?P<mean>[\d.e+]+)"
)
_STATISTICS = re.compile(r"(?:^|\s)count=(?P<count>\d+)\s+(?P<rest>(?:\w+=\s*[\d.e+]+\s*)+)")
_PAIR = re.compile(r"(\w+)=\s*([\d.e+]+)")
_FACT = re.compile(
    r"(?P<name>Graph|Num threads|Use gpu|Use xnnpack|Min num runs): \[(?P<value>[^\]]*)\]"
)
_MEMORY = re.compile(r"(?P<which>init|overall)=(?P<mb>[\d.]+)")
_OURS = {"min": "min_ms", "max": "max_ms", "p5": "p5_ms", "median": "p50_ms", "p95": "p95_ms"}
_JSON_OURS = {
    "avg_ms": "mean_ms",
    "min_ms": "min_ms",
    "max_ms": "max_ms",
    "median_ms": "p50_ms",
    "p5_ms": "p5_ms",
    "p95_ms": "p95_ms",
    "init_ms": "load_ms",
    "first_inference_ms": "first_ms",
    "average_warm_up_ms": "warm_up_mean_ms",
}


def read(text: str) -> list[Imported]:
    """Return the one result of a log or of a JSON document."""
    return _read_json(text) if text.lstrip().startswith("{") else _read_log(text)


def _read_log(text: str) -> list[Imported]:
    timings = _TIMINGS.search(text)
    if timings is None:
        return []
    metrics = [
        told(TOOL, "load_ms", float(timings["init"]) / 1000),
        told(TOOL, "first_ms", float(timings["first"]) / 1000),
        told(TOOL, "warm_up_mean_ms", float(timings["warm_up"]) / 1000),
        told(TOOL, "mean_ms", float(timings["mean"]) / 1000),
    ]
    facts: dict[str, Any] = {}
    unknown: list[str] = []
    statistics: re.Match[str] | None = None
    for line in text.splitlines():
        if found := _STATISTICS.search(line):
            statistics = found  # the last one is of the measured runs, those before of warm-ups
        elif fact := _FACT.search(line):
            facts[fact["name"].lower()] = fact["value"]
        elif "Memory footprint delta" in line:
            facts |= {f"memory_{m['which']}_mb": float(m["mb"]) for m in _MEMORY.finditer(line)}
        elif line.strip() and not _TIMINGS.search(line):
            unknown.append(line.strip())
    if statistics:
        metrics += _of_statistics(statistics)
    name = str(facts.get("graph", "")).rsplit("/", 1)[-1] or "network"
    return [Imported(TOOL, name, tuple(metrics), facts, tuple(unknown))]


def _of_statistics(found: re.Match[str]) -> list[Metric]:
    values = {name: float(value) for name, value in _PAIR.findall(found["rest"])}
    metrics = [
        told(TOOL, ours, values[name] / 1000) for name, ours in _OURS.items() if name in values
    ]
    if "std" in values and values.get("avg"):
        metrics.append(Metric("latency_cv", values["std"] / values["avg"], "1", "lower", TOOL))
    metrics.append(Metric("inferences", float(found["count"]), "1", "higher", TOOL))
    return metrics


def _read_json(text: str) -> list[Imported]:
    try:
        document = json.loads(text)
    except ValueError:
        return []
    known = {_snake(name): value for name, value in document.items()}
    latency = known.pop("latency_metrics", None)
    if not isinstance(latency, dict):
        return []
    metrics, unknown = [], []
    for name, value in latency.items():
        ours = _JSON_OURS.get(_snake(name))
        if ours is not None and isinstance(value, int | float):
            metrics.append(told(TOOL, ours, float(value)))
        else:
            unknown.append(f"latency_metrics.{name}: {value}")
    name = str(known.pop("name", "")) or "network"
    facts = {
        f"{section}.{_snake(field)}": value
        for section in ("memory_metrics", "misc_metrics")
        for field, value in (known.pop(section, None) or {}).items()
    }
    unknown += [f"{name}: {json.dumps(value)}" for name, value in known.items()]
    return [Imported(TOOL, name, tuple(metrics), facts, tuple(unknown))]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
