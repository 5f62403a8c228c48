"""The heat in one phone's case, and the account of where it came from and went."""

from typing import Generic, NamedTuple

from devices.virtual.kernel.spec import Heat as HeatSpec
from devices.virtual.physics.numbers import N, total
from devices.virtual.physics.thermal import (
    NODES,
    Heat,
    HeatFlow,
    PerHeated,
    PerNode,
    Temperatures,
    flow_of,
    network_of,
)


class Warm(NamedTuple, Generic[N]):
    """How warm a case is, and what has flowed in and out of it since boot."""

    temps_c: PerNode[N]
    in_j: N
    lost_j: N


def warmed(
    flow: HeatFlow, warm: Warm[N], heat_w: PerHeated[N], ambient_c: N, dt_s: float
) -> Warm[N]:
    """Return what constant heat makes of a case in a while."""
    temps_c = flow.step(warm.temps_c, heat_w, ambient_c, dt_s)
    network = flow.network
    loss_w = network.loss_w(warm.temps_c, ambient_c) + network.loss_w(temps_c, ambient_c)
    return Warm(temps_c, warm.in_j + total(heat_w) * dt_s, warm.lost_j + 0.5 * loss_w * dt_s)


class Warmth:
    """One case; phones of a model share the solved network."""

    def __init__(self, spec: HeatSpec) -> None:
        self.flow = flow_of(network_of(spec.capacity_j_k, spec.resistance_k_w))
        temps_c: Temperatures = (30.0,) * len(NODES)  # type: ignore[assignment]
        self.now: Warm[float] = Warm(temps_c, 0.0, 0.0)
        self._start_j = 0.0

    @property
    def temps_c(self) -> Temperatures:
        """The temperatures of the nodes [°C]."""
        return self.now.temps_c

    def settle(self, heat_w: Heat, ambient_c: float) -> None:
        """Jump to the equilibrium of this heat and open the account."""
        self.now = Warm(self.flow.equilibrium(heat_w, ambient_c), 0.0, 0.0)
        self._start_j = self.flow.network.stored_j(self.temps_c)

    def run(self, heat_w: Heat, ambient_c: float, dt_s: float) -> None:
        """Follow constant heat for a while."""
        self.now = warmed(self.flow, self.now, heat_w, ambient_c, dt_s)

    def account(self) -> dict[str, object]:
        """Return temperatures [°C] and heat in, lost, stored since boot [J]."""
        stored_j = self.flow.network.stored_j(self.temps_c) - self._start_j
        return {
            "nodes_c": self.temps_c,
            "heat_in_j": self.now.in_j,
            "heat_lost_j": self.now.lost_j,
            "heat_stored_j": stored_j,
        }
