"""The small variant alone: the coolest and least accurate end of what shifting can reach."""

from typing import ClassVar, Literal

from benchmarks.policies.base import Action, Controller, Observation, Task
from benchmarks.policies.shifting.base import Ladder, ShiftingPolicy
from devices.profile import DeviceProfile

LEARN_S = 10.0  # of the large variant, to know the period that is filled up to


class SmallAlone(ShiftingPolicy):
    """Runs the smallest variant, at the pace of the largest."""

    why: ClassVar[str] = (
        "A bound from below on heat and accuracy. If the phone throttles even so, no shifting "
        "will help it; if it stays nearly as cool with the large variant, none is needed. Without "
        "a given period the large variant runs for ten seconds first, to learn its pace."
    )
    kind: Literal["small_alone"] = "small_alone"

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return a controller that shifts once."""
        return _Controller(Ladder(self, task), needs_pace=self.idle_fill)


class _Controller:
    def __init__(self, ladder: Ladder, *, needs_pace: bool) -> None:
        self._ladder = ladder
        self._needs_pace = needs_pace

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Shift to the smallest variant as soon as the pace is known."""
        self._ladder.learn(seen)
        is_ready = not self._needs_pace or self._ladder.is_given or seen.t_s >= LEARN_S
        if self._ladder.place(seen) != 0 or not is_ready:
            return ()
        return self._ladder.shift(len(self._ladder.rungs) - 1, "small alone")
