"""What the balancer learns from the segments that a phone tells, and when it plans anew."""

from collections.abc import Iterator

import pytest

from benchmarks.policies.base import Observation, Plan, Replan, SegmentRow
from benchmarks.policies.dvfs.learning import PlanLearner
from benchmarks.policies.dvfs.neurobalancer import NeuroBalancer
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.policies.dvfs.stage import Stage
from tests.benchmarks.dvfs.tables import toy

TABLE = toy([0.05] * 4, [0.004] * 4, memory=1)
STAGE = Stage("root", "big", "f0", 2, "cluster4.set_khz", "", TABLE, TABLE.race_s * 1.5, "physics")


class Bench:
    """A learner, and a phone that takes `factor` of the planned times."""

    def __init__(self, margin: float = 0.2) -> None:
        self.schedule = Schedule(TABLE, STAGE.period_s, STAGE.actuation, margin=margin)
        self.learner = PlanLearner(STAGE, margin, self._worded)
        self.plans = 0

    def _worded(self, schedule: Schedule) -> Plan:
        self.schedule = schedule
        return Plan()

    def told(self, slot: int, factor: float) -> Iterator[SegmentRow]:
        points = self.schedule.plan.points
        for number, took_s in enumerate(self.schedule.durations_s(points)):
            core = TABLE.khz(points[number])[0]
            yield SegmentRow(slot, number, took_s * factor, core, -1)

    def run(self, factor: float, seconds: int, cap_khz: float | None = None) -> None:
        newest = {} if cap_khz is None else {"cpu.big.frequency_cap": cap_khz * 1e3}
        for second in range(seconds):
            rows = tuple(row for slot in range(5) for row in self.told(slot, factor))
            seen = Observation(second, newest, "net", 25, segments=rows)
            for action in self.learner.decide(seen):
                assert isinstance(action, Replan)
                assert "kept back after" in action.reason
                self.plans += 1

    @property
    def margin(self) -> float:
        return STAGE.period_s / self.schedule.budget_s - 1.0


def test_a_phone_that_keeps_its_plan_needs_no_margin() -> None:
    bench = Bench()
    before_s = bench.schedule.plan.time_s
    bench.run(1.0, seconds=10)
    assert bench.plans == 1
    assert bench.margin == pytest.approx(0.0, abs=0.001)
    assert bench.schedule.plan.time_s > before_s


def test_nothing_is_concluded_from_few_inferences() -> None:
    bench = Bench()
    bench.run(1.0, seconds=4)
    assert (bench.plans, bench.learner.learned) == (0, 20)


def test_operators_that_become_slower_are_planned_as_slow_as_they_are() -> None:
    bench = Bench(margin=0.0)
    before = bench.schedule.plan.points
    bench.run(1.2, seconds=1)
    bench.run(1.0, seconds=1)  # relative to what is planned now
    assert bench.plans >= 1
    assert bench.schedule.plan.time_s <= STAGE.period_s
    assert bench.schedule.plan.points != before


def test_a_thermal_cap_takes_clocks_away_until_it_is_lifted() -> None:
    bench = Bench(margin=0.0)
    free = bench.schedule.plan.points
    bench.run(1.0, seconds=1, cap_khz=2)
    assert {TABLE.khz(point)[0] for point in bench.schedule.plan.points} <= {1, 2}
    bench.run(1.0, seconds=1, cap_khz=3)
    assert bench.schedule.plan.points == free
    assert bench.plans == 2


def test_half_of_an_inference_and_clocks_that_nobody_rehearsed_teach_nothing() -> None:
    bench = Bench()
    rows = list(bench.told(0, 1.5))
    strange = [SegmentRow(row.slot, row.number, row.seconds, 7, -1) for row in rows]
    seen = Observation(0.0, {}, "net", 1, segments=(*rows[1:], *rows[:-1], *strange))
    assert bench.learner.decide(seen) == ()
    assert bench.learner.learned == 0


def test_without_root_nothing_is_learned() -> None:
    assert NeuroBalancer().learns
    assert not NeuroBalancer(learns=False).learns
