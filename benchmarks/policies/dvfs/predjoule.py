"""The PredJoule-like policy on a phone: its greedy rule, rolled out over predicted times."""

from typing import ClassVar, Literal

from benchmarks.policies.base import Plan
from benchmarks.policies.dvfs.phone_policy import ClockPolicy, whole
from benchmarks.policies.dvfs.predjoule_like import PredJouleLike as Greedy
from benchmarks.policies.dvfs.stage import Stage


class PredJoule(ClockPolicy):
    """Gives each stretch of layers its share of what is left, and the cheapest clocks within it."""

    why: ClassVar[str] = (
        "The simplest way to use slack inside an inference: no optimization, one pass. It shows "
        "what looking ahead is worth, and it keeps nothing back, so it is late where times vary. "
        "On the phone its budgets roll over predicted times, not measured ones."
    )
    source: ClassVar[str] = "in the manner of PredJoule, RTSS 2018, from its abstract and summaries"
    kind: Literal["predjoule_like"] = "predjoule_like"

    def planned(self, stage: Stage) -> Plan:
        """Roll the greedy rule out over the table."""
        greedy = Greedy(stage.table, stage.period_s, stage.actuation)
        points, elapsed_s = [], 0.0
        for op in range(len(stage.table.ops)):
            points.append(greedy.point(op, elapsed_s))
            elapsed_s += float(stage.table.time_s[op, points[-1]])
        return whole(stage, points, f"greedy: {elapsed_s * 1000:.4g} ms of the interval planned")
