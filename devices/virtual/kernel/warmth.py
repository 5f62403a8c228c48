"""The heat in one phone's case, and the account of where it came from and went."""

from typing import NamedTuple

from devices.virtual.kernel.spec import Heat as HeatSpec
from devices.virtual.physics.numbers import N, total
from devices.virtual.physics.thermal import (
    NODES,
    Heat,
    HeatNetwork,
    PerHeated,
    PerNode,
    Temperatures,
    flow_of,
    network_of,
)


class Warm(NamedTuple):
    """How warm a case is, and what has flowed in and out of it since boot."""

    temps_c: Temperatures
    in_j: float
    lost_j: float


def gained_j(heat_w: PerHeated[N], dt_s: N) -> N:
    """Return the heat that flows into a case [J]."""
    return total(heat_w) * dt_s


def lost_j(
    network: HeatNetwork, before_c: PerNode[N], after_c: PerNode[N], ambient_c: N, dt_s: N
) -> N:
    """Return the heat that flows out of a case between two states [J]."""
    loss_w = network.loss_w(before_c, ambient_c) + network.loss_w(after_c, ambient_c)
    return 0.5 * loss_w * dt_s


class Warmth:
    """One case; phones of a model share the solved network."""

    def __init__(self, spec: HeatSpec) -> None:
        self.flow = flow_of(network_of(spec.capacity_j_k, spec.resistance_k_w))
        temps_c: Temperatures = (30.0,) * len(NODES)  # type: ignore[assignment]
        self.now = Warm(temps_c, 0.0, 0.0)
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
        temps_c = self.flow.step(self.temps_c, heat_w, ambient_c, dt_s)
        self.now = self.after(temps_c, heat_w, ambient_c, dt_s)

    def after(self, temps_c: Temperatures, heat_w: Heat, ambient_c: float, dt_s: float) -> Warm:
        """Return the account of a while of constant heat that has led to these temperatures."""
        lost = lost_j(self.flow.network, self.temps_c, temps_c, ambient_c, dt_s)
        return Warm(temps_c, self.now.in_j + gained_j(heat_w, dt_s), self.now.lost_j + lost)

    def account(self) -> dict[str, object]:
        """Return temperatures [°C] and heat in, lost, stored since boot [J]."""
        stored_j = self.flow.network.stored_j(self.temps_c) - self._start_j
        return {
            "nodes_c": self.temps_c,
            "heat_in_j": self.now.in_j,
            "heat_lost_j": self.now.lost_j,
            "heat_stored_j": stored_j,
        }
