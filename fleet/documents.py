"""Runs and devices as the JSON documents that REST, pages and exports share."""

from typing import Any

from django.utils import timezone

from fleet.lifecycle.device import State as DeviceState
from fleet.models import Device, Metric, Run

SCHEMA = "simmer.run/1"


def run_document(run: Run, metrics: list[Metric] | None = None) -> dict[str, Any]:
    """Return one run as `simmer.run/1`; every one says what kind of device is behind it."""
    profile = run.device_json or {}
    spec = run.spec_json
    return {
        "schema": SCHEMA,
        "id": run.pk,
        "benchmark": run.benchmark,
        "state": run.state,
        "ending": run.ending,
        "failure": run.failure,
        "cancelling": run.cancel_requested_at is not None and not run.has_ended,
        "verdict": run.verdict or None,
        "reasons": run.reasons,
        "device_kind": run.device_kind or (run.wanted.kind if run.wanted else None),
        "speed": profile.get("speed"),
        "device": _device_of(run),
        "params": spec.get("benchmark", {}),
        "policy": spec.get("policy", {}),
        "preconditions": spec.get("preconditions", {}),
        "labels": run.labels,
        "seed": spec.get("seed"),
        "priority": run.priority,
        "attempt": run.attempt,
        "analysis": run.analysis,
        "baseline": run.baseline,
        "provenance": run.provenance,
        "progress": run.progress,
        "details": run.details,
        "metrics": [metric_document(metric) for metric in metrics or []],
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def _device_of(run: Run) -> dict[str, Any] | None:
    device = run.device or run.wanted
    if device is None:
        return None
    profile = run.device_json or device.profile_json or {}
    return {
        "serial": device.serial,
        "name": device.name,
        "kind": profile.get("kind", device.kind),
        "product": profile.get("product", ""),
        "model": profile.get("model", ""),
        "soc": profile.get("soc", ""),
        "fingerprint": profile.get("fingerprint", ""),
    }


def metric_document(metric: Metric) -> dict[str, Any]:
    """Return one metric with its unit, direction and source."""
    return {
        "name": metric.name,
        "value": metric.value,
        "unit": metric.unit,
        "better": metric.better,
        "source": metric.source,
        "note": metric.note,
    }


def device_document(device: Device, run: Run | None = None) -> dict[str, Any]:
    """Return one device; `available` is the sentence people read when it is not free."""
    profile = device.profile_json or {}
    return {
        "serial": device.serial,
        "host": device.host.name,
        "name": device.name or device.serial,
        "device_kind": device.kind,
        "connection": device.connection,
        "health": device.health,
        "state": device.state,
        "since": device.since,
        "reason": device.reason,
        "unavailable": why_not(device, run),
        "responsive_at": device.responsive_at,
        "latest": device.latest,
        "tags": device.tags,
        "note": device.note,
        "run": run.pk if run else None,
        "speed": profile.get("speed"),
        "profile": profile,
    }


def why_not(device: Device, run: Run | None = None) -> str | None:
    """Return the sentence why this device takes no run now, or None if it is free."""
    if device.state == DeviceState.IDLE:
        return _health_says(device)
    if run is not None:
        return f"run {run.pk} is {run.state} on it"
    seconds = (timezone.now() - device.since).total_seconds()
    because = f": {device.reason}" if device.reason else ""
    return f"{device.state} for {seconds:.0f} s{because}"


def _health_says(device: Device) -> str | None:
    if device.health == "good":
        return None
    return f"its health is {device.health}; a person or a health check can let it back"
