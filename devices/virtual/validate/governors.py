"""Governors: what they must answer, worked by hand from the rules of the kernel and the HAL."""

from collections.abc import Iterator

from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.thermal import Bound, CoolingDevice, StepWise
from devices.virtual.validate.published import load
from devices.virtual.validate.rows import Row


def step_wise() -> Iterator[Row]:
    """Yield the state after each poll beside the one worked by hand."""
    for vector in load("governors.toml")["step_wise"]:
        khz = tuple(range(1, vector["states"] + 2))
        device = CoolingDevice("vector", Policy((0,), khz, "performance"))
        governor = StepWise([Bound(celsius, (device,)) for celsius in vector["trips_c"]])
        for number, (celsius, expected) in enumerate(
            zip(vector["celsius"], vector["expected"], strict=True), start=1
        ):
            governor.update(celsius)
            yield Row("step_wise", f"poll {number} at {celsius:g} °C: state", expected,
                      device.state, "", (expected, expected), "predicted",
                      vector["source"])  # fmt: skip
