"""Somebody's own network: uploaded over REST, measured on every kind of device, then removed."""

import httpx
import pytest

from tests.benchmarks.networks import CONVERTED_PARAM, converted_bin
from tests.parts.farm import RunningFarm

pytestmark = pytest.mark.timeout(180)


def test_an_upload_is_measured_on_a_phone_and_on_this_machine(farm: RunningFarm) -> None:
    headers = {"Authorization": f"Bearer {farm.token}"}
    files = {"param": CONVERTED_PARAM, "bin": converted_bin(is_half=True)}
    url = f"{farm.url}/api/v1/workloads"
    answer = httpx.post(url, headers=headers, data={"name": "my-net"}, files=files, timeout=30)
    assert answer.status_code == 201, answer.text
    weights = answer.json()["bin"]["sha256"]

    devices = {device["device_kind"]: device["serial"] for device in farm.get("/devices")["items"]}
    wish = {"workload": "my-net", "period_ms": 20}
    on_phone = farm.submit(devices["virtual"], **wish, duration_s=60)
    on_host = farm.submit(devices["host"], **wish, duration_s=3)
    removal = httpx.delete(f"{url}/my-net", headers=headers, timeout=30)
    assert removal.status_code == 409
    for run, is_checked in ((on_phone, False), (on_host, True)):
        done = farm.wait_for_run(run, "completed", "failed", limit_s=90)
        assert (done["state"], done["failure"]) == ("completed", None)
        [told] = done["baseline"]["workloads"]
        assert told["workload_sha256"] == weights
        assert (told["golden"] is not None) == is_checked
    removal = httpx.delete(f"{url}/my-net", headers=headers, timeout=30)
    assert removal.json()["removed"] == "kept for its runs"
    assert farm.get(f"/runs/{on_host}")["params"]["workload"] == "my-net"
