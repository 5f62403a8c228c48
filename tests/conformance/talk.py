"""How the suite runs a lane and collects what comes of it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import WorkloadFiles
from devices.agent.link import AgentLink
from devices.agent.loading import load_workload
from devices.agent.messages import INFER
from devices.clock import HOST, NS_PER_S
from devices.phone import Phone
from devices.samples import Batch, Event, Group, Item

PATIENCE_S = 30.0  # of host time: generous, because a busy machine is not a failed device


@dataclass
class Heard:
    """Everything that one trial said."""

    groups: dict[int, Group] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def add(self, item: Item) -> None:
        """Keep one item."""
        if isinstance(item, Group):
            self.groups[item.number] = item
        elif isinstance(item, Batch):
            self.batches.append(item)
        else:
            self.events.append(item)

    def rows(self) -> dict[int, int]:
        """Return how many rows each group has."""
        totals = dict.fromkeys(self.groups, 0)
        for batch in self.batches:
            totals[batch.group] += batch.rows
        return totals

    def times(self, group: int) -> NDArray[np.int64]:
        """Return the clock of a group [ns]."""
        mine = [batch.t_ns for batch in self.batches if batch.group == group]
        return np.concatenate(mine) if mine else np.array([], dtype=np.int64)

    def column(self, name: str, group: int = INFER) -> NDArray[np.int64]:
        """Return the raw values of one channel."""
        names = [channel.name for channel in self.groups[group].channels]
        mine = [batch.raw for batch in self.batches if batch.group == group]
        values: NDArray[np.int64] = np.concatenate(mine, axis=1)[names.index(name)]
        return values

    def of(self, kind: str) -> list[Event]:
        """Return the events of one kind."""
        return [event for event in self.events if event.kind == kind]


class Start:
    """A loaded network on one device."""

    def __init__(self, link: AgentLink, phone: Phone, files: WorkloadFiles) -> None:
        self.link = link
        self.phone = phone
        self.files = files
        self.mid = load_workload(link, phone, files, threads=(1, 2))

    def begin(self, trial: int = 1, period_us: int = 100_000) -> None:
        """Sample everything and begin a trial."""
        self.link.request("sample", g=0, period_us=period_us, ids="all")
        self.link.request("begin", trial=trial)

    def lane(self, **settings: Any) -> dict[str, Any]:
        """Start a lane."""
        return self.link.request("start", **self.terms(), model=self.files.name, **settings)

    def terms(self) -> dict[str, Any]:
        """Return what a start must say on a device without a battery."""
        return {} if "battery" in self.link.caps else {"no_sensors": True}

    def hear(self, until: str, heard: Heard | None = None, times: int = 1) -> Heard:
        """Collect until so many events of this kind have been heard."""
        heard = heard or Heard()
        deadline = HOST.now_ns() + PATIENCE_S * NS_PER_S
        while len(heard.of(until)) < times:
            assert HOST.now_ns() < deadline, f"no {until} within {PATIENCE_S} s"
            for item in self.link.receive(0.5):
                heard.add(item)
        return heard

    def end(self, heard: Heard) -> dict[str, Any]:
        """End the trial and hear the rest of it."""
        totals = self.link.request("end")
        self.hear("ended", heard)
        return totals
