"""What the latency model promises."""

from dataclasses import replace

import pytest

from devices.virtual.kernel.reference import RESNET50
from devices.virtual.physics.cpu import Core, Demand, Layer, Work, demand_of, latency_s
from devices.virtual.physics.kernels import HALF, KINDS, SINGLE

FREE = replace(SINGLE, serial=0.1, call_cycles=0.0, join_cycles=0.0, crowd_cycles=0.0)
CONVOLUTION = Work("a", (Layer("pointwise", 4 * 10**9, 0),))
WEIGHTS = Work("b", (Layer("fc", 10**6, 2 * 10**8, 2 * 10**8),))
GB_PER_S = 20e9


def cores(*macs_per_s: float) -> list[Core]:
    return [Core(cpu, rate / 4.0, rate) for cpu, rate in enumerate(macs_per_s)]


def seconds(work: Work, *macs_per_s: float) -> float:
    return latency_s(demand_of(work, FREE), cores(*macs_per_s), GB_PER_S)


@pytest.mark.parametrize("share", [0.4, 0.6, 0.8, 1.0])
def test_arithmetic_goes_as_one_over_the_clock_and_weights_do_not(share: float) -> None:
    assert seconds(CONVOLUTION, share * 12e9) == pytest.approx(4 / 12 / share)
    assert seconds(WEIGHTS, share * 12e9) == pytest.approx(2e8 / GB_PER_S)


def test_the_slowest_thread_decides() -> None:
    even, uneven = seconds(CONVOLUTION, 12e9, 12e9), seconds(CONVOLUTION, 12e9, 6e9)
    assert uneven - even == pytest.approx(0.9 * 4e9 / 2 * (1 / 6e9 - 1 / 12e9))


def test_a_slow_helper_can_make_things_worse() -> None:
    assert seconds(CONVOLUTION, 12e9, 3e9) > seconds(CONVOLUTION, 12e9)


def test_a_depthwise_layer_costs_more_than_its_operations() -> None:
    def macs(kind: str) -> Demand:
        return demand_of(Work(kind, (Layer(kind, 10**8, 0),)), HALF)

    assert macs("depthwise").macs.sum() > 3 * macs("pointwise").macs.sum()
    assert macs("winograd").macs.sum() < 0.5 * macs("pointwise").macs.sum()


def test_every_class_but_elementwise_has_a_speed() -> None:
    for family in (SINGLE, HALF):
        assert set(family.ratio) == set(KINDS) - {"elementwise"}


def test_more_threads_than_cores_are_joined_late() -> None:
    demand = demand_of(CONVOLUTION, SINGLE)
    alone = latency_s(demand, cores(12e9, 12e9), GB_PER_S)
    crowd = latency_s(demand, [Core(c, 1.5e9, 6e9) for c in (0, 0, 1, 1)], GB_PER_S)
    assert crowd - alone > 1.9 * SINGLE.crowd_cycles / 3e9


def test_half_floats_halve_the_bytes() -> None:
    assert demand_of(WEIGHTS, HALF).bytes == demand_of(WEIGHTS, SINGLE).bytes / 2


def test_the_reference_network_has_the_published_size() -> None:
    macs = sum(layer.macs for layer in RESNET50.layers if layer.kind in SINGLE.ratio)
    assert macs == pytest.approx(4.09e9, rel=0.005)
