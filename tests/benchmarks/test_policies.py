"""Policies decide from observations; actions become the agent's words."""

import pytest

from benchmarks.commands import command_of
from benchmarks.policies import POLICIES
from benchmarks.policies.base import (
    Action,
    Idle,
    Observation,
    PolicySpec,
    SetFreq,
    SetShare,
    SetSplit,
    SetVariant,
    Task,
)
from devices.profile import DeviceKind, DeviceProfile

PROFILE = DeviceProfile(serial="x", kind=DeviceKind.PHONE)
TASK = Task(benchmark="shifting", variants=("large", "small"))
HOT = Observation(t_s=600.0, newest={"zone.soc.temperature": 95.0}, variant="large", finished=7)


def test_stock_leaves_the_phone_as_it_is_however_hot() -> None:
    assert POLICIES["stock"]().start(PROFILE, TASK).decide(HOT) == ()


@pytest.mark.parametrize("spec", POLICIES.values())
def test_a_policy_is_what_it_is_asked_for_again(spec: type[PolicySpec]) -> None:
    asked = spec()
    assert spec.model_validate(asked.model_dump(mode="json")) == asked


@pytest.mark.parametrize(
    ("action", "command"),
    [
        (SetVariant("small", "hot"), ("set", {"lane": 0, "model": "small"})),
        (Idle(0.05, "hot"), ("set", {"lane": 0, "idle_us": 50_000})),
        (SetShare(1, 0.25, "fair"), ("set", {"lane": 1, "share_pm": 250})),
        (SetSplit("blk3", "slow"), ("set", {"lane": 0, "cut": "blk3", "back": ""})),
        (
            SetSplit("latent", "slow", back="step3"),
            ("set", {"lane": 0, "cut": "latent", "back": "step3"}),
        ),
        (
            SetFreq("cluster4.max_khz", 1_600_000, "hot"),
            ("knob", {"set": [{"k": "cluster4.max_khz", "v": 1_600_000}]}),
        ),
    ],
)
def test_every_action_has_a_word_of_the_agent(
    action: Action, command: tuple[str, dict[str, object]]
) -> None:
    assert command_of(action) == command
