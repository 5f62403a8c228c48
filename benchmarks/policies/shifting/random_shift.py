"""Shifting at random: does the moment matter, or only the mix?"""

from random import Random
from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.policies.base import Action, Controller, Observation, Task
from benchmarks.policies.shifting.base import Ladder, ShiftingPolicy
from devices.profile import DeviceProfile


class RandomShift(ShiftingPolicy):
    """Runs the largest variant in a given share of blocks of time, at random."""

    why: ClassVar[str] = (
        "Give it the share of large inferences that another policy reached: if it is as fast and "
        "as cool, the other policy's timing was worth nothing. It draws per block of time, not "
        "per inference, because a host decides about once a second and a shift may cost one."
    )
    kind: Literal["random_shift"] = "random_shift"
    p_large: float = Field(0.42, ge=0, le=1, description="Share of the largest variant. [1]")
    block_s: float = Field(10.0, ge=1, le=600, description="How long each draw holds. [s]")

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return a controller whose draws follow from the run's seed."""
        return _Controller(self, Ladder(self, task), Random(task.seed))


class _Controller:
    def __init__(self, spec: RandomShift, ladder: Ladder, chance: Random) -> None:
        self._spec, self._ladder, self._chance = spec, ladder, chance
        self._due_s = spec.block_s

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Draw once per block."""
        self._ladder.learn(seen)
        if seen.t_s < self._due_s:
            return ()
        self._due_s += self._spec.block_s
        is_large = self._chance.random() < self._spec.p_large
        wanted = 0 if is_large else len(self._ladder.rungs) - 1
        if wanted == self._ladder.place(seen):
            return ()
        return self._ladder.shift(wanted, f"drawn with p = {self._spec.p_large:g}")
