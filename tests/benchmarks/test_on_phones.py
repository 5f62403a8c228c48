"""The whole chain without a fleet: real adb server, virtual phones, the command line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.conversation import Tick
from benchmarks.preparation import NotSettled
from benchmarks.solo import Outcome, run_once
from benchmarks.specs import RunSpec, parse
from devices.adb.client import AdbAddress
from devices.clock import HOST, NS_PER_S
from devices.errors import StableDeviceError
from devices.phone import Phone, connect
from devices.samples import Batch, Item
from tests.parts.adb import ROOT, VirtualPhones, virtual_phones

PHONE = "honor-v30-pro"
SKIN = "/sys/class/thermal/thermal_zone6/temp"
IDLE_W = 3.0  # it draws 2.3 W at rest and more than 4 W under any load


@pytest.fixture(scope="module")
def farm() -> Iterator[VirtualPhones]:
    with virtual_phones(*[PHONE] * 4, speed=50) as phones:
        yield phones


@pytest.fixture
def phone(farm: VirtualPhones) -> Phone:
    """The phone that tests may heat up and leave warm."""
    return connect(farm.serials[0], server=farm.server)


def spec_of(*, seed: int = 1, gate: dict[str, Any] | None = None, **params: Any) -> RunSpec:
    benchmark = {"kind": "thermal_soak", "workload": "mobilenet_v2", "duration_s": 20, **params}
    preconditions = {"start_gate": gate or {}}
    return parse({"benchmark": benchmark, "seed": seed, "preconditions": preconditions})


def ignore(_phase: str, _item: Item | Tick) -> None:
    """Watch nothing."""


def metrics_of(outcome: Outcome) -> dict[str, float | None]:
    return {metric.name: metric.value for metric in outcome.analysis.metrics}


def known(outcome: Outcome) -> dict[str, float]:
    return {name: value for name, value in metrics_of(outcome).items() if value is not None}


def fresh_run(speed: float, *, phone_seed: int = 1, seed: int = 1, **params: Any) -> Outcome:
    """Run on a phone that was just switched on."""
    with virtual_phones(PHONE, speed=speed, seed=phone_seed) as phones:
        fresh = connect(phones.serials[0], server=phones.server)
        return run_once(fresh, spec_of(seed=seed, **params), ignore)


def test_a_soak_is_measured_without_losing_a_row(phone: Phone) -> None:
    outcome = run_once(phone, spec_of(), ignore)
    assert outcome.document["verdict"] == "valid", outcome.document["reasons"]
    for ended in outcome.trace.events_of("ended"):
        for group, total in ended.data["rows"]:
            assert outcome.trace.rows.get((ended.trial, group), 0) == total
    metrics = metrics_of(outcome)
    assert outcome.trace.duration_s == pytest.approx(20.0, abs=0.2)
    assert metrics["inferences"] == pytest.approx(20_000 / (metrics["mean_ms"] or 1), rel=0.02)


def test_the_result_says_what_was_measured_and_how_it_started(phone: Phone) -> None:
    document = run_once(phone, spec_of(seed=5), ignore).document
    assert document["schema"] == "simmer.run/1"
    assert (document["device_kind"], document["speed"], document["seed"]) == ("virtual", 50.0, 5)
    assert document["baseline"]["gate"]["outcome"] == "settled"
    assert document["baseline"]["zones_c"]["zone.skin.temperature"] > 20
    assert document["workload"]["name"] == "mobilenet_v2"
    assert {metric["name"]: metric["source"] for metric in document["metrics"]}["energy_mj"] == (
        "physics"
    )
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_the_same_seed_on_a_fresh_phone_gives_the_same_metrics() -> None:
    first, second = fresh_run(100), fresh_run(100)
    assert metrics_of(first) == metrics_of(second)
    assert metrics_of(fresh_run(100, seed=2)) != metrics_of(first)


@pytest.mark.parametrize(
    "slow",
    [20, pytest.param(1, marks=pytest.mark.nightly), pytest.param(400, marks=pytest.mark.nightly)],
)
def test_speed_changes_no_metric(slow: float) -> None:
    """All waits are device time: a second of a slow phone is a second of a fast one."""
    slowly, fast = fresh_run(slow), fresh_run(100)
    assert slowly.document["speed"] == slow
    assert known(fast) == pytest.approx(known(slowly), rel=0.01)


def test_a_process_that_stands_still_is_told_and_changes_no_metric() -> None:
    """A machine that is too busy for the speed: the run says so, and every number stays."""
    undisturbed = fresh_run(100, duration_s=60)
    with virtual_phones(PHONE, speed=100) as phones:
        process = psutil.Process(phones.process.pid)
        stops = [1, 1]

        def stall(phase: str, item: Item | Tick) -> None:
            if phase == "measuring" and isinstance(item, Batch) and stops:
                stops.pop()
                process.suspend()
                HOST.wait(1.5)
                process.resume()

        fresh = connect(phones.serials[0], server=phones.server)
        stalled = run_once(fresh, spec_of(duration_s=60), stall)
    (reason,) = (r for r in stalled.document["reasons"] if r["name"] == "behind")
    assert "did not hold" in reason["sentence"]
    assert stalled.document["verdict"] == "valid"
    assert known(stalled) == pytest.approx(known(undisturbed), rel=0.01)


def test_a_cold_room_makes_a_phone_cooler(farm: VirtualPhones) -> None:
    """Negative control: what we measure is the phone and not our wish.

    Not a hot room: at rest in 25 °C this phone is soon too warm for any load.
    """
    serial = farm.serials[3]
    chilled = connect(serial, server=farm.server)
    usual = metrics_of(run_once(chilled, spec_of(), ignore))
    farm.ctl(serial, "ambient", "12")
    cold = metrics_of(run_once(chilled, spec_of(gate={"hold_s": 400, "timeout_s": 400}), ignore))
    assert (cold["peak_skin_c"] or 99) < (usual["peak_skin_c"] or 0) - 0.5


def test_a_phone_too_hot_for_any_load_is_waited_for(farm: VirtualPhones) -> None:
    """Whoever measured before and left it warm: the next run is late, not lost."""
    serial = farm.serials[3]
    hot = connect(serial, server=farm.server)
    farm.ctl(serial, "ambient", "45")
    while int(hot.run(["cat", SKIN]).stdout) < 40_000:
        HOST.wait(0.05)
    farm.ctl(serial, "ambient", "10")
    outcome = run_once(hot, spec_of(gate={"timeout_s": 0}), ignore)
    farm.ctl(serial, "ambient", "22")
    (cooling,) = outcome.trace.events_of("cooling")
    assert "a load starts only below 36" in cooling.data["because"]
    assert outcome.document["baseline"]["zones_c"]["zone.skin.temperature"] < 36


def test_a_gate_that_cannot_be_met_marks_the_run(phone: Phone) -> None:
    gate = {"hold_s": 5, "timeout_s": 20, "slope_c_per_min": 0.001}
    document = run_once(phone, spec_of(gate=gate), ignore).document
    assert document["verdict"] == "degraded"
    assert [reason["name"] for reason in document["reasons"]] == ["cooldown_timeout"]
    assert "°C/min" in document["reasons"][0]["sentence"]


@pytest.mark.parametrize("word", ["fail", "skip"])
def test_a_gate_that_cannot_be_met_stops_the_run_if_asked(phone: Phone, word: str) -> None:
    gate = {"hold_s": 5, "timeout_s": 15, "slope_c_per_min": 0.001, "on_timeout": word}
    with pytest.raises(NotSettled, match="not at rest") as caught:
        run_once(phone, spec_of(gate=gate), ignore)
    assert caught.value.skips is (word == "skip")


def test_an_idle_state_far_away_keeps_the_gate_shut(phone: Phone) -> None:
    gate = {"hold_s": 5, "timeout_s": 20, "slope_c_per_min": 60}
    far = {"zone.skin.temperature": 12.0}
    document = run_once(phone, spec_of(gate=gate), ignore, idle_c=far).document
    assert document["reasons"][0]["name"] == "cooldown_timeout"
    assert "within 3 of 12.0" in document["reasons"][0]["sentence"]


def test_a_lost_zone_is_named_in_the_verdict(farm: VirtualPhones) -> None:
    serial = farm.serials[1]
    lost = connect(serial, server=farm.server)

    def lose(phase: str, item: Item | Tick) -> None:
        if phase == "measuring" and not already:
            already.append(True)
            farm.ctl(serial, "fault", "sensor-lost", "gpu")

    already: list[bool] = []
    document = run_once(lost, spec_of(duration_s=200), lose).document
    assert [reason["name"] for reason in document["reasons"]] == ["sensor_lost"]
    assert "zone.gpu.temperature" in document["reasons"][0]["sentence"]


@contextmanager
def command(server: AdbAddress, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """Run `python -m benchmarks`; never leave it behind."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks", *words],
        cwd=ROOT,
        env={**os.environ, "ANDROID_ADB_SERVER_PORT": str(server.port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Who runs the suite in the background ignores Ctrl-C, and children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


UNGATED = "start_gate.timeout_s=0"


def soak(serial: str, *params: str) -> tuple[str, ...]:
    """Return the words of a short soak."""
    chosen = ("workload=mobilenet_v2", *params)
    return ("run", "thermal_soak", "--serial", serial, *(f"--param={word}" for word in chosen))


def wait_for(process: "subprocess.Popen[str]", word: str) -> None:
    """Read the progress until it says `word`."""
    assert process.stderr is not None
    assert any(word in line for line in process.stderr)


def test_the_command_line_prints_metrics_and_writes_the_document(
    farm: VirtualPhones, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    words = (*soak(farm.serials[0], "duration_s=10"), "--json", str(out), "--data", str(tmp_path))
    with command(farm.server, *words) as process:
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    assert "p50_ms" in stdout
    assert "verdict: valid" in stdout
    assert "measuring" in stderr
    assert json.loads(out.read_text())["params"]["duration_s"] == 10
    assert list((tmp_path / "idle").iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_run_leaves_the_phone_free(farm: VirtualPhones, number: signal.Signals) -> None:
    serial = farm.serials[2]
    with command(farm.server, *soak(serial, "duration_s=7200", UNGATED)) as process:
        wait_for(process, "measuring")
        process.send_signal(number)
        _, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Cancelled" in stderr
    phone = connect(serial, server=farm.server)
    assert phone.run(["pgrep", "-f", "simmer/bin/[a]gent-"]).stdout == ""
    assert is_unloaded(farm, serial)


def is_unloaded(farm: VirtualPhones, serial: str) -> bool:
    """Whether the phone itself says that it draws idle power, now or within a moment."""
    deadline = HOST.now_ns() + 5 * NS_PER_S
    while HOST.now_ns() < deadline:
        if json.loads(farm.ctl(serial, "truth"))["power_w"] < IDLE_W:
            return True
    return False


def test_an_empty_battery_is_never_loaded(farm: VirtualPhones) -> None:
    serial = farm.serials[2]
    farm.ctl(serial, "charger", "off")  # it would heat the battery, and fill it
    farm.ctl(serial, "battery", "20")
    with command(farm.server, *soak(serial, "duration_s=10", UNGATED)) as process:
        _, stderr = process.communicate(timeout=60)
    farm.ctl(serial, "battery", "80")
    assert process.returncode == 6
    assert "battery level is 0." in stderr
    assert "a load starts only above 0.3" in stderr


def test_a_phone_that_is_not_there_is_infrastructure(farm: VirtualPhones) -> None:
    with command(farm.server, *soak("127.0.0.1:1")) as process:
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 3, stderr
    assert "127.0.0.1:1" in stderr
    assert "Traceback" not in stderr


def test_a_phone_that_goes_away_ends_the_run_in_words() -> None:
    with (
        virtual_phones(PHONE, speed=20) as phones,
        command(phones.server, *soak(phones.serials[0], "duration_s=7200", UNGATED)) as process,
    ):
        wait_for(process, "measuring")
        phones.process.kill()
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "Traceback" not in stderr


def test_this_machine_computes_the_golden_output_and_says_what_it_cannot_know() -> None:
    with virtual_phones(PHONE, speed=20, host_device=True) as phones:
        host = connect(phones.serials[-1], server=phones.server)
        document = run_once(host, spec_of(duration_s=3), ignore).document
    golden = document["baseline"]["golden"]
    assert document["device_kind"] == "host"
    assert golden["top"] == golden["reference_top"]
    assert golden["max_abs"] < 1e-5


@pytest.mark.nightly
def test_the_honor_throttles_as_the_paper_says() -> None:
    """Play It Cool, ResNet50 alone for an hour: 602 s, 0.60 and 1.78 were read off its figure."""
    metrics = metrics_of(fresh_run(100, workload="resnet50", duration_s=3600))
    assert 480 <= (metrics["first_throttle_s"] or 0) <= 800
    assert 0.50 <= (metrics["throttled_fraction"] or 0) <= 0.68
    assert 1.70 <= (metrics["k"] or 0) <= 1.85


def test_a_policy_shifts_a_phone_behind_adb_and_says_why(farm: VirtualPhones) -> None:
    benchmark = {"kind": "shifting", "family": "mobilenet_v2", "widths": "1, 0.35"}
    asked = {
        "benchmark": {**benchmark, "duration_s": 60},
        "policy": {"kind": "dynamic_shifting", "t_lim_c": 45, "sensor": "^cluster2$"},
        "preconditions": {"start_gate": {"timeout_s": 0}},
    }
    phone = connect(farm.serials[0], server=farm.server)
    outcome = run_once(phone, parse(asked), ignore)
    first = outcome.trace.events_of("action")[0].data
    assert first["variant"] == "mobilenet_v2-0.35"
    assert "is above 45.0 °C" in first["reason"]
    assert 0 < first["lag_s"] < 60  # at 50× a host is late, and the trace says by how much
    assert known(outcome)["fraction_large"] < 1
    assert known(outcome)["shifts_per_hour"] > 0


def test_a_small_network_keeps_the_pace_of_the_large_one_however_late_a_shift_is_heard() -> None:
    """Rows that were on their way at a shift are many on a fast phone, and of the other network."""
    params = {"kind": "shifting", "family": "resnet50", "duration_s": 100}
    policy = {"kind": "dynamic_shifting", "t_lim_c": 45, "min_dwell_s": 1, "g_lim_c_per_s": -0.5}
    spec = parse({"benchmark": params, "policy": policy})
    with virtual_phones(PHONE, speed=100) as phones:
        outcome = run_once(connect(phones.serials[0], server=phones.server), spec, ignore)
    found = known(outcome)
    assert found["shifts_per_hour"] > 100
    assert found["response_mean_ms"] == pytest.approx(150, rel=0.05)


def test_a_phone_too_fast_for_its_policy_is_refused_before_it_is_touched() -> None:
    with virtual_phones(PHONE, speed=500) as phones:
        asked = {"benchmark": {"kind": "shifting"}, "policy": {"kind": "dynamic_shifting"}}
        phone = connect(phones.serials[0], server=phones.server)
        with pytest.raises(StableDeviceError, match="start it at 100 × or slower"):
            run_once(phone, parse(asked), ignore)
