"""Parts that die in the middle of a run: it ends exactly once, and no acknowledged row is lost."""

import signal
import tempfile
from pathlib import Path
from typing import Any

import pytest

from devices.clock import HOST, NS_PER_S
from tests.journeys.test_soak_over_rest import phone_named
from tests.parts.farm import RunningFarm, start_farm, wait_until_up

pytestmark = pytest.mark.timeout(240)

ENDINGS = ("completed", "failed", "cancelled", "aborted")


def words_of(farm: RunningFarm, run: int) -> list[str]:
    """Return the history of a run."""
    return [event["word"] for event in farm.get(f"/runs/{run}/events")["items"]]


def rows_of(window: Any) -> dict[tuple[int, int], int]:
    """Return the stored rows per trial and group."""
    return {(s["trial"], s["group"]): len(s["t_s"]) for s in window["channels"] if s["t_s"]}


def declared_rows(window: Any) -> dict[tuple[int, int], int]:
    """Return what the agent declared per trial and group."""
    return {
        (event["trial"], group): rows
        for event in window["events"]
        if event["kind"] == "ended"
        for group, rows in event["data"]["rows"]
        if rows
    }


def measuring(farm: RunningFarm, name: str, duration_s: float) -> int:
    """Return a run that measures on the phone called `name`."""
    run = farm.submit(phone_named(farm, name), workload="mobilenet_v2", duration_s=duration_s)
    farm.wait_for_run(run, "measuring")
    return run


def test_a_killed_broker_disturbs_no_run(farm: RunningFarm) -> None:
    run = measuring(farm, "pixel", 200)
    farm.kill("valkey")
    done = farm.wait_for_run(run, *ENDINGS, limit_s=90)
    assert (done["state"], done["attempt"], done["failure"]) == ("completed", 1, None)
    window = farm.get(f"/runs/{run}/trace")
    assert rows_of(window) == declared_rows(window)


def test_a_killed_worker_costs_an_attempt_but_not_the_run(farm: RunningFarm) -> None:
    run = measuring(farm, "pixel", 100)
    farm.kill("worker")
    done = farm.wait_for_run(run, *ENDINGS, limit_s=120)
    assert (done["state"], done["attempt"]) == ("completed", 2)
    words = words_of(farm, run)
    assert words.count("completed") == 1
    assert words.count("preparing") == 2
    window = farm.get(f"/runs/{run}/trace")
    assert rows_of(window) == declared_rows(window)


def test_a_phone_that_goes_away_is_waited_for_and_the_run_taken_up_again(
    farm: RunningFarm,
) -> None:
    serial = phone_named(farm, "honor")
    run = measuring(farm, "honor", 300)
    farm.ctl(serial, "fault", "drop", "--for", "3s")
    done = farm.wait_for_run(run, *ENDINGS, limit_s=120)
    assert (done["state"], done["attempt"]) == ("completed", 2)
    assert words_of(farm, run).count("completed") == 1


def test_a_phone_that_stays_away_is_shown_offline_with_a_remedy(farm: RunningFarm) -> None:
    serial = phone_named(farm, "honor")
    farm.wait_for_phones(2)
    farm.ctl(serial, "fault", "drop", "--for", "6s")
    away = farm.wait(
        lambda: (d := farm.get(f"/devices/{serial}"))["state"] == "offline" and d, "it is offline"
    )
    assert "unplug" in away["unavailable"]
    farm.wait(lambda: farm.get(f"/devices/{serial}")["state"] == "idle", "it is back", 30.0)


def test_nothing_runs_two_seconds_after_up_was_killed_and_the_data_is_there() -> None:
    with tempfile.TemporaryDirectory(prefix="simmer-farm-") as directory:
        data = Path(directory) / "data"
        farm = start_farm(data, "--phones", "1", "--no-demo")
        wait_until_up(farm)
        serial = str(farm.wait_for_phones(1)[0]["serial"])
        done = farm.submit(serial, workload="mobilenet_v2", duration_s=20)
        farm.wait_for_run(done, "completed")
        rows = rows_of(farm.get(f"/runs/{done}/trace"))
        cut = farm.submit(serial, workload="mobilenet_v2", duration_s=3600)
        farm.wait_for_run(cut, "measuring")
        killed_ns = HOST.now_ns()
        farm.process.send_signal(signal.SIGKILL)
        farm.wait(lambda: not farm.left_behind(), "nothing is left", 10.0)
        assert (HOST.now_ns() - killed_ns) / NS_PER_S < 2.0
        farm.process.wait()

        again = start_farm(data, "--phones", "1", "--no-demo")
        try:
            wait_until_up(again)
            assert again.token == farm.token
            assert rows_of(again.get(f"/runs/{done}/trace")) == rows
            again.wait(
                lambda: again.get(f"/runs/{cut}")["attempt"] == 2, "it is taken up again", 90
            )
            again.wait_for_run(cut, "measuring")
            again.post(f"/runs/{cut}/cancellation")
            again.wait_for_run(cut, "cancelled")
        finally:
            again.stop()
