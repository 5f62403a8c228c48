"""What the latency model promises."""

import pytest

from devices.virtual.kernel.reference import RESNET50
from devices.virtual.physics.cpu import Demand, Layer, Speed, Work, demand_of, latency_s

SPEED = Speed(macs_per_cycle=(5.0,), serial=0.1, bytes_per_s=20e9)
DEMAND = Demand(macs=4e9, bytes=2e8)


@pytest.mark.parametrize("share", [0.4, 0.6, 0.8, 1.0])
def test_compute_time_goes_as_one_over_the_clock_and_memory_time_stays(share: float) -> None:
    memory_s = DEMAND.bytes / SPEED.bytes_per_s
    full_s = latency_s(DEMAND, [12e9], SPEED)
    expected = (full_s - memory_s) / share + memory_s
    assert latency_s(DEMAND, [12e9 * share], SPEED) == pytest.approx(expected)


def test_the_slowest_thread_decides() -> None:
    even = latency_s(DEMAND, [12e9, 12e9], SPEED)
    uneven = latency_s(DEMAND, [12e9, 6e9], SPEED)
    assert uneven - even == pytest.approx(0.9 * 4e9 / 2 * (1 / 6e9 - 1 / 12e9))


def test_a_slow_helper_can_make_things_worse() -> None:
    assert latency_s(DEMAND, [12e9, 3e9], SPEED) > latency_s(DEMAND, [12e9], SPEED)


def test_a_depthwise_layer_costs_more_than_its_operations() -> None:
    plain = demand_of(Work("a", (Layer("conv", 10**8, 0),)))
    depthwise = demand_of(Work("b", (Layer("depthwise", 10**8, 0),)))
    assert depthwise.macs > 5 * plain.macs


def test_the_reference_network_has_the_published_size() -> None:
    macs = sum(layer.macs for layer in RESNET50.layers if layer.kind in ("conv", "fc"))
    assert macs == pytest.approx(4.09e9, rel=0.005)
