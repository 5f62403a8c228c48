"""zTT: learns once a second, minds the heat, and repeats itself by its seed."""

import numpy as np
import pytest

from benchmarks.policies.base import Observation, SetFreq
from benchmarks.policies.dvfs.q_network import QNetwork, Step
from benchmarks.policies.dvfs.stage import Stage, stage_of
from benchmarks.policies.dvfs.ztt import FIRST_TRAINING, Learner, Seen, Ztt, level
from tests.benchmarks.dvfs.tables import toy

STAGE = Stage("root", "big", "c0", 2, "cluster6.set_khz", "mem.set_khz",
              toy([0.02] * 3, [0.01] * 3), 0.1, "physics")  # fmt: skip


def seconds(learner: Learner, count: int, *, celsius: float = 40.0, per_s: int = 10) -> list[str]:
    """Let so many seconds pass and return the reasons of what was set."""
    reasons = []
    for second in range(1, count + 1):
        newest = {"zone.cpu.temperature": celsius, "system.power": 2.0}
        for action in learner.decide(Observation(float(second), newest, "net", per_s, 0.05)):
            assert isinstance(action, SetFreq)
            reasons.append(f"{action.knob} {action.khz}: {action.reason}")
    return reasons


def test_a_seed_repeats_every_decision() -> None:
    assert seconds(Learner(Ztt(), STAGE, 7), 40) == seconds(Learner(Ztt(), STAGE, 7), 40)
    assert seconds(Learner(Ztt(), STAGE, 7), 40) != seconds(Learner(Ztt(), STAGE, 8), 40)


def test_a_hot_phone_is_never_given_a_higher_clock() -> None:
    learner = Learner(Ztt(), STAGE, 3)
    told = seconds(learner, 60, celsius=80.0)
    core = [int(line.split()[1].rstrip(":")) for line in told if line.startswith("cluster6")]
    assert core == sorted(core, reverse=True)
    assert all("too hot" in line for line in told)


def test_chance_ends_soon_after_training_begins() -> None:
    learner = Learner(Ztt(), STAGE, 5)
    told = seconds(learner, FIRST_TRAINING + 60)
    assert "by chance" in told[0]
    assert not any("by chance" in line for line in told[-3:] if "as learned" in told[-1])


def test_the_reward_wants_rate_then_little_power_and_no_heat() -> None:
    learner = Learner(Ztt(), STAGE, 1)
    good = Seen(1, 1, 2.0, 40.0, 10.0)
    slow, thirsty, hot = (
        good._replace(per_s=2.0),
        good._replace(watts=6.0),
        good._replace(celsius=70),
    )
    worth = [learner.reward(good, now) for now in (good, thirsty, slow, hot)]
    assert worth == sorted(worth, reverse=True)


def test_the_network_learns_which_action_pays() -> None:
    network = QNetwork(2, 3, seed=1)
    state = np.array([1.0, 0.5])
    for action, reward in ((0, 0.0), (1, 1.0), (2, -1.0)):
        network.replay.append(Step(state, action, reward, state))
    for _ in range(2000):
        network.train(0.05, 0.0, 16)
    assert network.values(state)[0] == pytest.approx([0.0, 1.0, -1.0], abs=0.15)


def test_levels_are_the_tops_of_the_thirds() -> None:
    assert [level((1, 2, 3, 4, 5, 6), number) for number in range(3)] == [2, 4, 6]
    assert [level((1,), number) for number in range(3)] == [1, 1, 1]


def test_a_stage_survives_its_way_through_json() -> None:
    again = stage_of({"stage": STAGE.as_dict()})
    assert again is not None
    assert again.as_dict() == STAGE.as_dict()
    assert stage_of({}) is None
