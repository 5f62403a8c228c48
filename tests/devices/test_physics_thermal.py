"""What the heat network promises: it obeys theory, and the published open-loop figures."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import expm

from devices.virtual.physics.thermal import (
    DISP,
    HEATED,
    NODES,
    SPOT,
    Heat,
    HeatFlow,
    HeatNetwork,
    Temperatures,
    network_of,
)


def everywhere(celsius: float) -> Temperatures:
    return (celsius,) * len(NODES)  # type: ignore[return-value]


COLD = everywhere(25.0)
#: GPU and modem, which the published sets do not have: too small to change anything.
TINY_J_K = {"gpu": 0.01, "modem": 0.01}
TINY_K_W = {"gpu-soc": 1.0, "modem-pcb": 1.0}
SPREAD = network_of(
    {"die": 0.15, "soc": 7, "pcb": 35, "bat": 52, "spot": 10, "back": 28, "disp": 40, **TINY_J_K},
    {
        "die-soc": 3, "soc-pcb": 4, "pcb-bat": 2.1, "pcb-spot": 2.5, "spot-back": 2.5,
        "bat-back": 1.5, "pcb-disp": 2, "back-amb": 8.5, "disp-amb": 9, "spot-amb": 120, **TINY_K_W,
    },
)  # fmt: skip
HOT_SPOT = network_of(
    {"die": 0.15, "soc": 6, "pcb": 25, "bat": 50, "spot": 8, "back": 26, "disp": 38, **TINY_J_K},
    {
        "die-soc": 3, "soc-pcb": 5, "soc-spot": 6, "pcb-bat": 2.1, "pcb-spot": 5,
        "spot-back": 3.5, "bat-back": 1.5, "pcb-disp": 2.5, "back-amb": 8.5, "disp-amb": 9,
        "spot-amb": 120, **TINY_K_W,
    },
)  # fmt: skip


def chip(watts: float) -> Heat:
    """A chip under constant power and half a watt on the board."""
    return (watts, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0)


def test_one_node_follows_the_textbook_exponential() -> None:
    alone = HeatNetwork((40.0,) * 9, (), (0.1,) * 9)
    heat = (0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0)
    temps = HeatFlow(alone).step(everywhere(22.0), heat, 22.0, 250.0)
    expected = 22.0 + 3.0 / 0.1 * (1.0 - math.exp(-250.0 * 0.1 / 40.0))
    assert temps[DISP] == pytest.approx(expected, abs=1e-9)
    assert temps[SPOT] == pytest.approx(22.0, abs=1e-9)


def test_many_short_steps_are_one_long_step() -> None:
    flow = HeatFlow(SPREAD)
    temps = COLD
    for _ in range(1000):
        temps = flow.step(temps, chip(4.0), 25.0, 0.01)
    assert_allclose(temps, flow.step(COLD, chip(4.0), 25.0, 10.0), atol=1e-9)


def test_a_second_formulation_agrees() -> None:
    """The matrix exponential of the augmented system, without modes."""
    network = HOT_SPOT
    count = len(NODES)
    a = np.zeros((count, count))
    for i, j, g in network.links:
        a[i, j] += g
        a[j, i] += g
    a -= np.diag(a.sum(axis=1) + np.array(network.to_ambient))
    c = np.array(network.capacity_j_k)[:, None]
    b = np.zeros((count, len(HEATED)))
    b[list(HEATED), range(len(HEATED))] = 1.0
    augmented = np.zeros((count + len(HEATED) + 1, count + len(HEATED) + 1))
    augmented[:count] = np.hstack([a, b, np.array(network.to_ambient)[:, None]]) / c
    start = np.concatenate([np.linspace(30.0, 60.0, count), chip(5.0), [22.0]])
    expected = (expm(augmented * 7.3) @ start)[:count]
    got = HeatFlow(network).step(
        tuple(np.linspace(30.0, 60.0, count)), chip(5.0), 22.0, 7.3
    )  # fmt: skip
    assert_allclose(got, expected, atol=1e-9)


def test_at_equilibrium_as_much_heat_leaves_as_comes() -> None:
    temps = HeatFlow(SPREAD).equilibrium(chip(4.0), 25.0)
    assert SPREAD.loss_w(temps, 25.0) == pytest.approx(4.5, rel=1e-9)


@pytest.mark.parametrize(
    ("network", "watts", "seconds"),
    [
        (SPREAD, 4.0, (880, 1147, 1558, 2500)),
        (SPREAD, 6.0, (505, 607, 725, 864)),
        (SPREAD, 8.0, (362, 425, 494, 570)),
        (HOT_SPOT, 4.0, (516, 667, 862, 1135)),
        (HOT_SPOT, 6.0, (267, 336, 412, 498)),
        (HOT_SPOT, 8.0, (165, 209, 257, 308)),
    ],
)
def test_the_spot_warms_as_the_published_sets_do(
    network: HeatNetwork, watts: float, seconds: tuple[int, ...]
) -> None:
    flow, temps, t_s, reached = HeatFlow(network), COLD, 0.0, []
    for threshold_c in (39.0, 41.0, 43.0, 45.0):
        while temps[SPOT] < threshold_c:
            temps = flow.step(temps, chip(watts), 25.0, 0.5)
            t_s += 0.5
        reached.append(t_s)
    assert_allclose(reached, seconds, rtol=0.02)


def test_the_steady_state_of_set_a_is_the_published_one() -> None:
    temps = HeatFlow(SPREAD).equilibrium(chip(4.0), 25.0)
    assert_allclose(temps[:7], (76.4, 64.4, 48.4, 45.7, 45.8, 43.7, 44.2), atol=0.1)


def test_a_phone_has_at_least_three_time_constants_far_apart() -> None:
    taus = HeatFlow(HOT_SPOT).time_constants_s[2:]
    assert_allclose(taus, (0.44, 9.7, 13.4, 22, 29.5, 84, 687), rtol=0.03)


def test_a_node_that_nothing_connects_to_the_air_is_refused() -> None:
    flow = HeatFlow(network_of(dict.fromkeys(NODES, 1.0), {"die-soc": 1.0, "back-amb": 9.0}))
    with pytest.raises(ValueError, match="air"), np.errstate(all="ignore"):
        flow.equilibrium(chip(1.0), 25.0)
