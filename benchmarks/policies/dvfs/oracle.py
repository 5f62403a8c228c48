"""The oracle on a phone: the plan of somebody who knows it as well as it can be measured (D9)."""

from typing import ClassVar, Literal

from benchmarks.policies.base import Plan
from benchmarks.policies.dvfs.phone_policy import ClockPolicy
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.policies.dvfs.stage import Stage
from benchmarks.policies.dvfs.wording import worded

MEASURED = "measured truth with the rehearsal's own noise, blind to heat that came after it"


class Oracle(ClockPolicy):
    """Knows what every pair of clocks costs, keeps nothing back, and learns nothing: a bound.

    Of all single pairs and the balancer's own schedule it runs whichever is cheapest.
    """

    why: ClassVar[str] = (
        "To say how good a policy is, one must know what was possible. Nobody has the truth about "
        "a phone, so this one measures what there is: every clock of the cores with every clock "
        "of the memory, ten times and more by operator, which takes minutes where others take "
        "one. Then it takes the cheapest of all single pairs and of the balancer's schedule, "
        "with no margin, because it believes what it measured; so it is late now and then. What "
        "it may miss: the noise of its own rehearsal, and all that changes afterwards, above all "
        "heat. Compare others with it on the same phone; it is no way to run one."
    )
    source: ClassVar[str] = f"exhaustive search; {MEASURED}"
    rehearses_all: ClassVar[bool] = True
    kind: Literal["oracle"] = "oracle"

    def planned(self, stage: Stage) -> Plan:
        """Spend the whole interval as cheaply as the table allows."""
        schedule = Schedule(stage.table, stage.period_s, stage.actuation)
        return worded(stage, schedule, MEASURED)
