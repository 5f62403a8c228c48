"""Physics broken on purpose, one way per group; a group that stays green proves nothing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from devices.virtual.kernel import chip, power_allocator
from devices.virtual.kernel.pid import Pid
from devices.virtual.kernel.thermal import StepWise
from devices.virtual.kernel.vendor import Caps
from devices.virtual.physics import power as physics_power
from devices.virtual.physics.kernels import Kernels
from devices.virtual.physics.power import ClusterPower
from devices.virtual.physics.thermal import HeatFlow, HeatNetwork, OneStride
from devices.virtual.validate import latency, power

_Change = tuple[Any, str, Callable[[Any], Any]]  # owner, name, old value -> broken one

BREAKS: dict[str, tuple[str, tuple[_Change, ...]]] = {
    "latency": (
        "every layer computes as fast as a 1 × 1 convolution, and starting one costs nothing",
        ((latency, "demand_of", lambda old: lambda work, k: old(work, _classless(k))),),
    ),
    "latency, generated": (
        "cores compute half as much in a cycle",
        ((latency, "shared", lambda old: lambda cell, of: old(cell, lambda cpu: 0.5 * of(cpu))),),
    ),
    "heat": (
        "heat flows through the case a tenth faster than time",
        ((HeatFlow, "stride", lambda old: _with_time(old, lambda dt_s: 1.1 * dt_s)),),
    ),
    "power": (
        "dynamic power grows with the voltage instead of its square",
        ((power, "dynamic_w", lambda _: _linear_w), (chip, "dynamic_w", lambda _: _linear_w)),
    ),
    "power, tables": (
        "clusters draw two percent more than their tables",
        ((ClusterPower, "power_w", lambda old: lambda *args: 1.02 * old(*args)),),
    ),
    "honor, open loop": (
        "leakage grows four times as fast with temperature",
        ((physics_power, "LEAK_PER_K", lambda share: 4.0 * share),),
    ),
    "honor, closed loop": (
        "the vendor's service sees the skin five kelvin too hot",
        ((Caps, "update", lambda old: lambda self, celsius: old(self, celsius + 5.0)),),
    ),
    "step_wise": (
        "a trip goes deeper while it is exceeded, whether or not the zone warms",
        ((StepWise, "_target", lambda _: _trendless),),
    ),
    "power_allocator": (
        "each product of the controller is a milliwatt too large",
        ((power_allocator, "_times", lambda old: lambda gain, error: old(gain, error) + 1024),),
    ),
    "skin PID": (
        "the budget is half as large again",
        ((Pid, "_budget_mw", lambda old: lambda self, celsius: 1.5 * old(self, celsius)),),
    ),
    "energy": (
        "a percent of the heat that leaves the case is not counted",
        ((HeatNetwork, "loss_w", lambda old: lambda *args: 0.99 * old(*args)),),
    ),
    "half step": (
        "heat moves in steps of a tenth of a second at least",
        ((HeatFlow, "stride", lambda old: _with_time(old, lambda dt_s: max(dt_s, 0.1))),),
    ),
}


@contextmanager
def broken(group: str) -> Iterator[str]:
    """Break the physics of a group for a while; yields what was done, in words."""
    sentence, changes = BREAKS[group]
    with ExitStack() as stack:
        for owner, name, change in changes:
            old = getattr(owner, name)
            setattr(owner, name, change(old))
            stack.callback(setattr, owner, name, old)
        yield sentence


def _with_time(
    stride: Callable[..., OneStride], change: Callable[[float], float]
) -> Callable[[HeatFlow, float], OneStride]:
    def wrong(self: HeatFlow, dt_s: float) -> OneStride:
        return replace(stride(self, change(dt_s)), dt_s=dt_s)

    return wrong


def _classless(kernels: Kernels) -> Kernels:
    ratio = dict.fromkeys(kernels.ratio, 1.0)
    return replace(kernels, ratio=ratio, call_cycles=0.0, join_cycles=0.0, crowd_cycles=0.0)


def _linear_w(coefficient: float, scale: float, khz: int, uv: int) -> float:
    return scale * coefficient * 1e-6 * (khz / 1e3) * (uv / 1e6)


def _trendless(_self: StepWise, _key: Any, device: Any, hot: bool, _trend_k: float) -> int | None:
    return min(device.state + 1, device.max_state) if hot else None
