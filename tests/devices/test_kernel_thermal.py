"""What the thermal layers promise: the kernel's rule to the letter, the vendors' by their files."""

import math

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.chip import Chip
from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.pid import Pid
from devices.virtual.kernel.spec import CapRule, PidRule, StepRule
from devices.virtual.kernel.thermal import Bound, CoolingDevice, StepWise
from devices.virtual.kernel.vendor import Caps, Steps
from devices.virtual.physics.thermal import NODES, SPOT, HeatFlow, Temperatures, network_of

NINE_CLOCKS = tuple(range(200_000, 2_000_000, 200_000))


def device(khz: tuple[int, ...] = NINE_CLOCKS) -> CoolingDevice:
    return CoolingDevice("thermal-cpufreq-0", Policy((0, 1), khz, "performance"))


def states(trips: tuple[float, ...], celsius: str) -> list[int]:
    cooler = device()
    zone = StepWise([Bound(trip, (cooler,)) for trip in trips])
    seen = []
    for value in celsius.split():
        zone.update(float(value))
        seen.append(cooler.state)
    return seen


def test_step_wise_with_one_trip_follows_the_kernel() -> None:
    seen = states((90.0,), "85 89 90.5 91.5 91.5 92.5 91 90.2 89.5 89 89 88 87 86")
    assert seen == [0, 0, 1, 2, 2, 3, 3, 3, 2, 1, 1, 0, 0, 0]


def test_step_wise_with_two_trips_climbs_twice_per_update() -> None:
    seen = states((90.0, 95.0), "88 91 93 95.5 96 96.5 94 92 89 88 87 86 85 84 83")
    assert seen == [0, 1, 2, 4, 6, 8, 7, 7, 6, 5, 4, 3, 2, 1, 0]


def test_the_deepest_wish_wins_and_caps_the_clock() -> None:
    cooler = device()
    cooler.vote("kernel", 2)
    cooler.vote("vendor", 5)
    assert (cooler.state, cooler.policy.limit) == (5, 800_000)
    cooler.vote("vendor", None)
    assert (cooler.state, cooler.policy.limit) == (2, 1_400_000)


def test_a_cap_holds_between_its_two_thresholds() -> None:
    cooler = device()
    rule = Caps((CapRule(on_c=52.7, off_c=45.5, caps_khz={"big": 1_000_000}),), {"big": cooler})
    seen = []
    for celsius in (50.0, 52.7, 52.8, 49.0, 45.5, 45.4, 50.0):
        rule.update(celsius)
        seen.append(cooler.policy.limit == 1_000_000)
    assert seen == [False, False, True, True, True, False, False]


def test_the_hottest_rung_of_a_ladder_decides() -> None:
    cooler = device()
    ladder = (
        CapRule(on_c=40.0, off_c=38.0, caps_khz={"big": 1_400_000}),
        CapRule(on_c=45.0, off_c=43.0, caps_khz={"big": 600_000}),
    )
    rule = Caps(ladder, {"big": cooler})
    seen = []
    for celsius in (41.0, 46.0, 44.0, 42.0, 37.0):
        rule.update(celsius)
        seen.append(cooler.policy.limit)
    assert seen == [1_400_000, 600_000, 600_000, 1_400_000, 1_800_000]


def test_steps_lower_one_clock_per_poll_to_their_floor() -> None:
    cooler = device()
    rule = Steps(StepRule(on_c=43.0, off_c=42.0, cluster="big", floor_khz=1_200_000), cooler)
    seen = []
    for celsius in (43.5, 43.5, 43.5, 43.5, 42.5, 41.9, 41.9, 41.9):
        rule.update(celsius)
        seen.append(cooler.state)
    assert seen == [1, 2, 3, 3, 3, 2, 1, 0]


def pixel_rule() -> PidRule:
    vendor = load("pixel-6").vendor
    assert vendor is not None
    assert vendor.pid is not None
    return vendor.pid


def pixel_coolers(chip: Chip) -> dict[str, CoolingDevice]:
    return {
        name: CoolingDevice(name, policy)
        for name, policy in zip(chip.names, chip.policies, strict=True)
    }


def test_the_budget_at_the_first_threshold_is_shared_in_equal_parts() -> None:
    """At 37 °C: 800 + 400·4 = 2400 mW, 800 mW for each cluster, reached one state per poll."""
    coolers = pixel_coolers(Chip(load("pixel-6"), 0))
    rule = Pid(pixel_rule(), coolers)
    rule.update(37.0)
    assert {name: cooler.state for name, cooler in coolers.items()} == {
        "little": 0,
        "mid": 1,
        "big": 1,
    }
    for _ in range(15):
        rule.update(37.0)
    assert {name: cooler.state for name, cooler in coolers.items()} == {
        "little": 0,
        "mid": 3,
        "big": 12,
    }
    rule.update(30.0)
    assert coolers["big"].state == 11


SPREAD = {
    "die-soc": 3, "soc-pcb": 4, "pcb-bat": 2.1, "pcb-spot": 2.5, "spot-back": 2.5,
    "bat-back": 1.5, "pcb-disp": 2, "back-amb": 8.5, "disp-amb": 9, "spot-amb": 120,
    "gpu-soc": 1.0, "modem-pcb": 1.0,
}  # fmt: skip
CAPACITY = {
    "die": 0.15, "soc": 7, "pcb": 35, "bat": 52, "spot": 10, "back": 28, "disp": 40,
    "gpu": 0.01, "modem": 0.01,
}  # fmt: skip


@pytest.mark.parametrize(
    ("ambient_c", "first_s", "chip_w", "skin_c", "mid", "big"),
    [(25.0, 458, 1.89, 36.1, 0.89, 0.51), (30.0, 246, 1.33, 38.5, 0.74, 0.39)],
)
def test_the_pixel_loop_settles_where_the_published_check_does(
    ambient_c: float, first_s: float, chip_w: float, skin_c: float, mid: float, big: float
) -> None:
    """Two X1 and two A76 busy, 0.9 W for memory at full rate, 0.5 W on the board, polls of 7 s."""
    chip = Chip(load("pixel-6"), 0)
    rule = Pid(pixel_rule(), pixel_coolers(chip))
    flow = HeatFlow(network_of(CAPACITY, SPREAD))
    temps: Temperatures = (ambient_c,) * len(NODES)  # type: ignore[assignment]
    reached_s = math.inf
    late: list[tuple[float, ...]] = []
    for t_s in range(1800):
        if t_s % 7 == 0:
            rule.update(temps[SPOT])
        points = [policy.cap_point for policy in chip.policies]
        ratios = [p.khz[i] / p.khz[-1] for p, i in zip(chip.policies, points, strict=True)]
        throughput = (9.29 * 2802 * ratios[2] + 7.75 * 2253 * ratios[1]) / (
            9.29 * 2802 + 7.75 * 2253
        )
        cores_w = 2 * chip.power[1].core_w[points[1]] + 2 * chip.power[2].core_w[points[2]]
        watts = 1.3 * cores_w + 0.9 * throughput
        temps = flow.step(temps, (watts, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0), ambient_c, 1.0)
        if temps[SPOT] >= 37.0:
            reached_s = min(reached_s, t_s)
        if t_s >= 1500:
            late.append((watts, temps[SPOT], ratios[1], ratios[2]))
    means = [sum(column) / len(late) for column in zip(*late, strict=True)]
    assert reached_s == pytest.approx(first_s, rel=0.1)
    assert means[0] == pytest.approx(chip_w, rel=0.1)
    assert means[1] == pytest.approx(skin_c, abs=0.5)
    assert means[2] == pytest.approx(mid, abs=0.05)
    assert means[3] == pytest.approx(big, abs=0.05)
