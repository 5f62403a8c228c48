"""Heat: step responses and steady states of two published networks, and a logged phone."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from devices.virtual.physics.thermal import (
    NODES,
    PCB,
    SPOT,
    Heat,
    HeatFlow,
    HeatNetwork,
    Temperatures,
    network_of,
)
from devices.virtual.validate.published import load
from devices.virtual.validate.rows import Row, around, within

GROUP = "heat"
_COLD_C = 25.0
_BOARD_W = 0.5
_STEP_S = 0.5
_TARGETS_C = (39.0, 41.0, 43.0, 45.0)
#: The parts that the published networks do not have, so small that they change nothing.
_TINY_J_K = {"gpu": 0.01, "modem": 0.01}
_TINY_K_W = {"gpu-soc": 1.0, "modem-pcb": 1.0}


def compare() -> Iterator[Row]:
    """Yield every row of the group."""
    facts = load("heat.toml")
    for one in facts["sets"]:
        flow = published_flow(one)
        yield from _responses(one, flow, facts)
        yield from _steady(one, flow, facts)
    yield _replay(facts["replay"])


def published_flow(one: dict[str, Any]) -> HeatFlow:
    """Return the solution of one published network."""
    capacity, resistance = one["capacity_j_k"] | _TINY_J_K, one["resistance_k_w"] | _TINY_K_W
    return HeatFlow(network_of(capacity, resistance))


def chip(watts: float, board_w: float = _BOARD_W) -> Heat:
    """Return the heat of a chip and a board at constant power [W]."""
    return (watts, 0.0, board_w, 0.0, 0.0, 0.0, 0.0)


def everywhere(celsius: float) -> Temperatures:
    """Return a case that is as warm everywhere [°C]."""
    return (celsius,) * len(NODES)  # type: ignore[return-value]


def _responses(one: dict[str, Any], flow: HeatFlow, facts: dict[str, Any]) -> Iterator[Row]:
    for case, expected in one["expected"]["reach_s"].items():
        watts, _, warm = case.partition(" W")
        start = everywhere(_COLD_C)
        if warm:
            start = flow.equilibrium(chip(1.2), _COLD_C)
        for target_c, published, ours in zip(
            _TARGETS_C, expected, _reach(flow, start, chip(float(watts))), strict=True
        ):
            yield Row(
                GROUP, f"set {one['name']}, {case}: spot reaches {target_c:g} °C", published, ours,
                "s", within(published, facts["accept_time"]), "predicted", facts["source"],
            )  # fmt: skip


def _reach(flow: HeatFlow, start: Temperatures, heat: Heat) -> list[float]:
    temps, t_s, reached = start, 0.0, []
    for target_c in _TARGETS_C:
        while temps[SPOT] < target_c and t_s < 1e4:
            temps = flow.step(temps, heat, _COLD_C, _STEP_S)
            t_s += _STEP_S
        reached.append(t_s)
    return reached


def _steady(one: dict[str, Any], flow: HeatFlow, facts: dict[str, Any]) -> Iterator[Row]:
    expected = one["expected"]
    temps = flow.equilibrium(chip(4.0), _COLD_C)
    for name, published, ours in zip(NODES, expected["steady_4w_c"], temps, strict=False):
        yield Row(
            GROUP, f"set {one['name']}, 4 W for ever: {name}", published, ours, "°C",
            around(published, facts["accept_steady_k"]), "predicted", facts["source"],
        )  # fmt: skip
    slowest_s = expected["time_constants_s"][-1]
    yield Row(
        GROUP, f"set {one['name']}: slowest time constant", slowest_s, flow.time_constants_s[-1],
        "s", within(slowest_s, facts["accept_time"]), "predicted", facts["source"],
    )  # fmt: skip
    for ambient, watts in expected["sustained_w"].items():
        for target_c, published in zip(_TARGETS_C[1:], watts, strict=True):
            ours = _sustained_w(flow, target_c, float(ambient))
            yield Row(
                GROUP, f"set {one['name']}, {ambient} °C air: chip power for {target_c:g} °C",
                published, ours, "W", within(published, facts["accept_time"]), "predicted",
                facts["source"],
            )  # fmt: skip


def _sustained_w(flow: HeatFlow, target_c: float, ambient_c: float) -> float:
    """Return the chip power whose steady state holds the spot at `target_c`; it is linear [W]."""
    at_0, at_1 = (flow.equilibrium(chip(w), ambient_c)[SPOT] for w in (0.0, 1.0))
    return (target_c - at_0) / (at_1 - at_0)


def _replay(facts: dict[str, Any]) -> Row:
    """Feed the logged power to the board, with the logged battery as its only neighbor."""
    capacity = [1.0] * len(NODES)
    to_battery = [1.0] * len(NODES)
    capacity[PCB] = facts["board_j_k"]
    to_battery[PCB] = 1.0 / facts["board_battery_k_w"]
    flow = HeatFlow(HeatNetwork(tuple(capacity), (), tuple(to_battery)))
    temps = everywhere(facts["rows"][0][3])
    squares = []
    for (t0, w0, b0, _), (t1, w1, b1, board_c) in pairwise(facts["rows"]):
        for second in range(t0, t1):
            share = (second + 0.5 - t0) / (t1 - t0)
            watts, battery_c = w0 + (w1 - w0) * share, b0 + (b1 - b0) * share
            temps = flow.step(temps, chip(0.0, watts), battery_c, 1.0)
        squares.append((temps[PCB] - board_c) ** 2)
    rms_k = math.sqrt(sum(squares) / len(squares))
    accept = (0.0, facts["accept_rms_k"])
    return Row(GROUP, "replay: rms of the board", None, rms_k, "K", accept, "fitted",
               facts["source"])  # fmt: skip
