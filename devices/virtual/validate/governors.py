"""Governors: what they must answer, worked by hand from the rules of the kernel and the HAL."""

from collections.abc import Iterator

from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.power_allocator import Errors, Share, budget, default_gains, divide
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


def power_allocator() -> Iterator[Row]:
    """Yield budgets over a series of polls, and splits, beside the ones worked by hand."""
    facts = load("governors.toml")["ipa"]
    sustainable, control_mc = facts["sustainable_mw"], 1000 * facts["control_c"]
    gains = default_gains(sustainable, 1000 * facts["switch_on_c"], control_mc)
    errors = Errors()
    for celsius, expected in zip(facts["celsius"], facts["budget_mw"], strict=True):
        ours, errors = budget(
            round(1000 * celsius), control_mc, sustainable, facts["max_mw"], gains, errors
        )
        yield Row("power_allocator", f"budget at {celsius:g} °C", expected, ours, "mW",
                  (expected, expected), "predicted", facts["source"])  # fmt: skip
    split = facts["split"]
    for requests, granted in zip(split["requests_mw"], split["granted_mw"], strict=True):
        shares = [
            Share(request, most, weight)
            for request, most, weight in zip(
                requests, split["max_mw"], split["weights"], strict=True
            )
        ]
        for actor, (expected, ours) in enumerate(
            zip(granted, divide(split["budget_mw"], shares), strict=True), start=1
        ):
            yield Row("power_allocator", f"share of actor {actor} of {requests}", expected, ours,
                      "mW", (expected, expected), "predicted", facts["source"])  # fmt: skip
