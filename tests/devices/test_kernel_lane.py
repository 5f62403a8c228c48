"""What a lane promises: exact latencies on any grid, and the pacing of the agent protocol."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.virtual.kernel.course import Pace
from devices.virtual.kernel.inference import Inference, Told, one_by_one
from devices.virtual.kernel.lane import Lane, LaneSettings
from devices.virtual.physics.cpu import Layer, Work

MS = 1_000_000
WORK = Work("net", (Layer("conv", 10**9, 10**6),))


def run(
    lane_settings: LaneSettings,
    latency_s: float,
    until_ms: int,
    grid_ms: int = 100,
    jitter: float = 0.0,
) -> tuple[Lane, list[Inference]]:
    lane = Lane(0, WORK, lane_settings, 0, 1, jitter)
    told: list[Told] = []
    for start in range(0, until_ms, grid_ms):
        lane.run(start * MS, (start + grid_ms) * MS, Pace(latency_s, 2.0, 7, 2), told)
    return lane, one_by_one(told)


def test_back_to_back_inferences_follow_each_other_without_a_gap() -> None:
    _, done = run(LaneSettings(), 0.030, 300)
    assert [i.t_ns // MS for i in done] == [0, 30, 60, 90, 120, 150, 180, 210, 240, 270]
    assert {i.lat_us for i in done} == {30_000}


@given(st.sampled_from([1, 7, 50, 100, 1000]), st.floats(0.01, 0.4))
@settings(max_examples=20, deadline=None)
def test_latencies_do_not_depend_on_the_grid(grid_ms: int, latency_s: float) -> None:
    _, coarse = run(LaneSettings(), latency_s, 7000, 7000, jitter=0.02)
    _, fine = run(LaneSettings(), latency_s, 7000, grid_ms, jitter=0.02)
    for one, other in zip(coarse, fine, strict=False):
        assert abs(one.lat_us - other.lat_us) <= 1
    assert abs(len(coarse) - len(fine)) <= 1


def test_a_change_of_clock_within_an_inference_counts_from_then_on() -> None:
    lane = Lane(0, WORK, LaneSettings(n=1), 0, 1, 0.0)
    told: list[Told] = []
    lane.run(0, 100 * MS, Pace(0.150, 2.0, 7, 2), told)
    lane.run(100 * MS, 300 * MS, Pace(0.300, 1.0, 7, 2), told)
    done = one_by_one(told)
    assert done[0].lat_us == 200_000  # two thirds at the old speed, one third at the new
    assert done[0].uj == 300_000
    assert done[0].cpu_us == 400_000


def test_a_paced_lane_starts_in_its_slots() -> None:
    _, done = run(LaneSettings(period_us=50_000), 0.020, 400)
    assert [(i.slot, i.t_ns // MS, i.q_us) for i in done[:3]] == [
        (0, 0, 0),
        (1, 50, 0),
        (2, 100, 0),
    ]


def test_a_lane_within_its_depth_catches_up_and_drops_nothing() -> None:
    """70 ms in slots of 50 ms: late by 20, 40, 60, 80 ms, never by more than two periods."""
    lane, done = run(LaneSettings(period_us=50_000, depth=2), 0.070, 300)
    assert [i.slot for i in done] == [0, 1, 2, 3]
    assert [i.q_us for i in done] == [0, 20_000, 40_000, 60_000]
    assert lane.dropped == 0


def test_a_lane_that_is_too_late_drops_slots_and_says_which() -> None:
    """200 ms in slots of 50 ms: after slot 0 it is 150 ms late, two slots go."""
    lane, done = run(LaneSettings(period_us=50_000, depth=2), 0.200, 700)
    assert [i.slot for i in done] == [0, 3, 7]
    assert [i.q_us for i in done] == [0, 50_000, 50_000]
    assert lane.dropped == 8


def test_idle_is_kept_after_each_inference() -> None:
    _, done = run(LaneSettings(idle_us=25_000), 0.030, 200)
    assert [i.t_ns // MS for i in done] == [0, 55, 110, 165]


@pytest.mark.parametrize(
    ("lane_settings", "count"), [(LaneSettings(n=3), 3), (LaneSettings(dur_ms=100), 4)]
)
def test_a_lane_ends_by_count_or_by_time(lane_settings: LaneSettings, count: int) -> None:
    lane, done = run(lane_settings, 0.030, 500)
    assert len(done) == count
    assert lane.ended


def test_new_settings_count_from_the_next_inference_and_are_marked() -> None:
    lane = Lane(0, WORK, LaneSettings(), 0, 1, 0.0)
    told: list[Told] = []
    pace = Pace(0.070, 2.0, 7, 2)
    lane.run(0, 100 * MS, pace, told)
    lane.change(WORK, LaneSettings(period_us=200_000), 100 * MS)
    lane.run(100 * MS, 800 * MS, pace, told)
    done = one_by_one(told)
    assert [i.t_ns // MS for i in done] == [0, 70, 140, 340, 540]
    assert [i.flags for i in done] == [8, 0, 8, 0, 0]
    assert [i.slot for i in done] == [0, 1, 2, 3, 4]


def test_new_settings_do_not_let_a_lane_begin_before_its_time() -> None:
    lane = Lane(0, WORK, LaneSettings(), 500 * MS, 1, 0.0)
    told: list[Told] = []
    lane.change(WORK, LaneSettings(share=0.5), 100 * MS)
    lane.run(0, 700 * MS, Pace(0.070, 2.0, 7, 2), told)
    assert [i.t_ns // MS for i in one_by_one(told)] == [500, 570]


def test_disturbed_inferences_are_rare_and_slower() -> None:
    _, done = run(LaneSettings(), 0.010, 60_000, jitter=0.012)
    slow = [i for i in done if i.lat_us > 10_400]
    assert 0 < len(slow) < 0.03 * len(done)
    assert len({i.lat_us for i in done}) > 100
