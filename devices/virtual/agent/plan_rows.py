"""Segments of planned inferences, told as rows."""

from collections.abc import Sequence

from devices.agent.wire import Cell
from devices.virtual.kernel.course import Leg
from devices.virtual.kernel.plan_clocks import PlanClocks

UNSET = -1


def tell_legs(legs: Sequence[Leg], clocks: PlanClocks) -> list[list[Cell]]:
    """Return one list per column, the clock first, in the order of messages.OPS_COLUMNS."""
    asked = [dict(leg.points) for leg in legs]
    core = [_value(points, clocks, is_memory=False) for points in asked]
    memory = [_value(points, clocks, is_memory=True) for points in asked]
    return [
        [leg.t_ns for leg in legs],
        [leg.lane for leg in legs],
        [leg.slot for leg in legs],
        [leg.stretch for leg in legs],
        [leg.us for leg in legs],
        [leg.uj for leg in legs],
        core,
        memory,
    ]


def _value(points: dict[int, int], clocks: PlanClocks, *, is_memory: bool) -> Cell:
    """Return what the first knob of its kind was set to, in the knob's unit."""
    for domain, point in points.items():
        if clocks.is_memory(domain) is is_memory:
            return clocks.values(domain)[point]
    return UNSET
