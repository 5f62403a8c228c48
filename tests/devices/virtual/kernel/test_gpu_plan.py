"""A plan on a GPU: its clock changes inside an inference, late, and costs what it draws."""

from statistics import fmean

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.course import Leg, Route, Rung
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.plan_clocks import PlanClocks
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.physics.cpu import Work
from tests.devices.virtual.kernel.files import node_folder, put

S = 1_000_000_000
LAYERS = RESNET50.layers[
    : len(RESNET50.layers) // 4
]  # several inferences in each tenth of a second
TOP = len(load("pixel-4").gpu.opps) - 1  # type: ignore[union-attr]
FEEDING_W = 0.35  # at most, of the core that hands work to the GPU


def ran(first: int, second: int) -> tuple[list[float], list[Leg]]:
    """Run a network at two clocks for 4 s; return power above rest [W] per tenth, and legs."""
    machine = Machine(load("pixel-4"), 0)
    put(machine, f"{node_folder(machine, 'gpu')}/governor", "userspace")
    rest_w = machine.history.last.power_w
    clocks = PlanClocks(machine.chip)
    gpu = clocks.domain_of("gpu.set_khz")
    assert gpu is not None
    half = len(LAYERS) // 2
    halves = LAYERS[:half], LAYERS[half:]
    route = Route(
        works=tuple(Work("half", layers) for layers in halves),
        rungs=(Rung((((gpu, first),), ((gpu, second),)), (1.0, 1.0)),),
        delays_ns={gpu: clocks.delay_ns(gpu)},
        every=1,
    )
    machine.start_lane(0, Work("part", LAYERS), LaneSettings(on_gpu=True, route=route), S, seed=1)
    machine.advance(2 * S)
    watts = []
    for tenth in range(40):
        machine.advance(2 * S + tenth * S // 10)
        watts.append(machine.history.last.power_w)
    course = machine.load.lanes[0].course
    assert course is not None
    return [w - rest_w for w in watts], [leg for leg in course.legs if leg.t_ns > 2 * S]


def drawn_w(legs: list[Leg]) -> float:
    return sum(leg.uj for leg in legs) / sum(leg.us for leg in legs)


def test_power_inside_an_inference_is_that_of_each_clock() -> None:
    means = {}
    for clocks in ((0, 0), (0, TOP), (TOP, 0), (TOP, TOP)):
        watts, legs = ran(*clocks)
        means[clocks] = fmean(watts)
        assert drawn_w(legs) <= means[clocks] <= drawn_w(legs) + FEEDING_W
        # Whichever clock a tenth of a second ended with, each half is charged at its own.
        assert max(watts) < 1.2 * min(watts), clocks
    assert means[0, 0] < 0.8 * means[0, TOP] < 0.8 * 0.95 * means[TOP, TOP]


def test_a_clock_of_the_gpu_comes_five_milliseconds_late() -> None:
    mixed, slow, fast = (ran(*clocks)[1] for clocks in ((0, TOP), (0, 0), (TOP, TOP)))
    took_us = [
        sorted(leg.us for leg in legs if leg.stretch == 1)[len(legs) // 4]
        for legs in (mixed, slow, fast)
    ]
    lost_us = 5000 * (1 - took_us[2] / took_us[1])  # what 5 ms at the slow clock do not get done
    assert took_us[0] - took_us[2] == pytest.approx(lost_us, rel=0.1)
