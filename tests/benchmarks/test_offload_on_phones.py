"""The kind `offload` from its spec to its verdict, on a virtual phone over a real adb server."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from benchmarks.cloud.service import (
    ADDRESS_VARIABLE,
    TOKEN_VARIABLE,
    beside,
    from_environment,
)
from benchmarks.conversation import Tick
from benchmarks.reproductions.cloud_mobile import over_adb
from benchmarks.solo import Outcome, run_once
from benchmarks.specs import SpecError, parse
from devices.agent.messages import INFER
from devices.phone import Phone, connect
from devices.samples import Batch, Event, Item
from tests.parts.adb import VirtualPhones, virtual_phones

NO_GATE = {"start_gate": {"timeout_s": 0}}


@pytest.fixture(scope="module")
def farm() -> Iterator[VirtualPhones]:
    with virtual_phones("honor-v30-pro", speed=20) as phones:
        yield phones


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    """A server for most of these runs, as a farm has one."""
    with beside() as service, pytest.MonkeyPatch.context() as patch:
        patch.setenv(ADDRESS_VARIABLE, f"{service.address.host}:{service.address.port}")
        patch.setenv(TOKEN_VARIABLE, service.token)
        yield


@pytest.fixture
def phone(farm: VirtualPhones) -> Phone:
    return connect(farm.serials[0], server=farm.server)


def measured(phone: Phone, policy: dict[str, object], **benchmark: object) -> Outcome:
    document = {"kind": "offload", "duration_s": 40, **benchmark}
    spec = parse({"benchmark": document, "policy": policy, "preconditions": NO_GATE})
    return run_once(phone, spec, lambda _phase, _item: None)


def numbers(outcome: Outcome) -> dict[str, float]:
    return {m.name: m.value for m in outcome.analysis.metrics if m.value is not None}


@pytest.mark.usefixtures("server")
def test_a_frugal_policy_keeps_the_level_and_says_why(phone: Phone) -> None:
    """A level that the phone alone misses: the cloud is asked, and for no more than needed."""
    local = numbers(measured(phone, {"kind": "stock"}, network="100 100 5"))
    level_ms = 0.9 * local["answer_p50_ms"]
    policy = {"kind": "sla_min_cloud", "has_margin": False}
    outcome = measured(
        phone, policy, network="200 200 1", sla_ms=level_ms, input_codec="int8", cuts="all"
    )
    found = numbers(outcome)
    assert local["cloud_saved"] == 1.0
    assert found["cloud_ms"] > 0
    actions = outcome.trace.events_of("action")
    assert actions
    assert all("ms" in str(event.data["reason"]) for event in actions)
    assert all(event.data["lag_s"] >= 0 for event in actions)
    reasons = {reason.name for reason in outcome.analysis.verdict.reasons}
    assert "synthetic_tensor" in reasons
    assert outcome.analysis.verdict.word.value != "invalid"


@pytest.mark.usefixtures("server")
def test_all_in_the_cloud_sends_every_picture(phone: Phone) -> None:
    found = numbers(measured(phone, {"kind": "cloud_only"}, network="50 50 10", duration_s=100))
    assert found["remote_share"] == 1.0  # from the first request on, however fast the phone is
    assert found["cloud_saved"] == pytest.approx(0, abs=1e-9)
    assert found["sent_kb"] == pytest.approx(150.5, rel=0.01)
    assert found["prediction_error"] < 0.25


@pytest.mark.usefixtures("server")
def test_random_requests_wait_for_their_turn_and_who_goes_away_has_missed(phone: Phone) -> None:
    paced, crowded = (
        measured(phone, {"kind": "cloud_only"}, network="50 50 10", period_ms=60, arrivals=how)
        for how in ("periodic", "poisson")
    )
    early, late = numbers(paced), numbers(crowded)
    assert late["answer_p95_ms"] > 1.5 * early["answer_p95_ms"]
    assert late["sla_hit"] < early["sla_hit"]
    # Waiting is the crowd's doing: prediction and regret judge what came after it.
    assert late["prediction_error"] == pytest.approx(early["prediction_error"], abs=0.1)
    (told,) = crowded.trace.events_of("arrivals")
    assert (told.data["how"], told.data["period_s"]) == ("poisson", 0.06)
    (idle,) = crowded.trace.events_of("idle")
    asked = late["requests"] + idle.data["dropped"]
    note = next(m.note for m in crowded.analysis.metrics if m.name == "sla_hit")
    assert f"of {asked:.0f} missed, {idle.data['dropped']} of them never answered" in note
    bars = crowded.document["details"]["splits"]
    assert max(bar["waiting_ms"] for bar in bars) > 10


def test_a_server_that_dies_costs_fallbacks_until_it_is_back(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The level goes on being asked for: the phone finishes, and the cloud is asked again later."""
    benchmark = {"kind": "offload", "duration_s": 150, "period_ms": 200, "network": "50 50 10"}
    spec = parse({"benchmark": benchmark, "policy": {"kind": "cloud_only"},
                  "preconditions": NO_GATE})  # fmt: skip
    with ExitStack() as stack:
        service = stack.enter_context(beside())
        monkeypatch.setenv(ADDRESS_VARIABLE, f"{service.address.host}:{service.address.port}")
        monkeypatch.setenv(TOKEN_VARIABLE, service.token)
        heard: list[str] = []

        def watch(phase: str, item: Item | Tick) -> None:
            if phase != "measuring":
                return
            if isinstance(item, Event):
                heard.append(f"{item.kind} {item.data.get('state', '')}")
            if "killed" not in heard and sum(what == "rows" for what in heard) > 3:
                heard.append("killed")
                service.kill(signal.SIGKILL)
            if isinstance(item, Batch) and item.group == INFER:
                heard.append("rows")
            if "peer down" in heard and "again" not in heard:
                heard.append("again")
                again = beside("--port", str(service.address.port), token=service.token)
                stack.enter_context(again)

        outcome = run_once(phone, spec, watch)
    found = numbers(outcome)
    assert found["fallbacks"] >= 1
    assert 0 < found["recovery_s"] < 100
    assert 0.1 < found["remote_share"] < 1.0
    assert found["failed_inferences"] == 0
    reasons = {reason.name: reason.sentence for reason in outcome.analysis.verdict.reasons}
    assert "were finished on the phone" in reasons["fallback"]


@pytest.mark.usefixtures("server")
def test_the_network_follows_its_trace(phone: Phone) -> None:
    outcome = measured(
        phone,
        {"kind": "fixed_split", "cut": "blk3"},
        network="0 50 50 10;20 2 2 10",
        duration_s=80,
    )
    (change,) = outcome.trace.events_of("network")
    assert change.data["up_mbit_s"] == 2.0
    changed_s = outcome.trace.seconds(change.t_ns)
    assert changed_s >= 20
    away = outcome.trace.signals["inference.network"].readings
    # The phone knows a little later than the host decides; on a busy machine, much later.
    early, late = away.between(0, changed_s).values, away.values[-5:]
    assert late.min() > 5 * early[-5:].max()


def test_a_blob_that_is_no_cut_is_refused_before_the_load(phone: Phone) -> None:
    with pytest.raises(SpecError, match="no split 'blk99'; there are: data, blk0"):
        measured(phone, {"kind": "fixed_split", "cut": "blk99"})


def test_a_server_of_its_own_ends_with_the_run(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ADDRESS_VARIABLE, raising=False)
    outcome = measured(phone, {"kind": "stock"}, duration_s=5)
    assert outcome.document["baseline"]["peer"]["synthetic"] is True
    assert from_environment() is None


@pytest.mark.nightly
def test_the_claims_of_the_paper_hold_over_adb_too(
    farm: VirtualPhones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(farm.server.port))
    for table in over_adb.adb_tables(farm.serials[0], 1):
        assert table.is_good, [(row.name, row.ours, row.note) for row in table.rows]
