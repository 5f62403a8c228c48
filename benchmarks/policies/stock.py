"""The do-nothing policy: the reference that every comparison needs first."""

from typing import Literal

from benchmarks.policies.base import Action, Controller, Observation, PolicySpec
from devices.profile import DeviceProfile


class Stock(PolicySpec):
    """Leaves the phone to its own governors."""

    kind: Literal["stock"] = "stock"

    def start(self, profile: DeviceProfile) -> Controller:
        """Return the spec itself: there is nothing to remember."""
        return self

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Change nothing, whatever is seen."""
        return ()
