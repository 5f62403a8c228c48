"""The agent's commands for what a spec and its policy want."""

from typing import Any

from benchmarks.catalog.base import Load
from benchmarks.policies.base import (
    Action,
    Idle,
    Plan,
    Replan,
    SetFreq,
    SetShare,
    SetSplit,
    SetVariant,
    Windows,
)
from devices.agent.link import AgentLink

PLAN = "plan"  # what the one plan of a trial is called on the phone


def start_command(lane: int, load: Load, seed: int, *, has_battery: bool) -> dict[str, Any]:
    """Return the arguments of `start` for one lane."""
    reloads = {} if load.shares_weights else {"reload": True}
    return {
        "lane": lane,
        "model": load.workload,
        "threads": load.threads,
        "period_us": round(load.period_s * 1e6),
        "dur_ms": round(load.duration_s * 1000),
        "seed": seed,
        "no_sensors": not has_battery,
        **({"deadline_us": round(load.deadline_s * 1e6)} if load.deadline_s else {}),
        **reloads,
        **load.settings,
    }


def ship(link: AgentLink, plan: Plan, load: Load) -> dict[str, Any]:
    """Put a plan onto the phone, before its trial; return what `start` must say to use it.

    An agent that cannot `plan` refuses segments, and the run ends before its load began.
    """
    if plan.knobs:
        link.request("knob", set=[{"k": k, "v": v} for k, v in plan.knobs.items()])
    if not plan.segments:
        return dict(plan.lane)
    link.request("plan", id=PLAN, model=load.workload, **plan_arguments(plan))
    return {**plan.lane, "plan": PLAN}


def plan_arguments(plan: Plan) -> dict[str, Any]:
    """Return a plan's segments, other ways and windows in the agent's words."""
    return {
        **_windows(plan.windows),
        "segs": [
            {
                "to": segment.to,
                "set": [{"k": k, "v": v} for k, v in segment.knobs.items()],
                "us": round(segment.planned_s * 1e6),
            }
            for segment in plan.segments
        ],
        "rungs": [
            {
                "v": [list(row) for row in way.values],
                "us": [round(seconds * 1e6) for seconds in way.planned_s],
            }
            for way in plan.ways
        ],
        "budget_us": round(plan.budget_s * 1e6),
        "patience_us": round(plan.patience_s * 1e6),
        "every": plan.every,
    }


def _windows(rule: Windows | None) -> dict[str, Any]:
    if rule is None:
        return {}
    us, at_pm = round(rule.length_s * 1e6), round(rule.share * 1000)
    return {
        "windows": {"k": rule.knob, "low": rule.low, "high": rule.high, "us": us, "at_pm": at_pm}
    }


def carry_out(link: AgentLink, action: Action, workload: str) -> dict[str, Any]:
    """Tell the agent what to change on a lane that runs `workload`; return its ack."""
    if isinstance(action, Replan):
        plan = plan_arguments(action.plan)
        link.request("plan", id=_plan_of(action), model=workload, **plan)
    op, arguments = command_of(action)
    return link.request(op, **arguments)


def _plan_of(action: Replan) -> str:
    """Return what a plan is called on the phone: never like the one in force."""
    return f"{PLAN}{action.number % 2}"


def command_of(action: Action) -> tuple[str, dict[str, Any]]:
    """Return the agent's command for an action: its word and its arguments."""
    match action:
        case SetVariant():
            pace = {} if action.period_s is None else {"period_us": round(action.period_s * 1e6)}
            return "set", {"lane": action.lane, "model": action.variant, **pace}
        case Idle():
            return "set", {"lane": action.lane, "idle_us": round(action.seconds * 1e6)}
        case SetShare():
            return "set", {"lane": action.lane, "share_pm": round(action.share * 1000)}
        case SetSplit():
            return "set", {"lane": action.lane, "cut": action.cut, "back": action.back}
        case SetFreq():
            return "knob", {"set": [{"k": action.knob, "v": action.khz}]}
        case Replan():
            return "set", {"lane": 0, "plan": _plan_of(action)}
