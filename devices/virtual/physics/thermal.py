"""Heat in a phone: one small network of heat capacities and resistances, solved exactly."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from devices.virtual.physics.numbers import Many, N

#: The silicon of all cores; the package; board; battery; skin over the chip, back, display; the GPU
#: and the radio chips, each with a heat capacity of its own.
NODES = ("die", "soc", "pcb", "bat", "spot", "back", "disp", "gpu", "modem")
DIE, SOC, PCB, BAT, SPOT, BACK, DISP, GPU, MODEM = range(len(NODES))
HEATED = (DIE, SOC, PCB, BAT, DISP, GPU, MODEM)  # where electrical power turns into heat

PerNode = tuple[N, N, N, N, N, N, N, N, N]
PerHeated = tuple[N, N, N, N, N, N, N]
Temperatures = PerNode[float]  # [°C]
Heat = PerHeated[float]  # [W]
_REMEMBERED = 64  # lengths of steps of one network; networks


@dataclass(frozen=True, slots=True)
class HeatNetwork:
    """The case of one phone: what stores heat and what conducts it."""

    capacity_j_k: tuple[float, ...]  # per node of NODES [J/K]
    links: tuple[tuple[int, int, float], ...]  # between two nodes [W/K]
    to_ambient: tuple[float, ...]  # per node of NODES [W/K]

    def loss_w(self, temps_c: PerNode[N], ambient_c: N) -> N:
        """Return the heat that leaves the case at these node temperatures [W]."""
        loss_w = ambient_c * 0.0
        for g, t in zip(self.to_ambient, temps_c, strict=True):
            if g:
                loss_w = loss_w + g * (t - ambient_c)
        return loss_w

    def stored_j(self, temps_c: Iterable[float]) -> float:
        """Return the heat stored above 0 °C [J]."""
        return sum(c * t for c, t in zip(self.capacity_j_k, temps_c, strict=True))


def network_of(capacity: Mapping[str, float], resistance: Mapping[str, float]) -> HeatNetwork:
    """Build a network from `{"die": J/K}` and `{"die-soc": K/W, "back-amb": K/W}`."""
    index = {name: i for i, name in enumerate(NODES)}
    links: list[tuple[int, int, float]] = []
    to_ambient = [0.0] * len(NODES)
    for edge, k_w in resistance.items():
        one, _, other = edge.partition("-")
        if other == "amb":
            to_ambient[index[one]] = 1.0 / k_w
        else:
            links.append((index[one], index[other], 1.0 / k_w))
    return HeatNetwork(tuple(capacity[name] for name in NODES), tuple(links), tuple(to_ambient))


class Stride(Protocol[N]):
    """Some time, and what a case makes of constant heat in it."""

    @property
    def dt_s(self) -> N:
        """How long it is [s]."""

    def lead(self, temps_c: PerNode[N], heat_w: PerHeated[N], ambient_c: N) -> PerNode[N]:
        """Return the temperatures after that time; exact, however long it is [°C]."""


@dataclass(frozen=True, slots=True)
class OneStride:
    """The stride of one phone."""

    dt_s: float
    rows: tuple[tuple[float, ...], ...]  # per node: of 9 temperatures, 7 heats, the air

    def lead(self, temps_c: Temperatures, heat_w: Heat, ambient_c: float) -> Temperatures:
        """Return the temperatures after it [°C]."""
        a, b, c, d, e, f, g, h, i = temps_c
        p, q, r, s, t, u, v = heat_w
        return tuple(  # type: ignore[return-value]  # nine rows make nine temperatures
            [
                k0 * a + k1 * b + k2 * c + k3 * d + k4 * e + k5 * f + k6 * g + k7 * h + k8 * i
                + h0 * p + h1 * q + h2 * r + h3 * s + h4 * t + h5 * u + h6 * v + w * ambient_c
                for k0, k1, k2, k3, k4, k5, k6, k7, k8, h0, h1, h2, h3, h4, h5, h6, w in self.rows
            ]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ManyStrides:
    """A stride for each of many phones of one type."""

    dt_s: Many
    rows: NDArray[np.float64]  # [9 temperatures, 7 heats, the air; node, phone]

    def lead(self, temps_c: PerNode[Many], heat_w: PerHeated[Many], ambient_c: Many) -> Any:
        """Return the temperatures after it, one row per node [°C].

        Added up in the order of one phone, and not as a product of matrices: that rounds otherwise.
        """
        columns = np.stack((*temps_c, *heat_w, ambient_c))
        return np.add.reduce(self.rows * columns[:, np.newaxis], axis=0)


class HeatFlow:
    """The solution of one network: exact steps of any length, equilibrium, time constants.

    Notes:
        C dT/dt = P - G (T - T_amb) with G symmetric. In the coordinates sqrt(C)·T the matrix
        is symmetric too, so it has real modes: exp(A dt) = D⁻¹ Q exp(-λ dt) Qᵀ D.
    """

    def __init__(self, network: HeatNetwork) -> None:
        self.network = network
        self._root_c = np.sqrt(np.array(network.capacity_j_k))
        conductance = _conductance(network)
        self._rate, self._modes = np.linalg.eigh(conductance / np.outer(self._root_c, self._root_c))
        self._strides: dict[float, OneStride] = {}

    @property
    def time_constants_s(self) -> tuple[float, ...]:
        """The time constants of the modes, shortest first [s]."""
        return tuple(sorted(float(1.0 / rate) for rate in self._rate))

    def equilibrium(self, heat_w: Heat, ambient_c: float) -> Temperatures:
        """Return the temperatures that this constant heat leads to [°C]."""
        rise = self._response(1.0 / self._rate)[:, HEATED] @ np.array(heat_w)
        return _as_temperatures(rise + ambient_c)

    def step(
        self, temps_c: Temperatures, heat_w: Heat, ambient_c: float, dt_s: float
    ) -> Temperatures:
        """Return the temperatures after `dt_s` of constant heat [°C]."""
        return self.stride(dt_s).lead(temps_c, heat_w, ambient_c)

    def stride(self, dt_s: float) -> OneStride:
        """Return what the case makes of heat in some time."""
        return self._strides.get(dt_s) or self._prepare(dt_s)

    def strides(self, dts_s: Many) -> ManyStrides:
        """Return what as many cases make of heat in a time of their own."""
        each = [self.stride(dt_s).rows for dt_s in cast(list[float], dts_s.tolist())]
        return ManyStrides(dts_s, np.ascontiguousarray(np.array(each).transpose(2, 1, 0)))

    def _prepare(self, dt_s: float) -> OneStride:
        """Remember the stride of one length."""
        decay = np.exp(-self._rate * dt_s)
        keep = self._modes * decay @ self._modes.T
        keep = keep * self._root_c[None, :] / self._root_c[:, None]
        gain = self._response((1.0 - decay) / self._rate)[:, HEATED]
        drift = 1.0 - keep.sum(axis=1)
        rows = np.column_stack([keep, gain, drift])
        if len(self._strides) >= _REMEMBERED:
            self._strides.clear()  # settings that change at odd instants make ever new lengths
        self._strides[dt_s] = OneStride(dt_s, tuple(tuple(map(float, row)) for row in rows))
        return self._strides[dt_s]

    def _response(self, per_mode: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the temperature rise per watt at each node for weights per mode [K/W]."""
        response: NDArray[np.float64] = (
            self._modes * per_mode @ self._modes.T / np.outer(self._root_c, self._root_c)
        )
        return response


@lru_cache(maxsize=_REMEMBERED)
def flow_of(network: HeatNetwork) -> HeatFlow:
    """Return the solution of a network, which all phones of a model share."""
    return HeatFlow(network)


def _conductance(network: HeatNetwork) -> NDArray[np.float64]:
    matrix = np.diag(np.array(network.to_ambient, dtype=float))
    for i, j, g in network.links:
        matrix[i, i] += g
        matrix[j, j] += g
        matrix[i, j] -= g
        matrix[j, i] -= g
    return matrix


def _as_temperatures(values: NDArray[np.float64]) -> Temperatures:
    if not all(map(math.isfinite, values)):
        raise ValueError("the heat network has a node that nothing connects to the air")
    return tuple(map(float, values))  # type: ignore[return-value]
