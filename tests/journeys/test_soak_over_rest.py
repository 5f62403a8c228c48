"""A CI job's soak: submitted, watched, finished, read back; the same numbers as without a farm."""

import csv
import io
import urllib.request

import pytest

from tests.parts.farm import RunningFarm

pytestmark = pytest.mark.timeout(180)


def phone_named(farm: RunningFarm, name: str) -> str:
    """Return the serial of the device whose name has `name` in it."""
    devices = farm.get("/devices")["items"]
    return next(str(d["serial"]) for d in devices if name.lower() in d["name"].lower())


def test_a_soak_goes_from_a_question_to_a_verdict(farm: RunningFarm) -> None:
    run = farm.submit(phone_named(farm, "honor"), workload="resnet50", duration_s=120)
    done = farm.wait_for_run(run, "completed", "failed", limit_s=90)
    assert (done["state"], done["failure"]) == ("completed", None)
    assert done["verdict"] in ("valid", "degraded")
    assert done["device_kind"] == "virtual"
    assert done["speed"] == 20
    metrics = {metric["name"]: metric for metric in done["metrics"]}
    assert 100 < metrics["p50_ms"]["value"] < 200
    assert metrics["first_throttle_s"]["value"] is None
    assert metrics["energy_mj"]["source"] == "physics"
    words = [event["word"] for event in farm.get(f"/runs/{run}/events")["items"]]
    assert words == [
        "queued",
        "leased",
        "preparing",
        "measuring",
        "restoring",
        "analyzing",
        "completed",
    ]


def test_every_row_that_the_phone_logged_is_stored(farm: RunningFarm) -> None:
    run = farm.submit(phone_named(farm, "pixel"), workload="mobilenet_v2", duration_s=60)
    done = farm.wait_for_run(run, "completed", "failed", limit_s=90)
    assert done["state"] == "completed", done["failure"]
    window = farm.get(f"/runs/{run}/trace")
    ended = {
        event["trial"]: dict(event["data"]["rows"])
        for event in window["events"]
        if event["kind"] == "ended"
    }
    assert len(ended) == 2
    for series in window["channels"]:
        declared = ended[series["trial"]].get(series["group"], 0)
        assert len(series["t_s"]) == declared, series["name"]


def test_the_csv_says_virtual_in_every_line(farm: RunningFarm) -> None:
    run = farm.submit(phone_named(farm, "pixel"), workload="mobilenet_v2", duration_s=20)
    farm.wait_for_run(run, "completed", "failed", limit_s=90)
    request = urllib.request.Request(
        f"{farm.url}/api/v1/runs/{run}/trace?format=csv&channels=inference.latency",
        headers={"Authorization": f"Bearer {farm.token}"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
    assert rows
    assert {row["device_kind"] for row in rows} == {"virtual"}
    assert {row["unit"] for row in rows} == {"s"}
    assert all(0 < float(row["value"]) < 1 for row in rows if row["value"])


def test_two_runs_on_one_phone_take_turns(farm: RunningFarm) -> None:
    serial = phone_named(farm, "pixel")
    first = farm.submit(serial, workload="mobilenet_v2", duration_s=30)
    second = farm.submit(serial, workload="mobilenet_v2", duration_s=10)
    farm.wait_for_run(first, "measuring")
    assert farm.get(f"/runs/{second}")["state"] == "queued"
    farm.wait_for_run(second, "measuring", "completed", limit_s=90)
    assert farm.get(f"/runs/{first}")["state"] in ("analyzing", "completed")
    farm.wait_for_run(second, "completed", limit_s=90)


def test_a_live_run_is_cancelled_within_seconds_and_frees_its_phone(farm: RunningFarm) -> None:
    serial = phone_named(farm, "honor")
    run = farm.submit(serial, workload="resnet50", duration_s=3600)
    farm.wait_for_run(run, "measuring")
    assert farm.post(f"/runs/{run}/cancellation")["cancellation"] == "cancel requested"
    farm.wait_for_run(run, "cancelled", limit_s=10)
    farm.wait(
        lambda: farm.get(f"/devices/{serial}")["state"] == "idle", "the phone is free", limit_s=10
    )
