"""A simulated inference divided in two: head, waiting, answer or tail; and what the radio draws."""

from dataclasses import replace

import pytest

from devices.agent.messages import FLAG_FINISHED_LOCALLY
from devices.virtual.catalog import load
from devices.virtual.kernel.inference import Inference
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.radio import Radio
from devices.virtual.kernel.trip import Division, Trip
from devices.virtual.physics.cpu import Layer, Work
from devices.virtual.physics.network import Link

MS, S = 1_000_000, 1_000_000_000
WORK = Work("work", tuple(Layer("conv", 40_000_000, 400_000, 100_000) for _ in range(10)))


class Peer:
    """Answers after a fixed time, or not at all."""

    def __init__(self, away_ms: int = 30, problem: str = "") -> None:
        self.away_ms, self.problem = away_ms, problem
        self.is_there = True
        self.asked: list[int] = []

    def trip(self, t_ns: int) -> Trip | None:
        self.asked.append(t_ns)
        if not self.is_there:
            return None
        end_ns = t_ns + self.away_ms * MS
        return Trip(t_ns, end_ns, self.problem, 1000, 4000, 50_000, 4000, 0.01)


def ran(
    share: float,
    peer: Peer,
    *,
    count: int = 5,
    falls_back: bool = True,
    seconds: float = 5.0,
    tail: float = 0.0,
) -> list[Inference]:
    machine = Machine(load("honor-v30-pro"), 1)
    settings = LaneSettings(threads=2, n=count, division=Division(share, peer, falls_back, tail))
    machine.start_lane(0, WORK, settings, 0, 1)
    machine.advance(round(seconds * S))
    return machine.take_inferences()


def whole_us() -> float:
    """Return what the first inference takes undivided; later clocks depend on the load."""
    machine = Machine(load("honor-v30-pro"), 1)
    machine.start_lane(0, WORK, LaneSettings(threads=2, n=1), 0, 1)
    machine.advance(5 * S)
    (inference,) = machine.take_inferences()
    return inference.lat_us


@pytest.mark.parametrize("share", [0.0, 0.25, 0.9])
def test_head_and_waiting_add_up(share: float) -> None:
    inferences = ran(share, Peer(30))
    assert len(inferences) == 5
    for inference in inferences:
        assert inference.trip is not None
        assert inference.head_us is not None
        assert inference.trip.net_us == 30_000
        assert inference.lat_us == pytest.approx(inference.head_us + 30_000, abs=2)
    assert inferences[0].head_us == pytest.approx(share * whole_us(), rel=0.001, abs=2)


@pytest.mark.parametrize("tail", [0.2, 0.75])
def test_a_phone_goes_on_from_what_a_server_began(tail: float) -> None:
    """Nothing before, the waiting, then what the server has left: and nobody fell back."""
    inferences = ran(0.0, Peer(30), tail=tail)
    assert len(inferences) == 5
    assert not any(inference.flags & FLAG_FINISHED_LOCALLY for inference in inferences)
    first = inferences[0]
    assert first.head_us == pytest.approx(0, abs=2)
    assert first.lat_us == pytest.approx(30_000 + tail * whole_us(), rel=0.002)


def test_a_server_that_does_not_begin_costs_the_whole_work_here() -> None:
    """The phone still has what it had sent, so it starts from there."""
    inferences = ran(0.0, Peer(30, "timeout"), tail=0.2)
    assert all(inference.flags & FLAG_FINISHED_LOCALLY for inference in inferences)
    assert inferences[0].lat_us == pytest.approx(whole_us() + 30_000, rel=0.001)


def test_a_middle_part_leaves_the_phone_both_ends() -> None:
    (first,) = ran(0.25, Peer(30), count=1, tail=0.5)
    assert first.head_us == pytest.approx(0.25 * whole_us(), rel=0.002)
    assert first.lat_us == pytest.approx(30_000 + 0.75 * whole_us(), rel=0.002)


def test_what_the_peer_does_not_answer_is_finished_here() -> None:
    inferences = ran(0.5, Peer(30, "timeout"))
    for inference in inferences:
        assert inference.flags & FLAG_FINISHED_LOCALLY
    assert inferences[0].lat_us == pytest.approx(whole_us() + 30_000, rel=0.001)


def test_nobody_there_costs_no_waiting() -> None:
    peer = Peer()
    peer.is_there = False
    inferences = ran(0.5, peer)
    assert all(inference.flags & FLAG_FINISHED_LOCALLY for inference in inferences)
    assert inferences[0].lat_us == pytest.approx(whole_us(), rel=0.001)


def test_without_fallback_an_unanswered_inference_has_failed() -> None:
    inferences = ran(0.5, Peer(30, "io"), falls_back=False)
    assert [i.trip.problem for i in inferences if i.trip] == ["io"] * 5
    assert not any(inference.flags & FLAG_FINISHED_LOCALLY for inference in inferences)


def test_a_peer_that_dies_breaks_off_what_is_under_way() -> None:
    machine = Machine(load("honor-v30-pro"), 1)
    division = Division(0.1, Peer(3000))
    machine.start_lane(0, WORK, LaneSettings(threads=2, n=1, division=division), 0, 1)
    machine.advance(S)
    machine.lose_peer(S, "io")
    machine.advance(5 * S)
    (inference,) = machine.take_inferences()
    assert inference.trip is not None
    assert inference.trip.problem == "io"
    assert inference.flags & FLAG_FINISHED_LOCALLY
    assert S < inference.end_ns < 1.5 * S


class MoodyPeer(Peer):
    """Takes another time at every request, even at one that it has had before."""

    def trip(self, t_ns: int) -> Trip | None:
        self.away_ms = 20 + 37 * len(self.asked) % 60
        return super().trip(t_ns)


@pytest.mark.parametrize("loses_peer", [False, True])
def test_whoever_interferes_changes_nothing_that_was_told(*, loses_peer: bool) -> None:
    """A phone that does always the same computes far ahead, and takes back what others change."""
    peer = MoodyPeer()
    machine = Machine(load("honor-v30-pro"), 1)
    division = Division(0.0, peer)
    settings = LaneSettings(threads=2, period_us=200_000, dur_ms=300_000, division=division)
    machine.start_lane(0, WORK, settings, 0, 1)
    lane = machine.load.lanes[0]
    told: list[Inference] = []
    cuts = 0
    for step in range(1, 310_000 // 73):
        now_ns = step * 73 * MS
        machine.advance(now_ns)
        told += machine.take_inferences()
        if step % 211:  # rarely: it must have become used to what it does
            continue
        ahead_ns = machine.history.last.end_ns
        peer.is_there = not (loses_peer and peer.is_there)
        if peer.is_there:
            machine.set_screen(step % 200)
        else:
            machine.lose_peer(now_ns, "io")
        cuts += machine.history.last.end_ns < ahead_ns
    assert cuts > 3
    assert lane.ended
    assert [inference.slot for inference in told] == list(range(lane.done))
    ends = [inference.end_ns for inference in told]
    assert ends == sorted(ends)
    starts = [inference.t_ns for inference in told]
    assert all(start >= end for start, end in zip(starts[1:], ends, strict=False))


def test_a_stop_lets_the_request_that_is_away_come_home() -> None:
    machine = Machine(load("honor-v30-pro"), 1)
    division = Division(0.1, Peer(2000))
    machine.start_lane(0, WORK, LaneSettings(threads=2, division=division), 0, 1)
    machine.advance(S)
    machine.stop_lane(0, S)
    machine.advance(6 * S)
    assert [inference.lat_us > 2_000_000 for inference in machine.take_inferences()] == [True]
    assert not machine.load.lanes


def test_a_change_waits_until_the_request_that_is_away_is_home() -> None:
    machine = Machine(load("honor-v30-pro"), 1)
    division = Division(0.1, Peer(2000))
    settings = LaneSettings(threads=2, n=2, division=division)
    machine.start_lane(0, WORK, settings, 0, 1)
    machine.advance(S)
    machine.set_lane(0, WORK, replace(settings, division=None), S)
    machine.advance(6 * S)
    first, second = machine.take_inferences()
    assert (first.trip is not None, second.trip is not None) == (True, False)


def test_a_phone_that_waits_is_cooler_than_one_that_computes() -> None:
    def warmth(division: Division | None) -> float:
        machine = Machine(load("honor-v30-pro"), 1)
        machine.start_lane(0, WORK, LaneSettings(threads=2, division=division), 0, 1)
        machine.advance(120 * S)
        return machine.history.last.power_w

    assert warmth(Division(0.05, Peer(100))) < 0.8 * warmth(None)


def test_the_radio_gives_away_all_the_energy_that_a_transfer_took() -> None:
    radio = Radio(None)
    joules = radio.move(3 * S, 3 * S + 40 * MS, 1_000_000, 4_000)
    heat = [radio.heat_w(n * S, (n + 1) * S) for n in range(6)]
    tail_j = 0.2 * 0.3  # of a radio that nobody described
    assert sum(map(sum, heat)) == pytest.approx(joules + tail_j, rel=1e-6)
    assert sum(heat[0]) == 0


def test_a_transfer_that_is_taken_back_has_warmed_nothing() -> None:
    radio = Radio(None)
    radio.move(S, S + 40 * MS, 1_000_000, 4_000)
    once = [radio.heat_w(n * S, (n + 1) * S) for n in range(2)]
    radio.move(2 * S, 2 * S + 40 * MS, 1_000_000, 4_000)
    assert not radio.is_silent(2 * S)
    radio.forget(2 * S)
    assert radio.is_silent(2 * S)
    assert sum(once[1]) > 0
    assert sum(radio.heat_w(2 * S, 3 * S)) == 0


def test_loss_slows_a_connection_down_as_mathis_says() -> None:
    clean, lossy = Link(100e6, 100e6, 0.05), Link(100e6, 100e6, 0.05, 0.01)
    assert clean.up_s(1_000_000) == pytest.approx(0.08)
    # 1460 B / 50 ms · sqrt(1.5) / sqrt(0.01) = 357.6 kB/s
    assert lossy.up_s(357_600) == pytest.approx(1.0, rel=0.001)
