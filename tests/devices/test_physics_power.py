"""What power, battery and noise promise."""

from itertools import pairwise

import pytest

from devices.virtual.catalog import load
from devices.virtual.physics.battery import Battery, discharge, open_circuit_v
from devices.virtual.physics.noise import normal, seed_of
from devices.virtual.physics.power import ClusterPower, dynamic_w, leakage_by_voltage


@pytest.mark.parametrize(
    ("phone", "cluster", "coefficient", "scale", "floor_mw"),
    [
        ("galaxy-s20-fe", "big", 379, 0.86, 46),
        ("galaxy-s20-fe", "prime", 444, 0.91, 59),
        ("pixel-4", "big", 369, 0.86, 50),
        ("pixel-4", "prime", 421, 0.86, 67),
    ],
)
def test_c_v2_f_explains_the_measured_tables_of_big_cores(
    phone: str, cluster: str, coefficient: float, scale: float, floor_mw: float
) -> None:
    spec = next(c for c in load(phone).clusters if c.name == cluster)
    for khz, uv, mw in (opp for opp in spec.opps if len(opp) == 3):
        modelled = 1000 * dynamic_w(coefficient, scale, khz, uv) + floor_mw
        assert modelled == pytest.approx(mw, rel=0.065), f"{khz} kHz"


def test_leakage_falls_with_voltage_as_published() -> None:
    watts = leakage_by_voltage(1.0, [600_000, 700_000, 800_000, 900_000])
    assert watts == pytest.approx((0.34, 0.49, 0.69, 1.0), abs=0.01)


def test_a_hotter_cluster_draws_more_and_runs_away_no_further_than_125_degrees() -> None:
    power = ClusterPower(core_w=(1.0,), leak_w=(0.5,), awake_w=0.1)
    cool, warm = (power.power_w(0, 2.0, 1.0, celsius) for celsius in (40.0, 90.0))
    assert cool == pytest.approx(2.1)
    assert warm - cool == pytest.approx(0.5 * 0.012 * 50.0)
    assert power.power_w(0, 2.0, 1.0, 400.0) == power.power_w(0, 2.0, 1.0, 125.0)


def test_a_sleeping_cluster_draws_nothing() -> None:
    assert ClusterPower((1.0,), (0.5,), 0.1).power_w(0, 0.0, 0.0, 90.0) == 0.0


def test_the_battery_delivers_the_power_asked_for() -> None:
    battery = Battery(capacity_ah=4.0, resistance_ohm=0.12)
    current_a, voltage_v = discharge(battery, 0.5, 5.0)
    assert current_a * voltage_v == pytest.approx(5.0)
    assert open_circuit_v(0.5) - voltage_v == pytest.approx(current_a * 0.12)


def test_charging_raises_the_terminal_voltage() -> None:
    current_a, voltage_v = discharge(Battery(4.0, 0.12), 0.5, -10.0)
    assert current_a < 0
    assert voltage_v > open_circuit_v(0.5)


def test_noise_is_a_pure_function_with_the_moments_of_a_normal() -> None:
    seed = seed_of("zone", 7)
    draws = [normal(seed, i) for i in range(20_000)]
    mean = sum(draws) / len(draws)
    assert mean == pytest.approx(0.0, abs=0.03)
    assert sum((x - mean) ** 2 for x in draws) / len(draws) == pytest.approx(1.0, abs=0.03)
    assert draws[123] == normal(seed, 123)
    neighbors = sum(a * b for a, b in pairwise(draws)) / len(draws)
    assert neighbors == pytest.approx(0.0, abs=0.03)
