"""`llama-bench -o json`: a list of tests, each with the time of every repetition.

Shape: tools/llama-bench/README.md of ggml-org/llama.cpp. One repetition of a test is one inference
here; `pp512` reads a prompt of 512 tokens, `tg128` writes 128.
"""

import json
from collections.abc import Mapping
from typing import Any

from benchmarks.analysis.metrics import Metric
from benchmarks.imports.imported import Imported, sampled, told

TOOL = "llama-bench"
_NUMBERS = ("samples_ns", "samples_ts", "avg_ns", "stddev_ns", "avg_ts", "stddev_ts")
_FACTS = (
    "build_commit",
    "build_number",
    "cpu_info",
    "gpu_info",
    "backends",
    "model_filename",
    "model_type",
    "model_size",
    "model_n_params",
    "n_batch",
    "n_ubatch",
    "n_threads",
    "n_gpu_layers",
    "n_prompt",
    "n_gen",
    "n_depth",
    "test_time",
)


def read(text: str) -> list[Imported]:
    """Return one result per test."""
    try:
        tests = json.loads(text)
    except ValueError:
        return []
    if not isinstance(tests, list):
        return []
    return [_imported(test) for test in tests if isinstance(test, dict) and "avg_ns" in test]


def _imported(test: Mapping[str, Any]) -> Imported:
    samples = [float(ns) * 1e-9 for ns in test.get("samples_ns") or ()]
    metrics: tuple[Metric, ...] = (
        sampled(TOOL, samples) if samples else (told(TOOL, "mean_ms", float(test["avg_ns"]) / 1e6),)
    )
    if isinstance(test.get("avg_ts"), int | float):
        metrics += (Metric("tokens_per_s", float(test["avg_ts"]), "1/s", "higher", TOOL),)
    unknown = (name for name in test if name not in (*_FACTS, *_NUMBERS))
    return Imported(
        TOOL,
        f"{test.get('model_type', 'model')} {_test_name(test)}",
        metrics,
        {name: test[name] for name in _FACTS if name in test},
        tuple(f"{name}: {json.dumps(test[name])}" for name in unknown),
    )


def _test_name(test: Mapping[str, Any]) -> str:
    parts = [
        f"{short}{test[name]}"
        for short, name in (("pp", "n_prompt"), ("tg", "n_gen"))
        if test.get(name)
    ]
    return "+".join(parts) or "test"
