"""The result document of one run, `simmer.run/1`."""

from collections.abc import Mapping
from typing import Any

from benchmarks.analysis.metrics import ANALYSIS_VERSION
from benchmarks.catalog.base import Analysis
from benchmarks.specs import RunSpec
from devices.agent.messages import Hello
from devices.profile import DeviceProfile

SCHEMA = "simmer.run/1"


def run_document(
    spec: RunSpec,
    profile: DeviceProfile,
    hello: Hello,
    baseline: Mapping[str, Any],
    analysis: Analysis,
) -> dict[str, Any]:
    """Return everything about a finished run that a reader needs, as JSON."""
    return {
        "schema": SCHEMA,
        "benchmark": spec.benchmark.kind,
        "state": "completed",
        "verdict": analysis.verdict.word.value,
        "reasons": [reason.as_dict() for reason in analysis.verdict.reasons],
        "device_kind": profile.kind.value,
        "speed": profile.speed,
        "device": _device(profile),
        "agent": {"build": hello.build, "runtime": hello.ncnn, "kind": hello.kind},
        "workload": {
            "name": baseline.get("workload"),
            "sha256": baseline.get("workload_sha256"),
            "param_sha256": baseline.get("param_sha256"),
        },
        "policy": spec.policy.model_dump(mode="json"),
        "params": spec.benchmark.model_dump(mode="json", exclude={"kind"}),
        "preconditions": spec.preconditions.model_dump(mode="json"),
        "labels": dict(spec.labels),
        "seed": spec.seed,
        "analysis": ANALYSIS_VERSION,
        "baseline": dict(baseline),
        "metrics": [metric.as_dict() for metric in analysis.metrics],
        "details": analysis.details,
    }


def _device(profile: DeviceProfile) -> dict[str, Any]:
    return {
        "serial": profile.serial,
        "manufacturer": profile.manufacturer,
        "model": profile.model,
        "product": profile.product,
        "soc": profile.soc,
        "android": profile.android,
        "fingerprint": profile.fingerprint,
        "capabilities": dict(profile.capabilities),
    }
