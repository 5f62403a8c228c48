"""What is told about the trial that runs: rows, events and clocks, each under its index."""

from collections.abc import Mapping
from typing import Any, Protocol

from devices.agent.wire import Line
from devices.virtual.agent.body import Body, Harvest, Refused, Sampling, Sensor
from devices.virtual.agent.ledger import Ledger
from devices.virtual.agent.trial import Trial

_CLOCKS_EVERY_NS = 10_000_000_000  # of device time
_SUSPENDED_NS = 1_000_000  # a jump between the clocks by more than this is a suspend


class Say(Protocol):
    """Sends one line, under the time of what it tells."""

    def __call__(self, line: Mapping[str, Any], t_ns: int | None = None) -> None:
        """Send it."""


class Recording:
    """At most one trial, and the way out for what happens in it."""

    def __init__(self, body: Body, ledger: Ledger, say: Say) -> None:
        self.trial: Trial | None = None
        self._body = body
        self._ledger = ledger
        self._say = say
        self._is_ending = False
        self._is_declared = True
        self._clocks_due_ns = 0
        self._slept_ns = 0  # by how much CLOCK_BOOTTIME was ahead when last told

    def running(self) -> Trial:
        """Return the trial that has begun and is not ending."""
        if self.trial is None:
            raise Refused("bad_arg", "no trial has begun")
        if self._is_ending:
            raise Refused("busy", f"trial {self.trial.number} is ending")
        return self.trial

    def begin(
        self,
        number: int,
        samplings: Mapping[int, Sampling],
        sensors: Mapping[str, Sensor],
        *,
        has_plans: bool = False,
        is_split: bool = False,
    ) -> None:
        """Start a trial; its groups are declared by `declare`."""
        if self.trial is not None:
            raise Refused("busy", f"trial {self.trial.number} has not ended")
        self._body.harvest()  # what was before belongs to no trial
        self.trial = Trial(
            number,
            samplings,
            sensors,
            self._ledger,
            has_plans=has_plans,
            is_split=is_split,
        )
        self._body.sample(samplings)
        self._is_declared = False

    def declare(self) -> None:
        """Say what a new trial's groups consist of, once and after the ack of `begin`."""
        if self._is_declared or self.trial is None:
            return
        self._is_declared = True
        for line in self.trial.declarations():
            self._say(line)
        self._tell_clocks()

    def note(self, kind: str, data: Mapping[str, Any], t_ns: int | None = None) -> None:
        """Tell an event of the trial; without one it is nobody's."""
        if self.trial is not None:
            self._say(self.trial.event(kind, data), t_ns)

    def add(self, harvest: Harvest) -> None:
        """Take rows and happenings into the trial."""
        if self.trial is None:
            return
        for group, columns in harvest.columns.items():
            lost = self.trial.groups[group].add(columns) + harvest.lost.get(group, 0)
            if lost:
                times = columns[0]
                self.note("lost", {"g": group, "rows": lost, "t0": times[0], "t1": times[-1]})
        for happening in harvest.happenings:
            self.note(happening.kind, happening.data, happening.t_ns)
        clocks = self._body.clocks()
        slept_ns = clocks.boot_ns - clocks.mono_ns
        is_due = clocks.mono_ns >= self._clocks_due_ns
        if is_due or slept_ns - self._slept_ns > _SUSPENDED_NS:
            self._tell_clocks()

    def _tell_clocks(self) -> None:
        clocks = self._body.clocks()
        self._clocks_due_ns = clocks.mono_ns + _CLOCKS_EVERY_NS
        self._slept_ns = clocks.boot_ns - clocks.mono_ns
        self.note("clk", {"boot": clocks.boot_ns, "real": clocks.real_ns}, clocks.mono_ns)

    def send_rows(self) -> None:
        """Send every row that waits."""
        if self.trial is not None:
            for line in self.trial.drain():
                self._say(line)

    def start_ending(self) -> None:
        """Accept nothing new for this trial."""
        self.running()
        self._is_ending = True

    def conclude(self) -> Line:
        """Close the trial and return what it contains."""
        assert self.trial is not None
        self._body.sample({})
        self.send_rows()
        totals = {**self.trial.totals(), "events": self.trial.events + 1}  # with this last event
        self.note("ended", totals)
        self.trial = None
        self._is_ending = False
        return totals
