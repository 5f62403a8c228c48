"""A maker's skin rules cap the GPU beside the clusters, in the file's kHz and the node's Hz."""

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.kernel.thermal import CoolingDevice
from tests.devices.soaking import S
from tests.devices.virtual.kernel.files import get, node_folder


def capped_hz(spec: PhoneSpec, *, earlier_k: float) -> int:
    """Return what the GPU may run at after a minute of work, all thresholds so much lower."""
    machine = Machine(spec, 0)
    machine.shift_trips(-earlier_k)
    machine.start_lane(0, RESNET50, LaneSettings(on_gpu=True), S, seed=1)
    machine.advance(90 * S)
    return int(get(machine, f"{node_folder(machine, 'gpu')}/max_freq"))


@pytest.mark.parametrize(
    ("phone", "earlier_k", "hertz"),
    [
        ("pixel-4", 0.0, 585_000_000),
        ("pixel-4", 30.0, 257_000_000),
        ("pixel-5", 30.0, 400_000_000),
        ("pixel-3", 30.0, 414_000_000),
    ],
)
def test_a_hot_skin_caps_the_gpu_at_the_clock_that_the_file_names(
    phone: str, earlier_k: float, hertz: int
) -> None:
    assert capped_hz(load(phone), earlier_k=earlier_k) == hertz


def test_without_the_maker_s_service_nothing_caps_it() -> None:
    spec = load("pixel-4").model_copy(update={"vendor": None})
    assert capped_hz(spec, earlier_k=30.0) == 585_000_000


def test_the_second_budget_of_a_pixel_6_moves_the_gpu_a_state_per_poll() -> None:
    """Above its 52 °C the GPU may not run faster than state 11, its slowest clock."""
    machine = Machine(load("pixel-6"), 0)
    gpu = _gpu(machine)
    machine.set_ambient(30.0)
    machine.shift_trips(-30.0)
    machine.start_lane(0, RESNET50, LaneSettings(on_gpu=True), S, seed=1)
    states = []
    for second in range(7, 120, 7):
        machine.advance(second * S)
        states.append(gpu.state)
    assert states[-1] == 11
    assert states == sorted(states)


def test_the_second_budget_knows_the_gpu_by_the_powers_of_its_own_table() -> None:
    spec = load("pixel-6")
    assert spec.vendor
    assert spec.vendor.pid_with_gpu
    table = spec.vendor.pid_with_gpu.state_mw
    assert set(table) == {"little", "mid", "big", "gpu"}
    assert spec.gpu
    assert table["gpu"] == tuple(round(mw) for _, mw in reversed(spec.gpu.opps))


def _gpu(machine: Machine) -> CoolingDevice:
    return next(device for device in machine.cooling if device.type == "thermal-gpufreq-0")
