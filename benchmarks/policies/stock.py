"""The do-nothing policy: the reference that every comparison needs first."""

from typing import ClassVar, Literal

from benchmarks.policies.base import Action, Controller, Observation, Place, PolicySpec, Task
from devices.profile import DeviceProfile


class Stock(PolicySpec):
    """Leaves the phone to its own governors."""

    places: ClassVar[frozenset[Place]] = frozenset()
    kind: Literal["stock"] = "stock"
    why: ClassVar[str] = (
        "Every claim that a policy helps is a claim against what the phone does by itself. With "
        "several variants it runs the first, most accurate one and nothing else: the baseline that "
        "most papers call 'alone' or 'default'."
    )

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return the spec itself: there is nothing to remember."""
        return self

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Change nothing, whatever is seen."""
        return ()
