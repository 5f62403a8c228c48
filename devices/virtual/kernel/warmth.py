"""The heat in one phone's case, and the account of where it came from and went."""

from devices.virtual.kernel.spec import Heat as HeatSpec
from devices.virtual.physics.thermal import NODES, Heat, HeatFlow, Temperatures, network_of


class Warmth:
    """Node temperatures that follow the power; copies share the solved network."""

    def __init__(self, spec: HeatSpec) -> None:
        self.flow = HeatFlow(network_of(spec.capacity_j_k, spec.resistance_k_w))
        self.temps_c: Temperatures = (30.0,) * len(NODES)  # type: ignore[assignment]
        self._in_j = 0.0
        self._lost_j = 0.0
        self._start_j = 0.0

    def settle(self, heat_w: Heat, ambient_c: float) -> None:
        """Jump to the equilibrium of this heat and open the account."""
        self.temps_c = self.flow.equilibrium(heat_w, ambient_c)
        self._start_j = self.flow.network.stored_j(self.temps_c)

    def run(self, heat_w: Heat, ambient_c: float, dt_s: float) -> None:
        """Follow constant heat for a while."""
        before, network = self.temps_c, self.flow.network
        self.temps_c = self.flow.step(before, heat_w, ambient_c, dt_s)
        self._in_j += sum(heat_w) * dt_s
        loss_w = network.loss_w(before, ambient_c) + network.loss_w(self.temps_c, ambient_c)
        self._lost_j += 0.5 * loss_w * dt_s

    def account(self) -> dict[str, object]:
        """Return temperatures [°C] and heat in, lost, stored since boot [J]."""
        stored_j = self.flow.network.stored_j(self.temps_c) - self._start_j
        return {
            "nodes_c": self.temps_c,
            "heat_in_j": self._in_j,
            "heat_lost_j": self._lost_j,
            "heat_stored_j": stored_j,
        }
