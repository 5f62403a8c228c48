"""The command `plan`: knobs to set at cut points inside one inference, checked as a whole."""

from collections.abc import Mapping, Sequence
from typing import Any

from devices.agent.wire import Line
from devices.virtual.agent.body import PlanOrder, Refused, RungOrder, WindowsOrder


def plan_order(arguments: Line) -> PlanOrder:
    """Return a plan of checked arguments; raises Refused for parts that do not fit together."""
    segments: Sequence[Mapping[str, Any]] = arguments["segs"]
    knobs = tuple(entry["k"] for entry in segments[0].get("set", []))
    values, us = [], []
    for number, segment in enumerate(segments):
        settings = segment.get("set", [])
        if tuple(entry["k"] for entry in settings) != knobs:
            raise Refused(
                "bad_arg",
                f"segment {number} does not set {', '.join(knobs) or 'no knob'} as segment 0 does",
            )
        values.append(tuple(int(entry["v"]) for entry in settings))
        us.append(int(segment.get("us", 0)))
    rungs = [RungOrder(tuple(values), tuple(us))]
    for rung in arguments.get("rungs", []):
        ways = tuple(tuple(row) for row in rung["v"])
        if len(ways) != len(segments) or len(rung["us"]) != len(segments):
            raise Refused("bad_arg", f"a rung must have {len(segments)} rows, one per segment")
        if any(len(row) != len(knobs) for row in ways):
            raise Refused("bad_arg", f"each row of a rung must set {len(knobs)} knobs")
        rungs.append(RungOrder(ways, tuple(rung["us"])))
    return PlanOrder(
        id=arguments["id"],
        model=arguments["model"],
        to=tuple(segment["to"] for segment in segments),
        knobs=knobs,
        rungs=tuple(rungs),
        budget_us=arguments.get("budget_us", 0),
        patience_us=arguments.get("patience_us", 0),
        every=arguments.get("every", 20),
        windows=_windows(arguments.get("windows"), knobs),
    )


def _windows(told: Mapping[str, Any] | None, knobs: tuple[str, ...]) -> WindowsOrder | None:
    if told is None:
        return None
    if told["k"] in knobs:
        raise Refused("bad_arg", f"{told['k']} is set by segments or by windows, not by both")
    return WindowsOrder(told["k"], told["low"], told["high"], told["us"], told["at_pm"])
