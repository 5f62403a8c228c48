"""What every offload policy is on a phone: a spec that chooses, a controller that learns rates."""

from collections.abc import Mapping
from random import Random
from typing import ClassVar

from benchmarks.offloading.estimates import NEWEST_SHARE, Estimates, Margin
from benchmarks.offloading.pipeline import Pipeline, Split
from benchmarks.policies.base import Action, Observation, Plan, PolicySpec, SetSplit, Task
from benchmarks.policies.offload.choosing import Choice, Chooser, Situation
from devices.agent.messages import FLAG_FINISHED_LOCALLY
from devices.profile import DeviceProfile

_WHOLE = 1.0  # a network, in units of its own work
_LEAST_BIT_S = 1e3  # slower than this is no network, and would divide by nothing


class OffloadPolicy(PolicySpec, Chooser):
    """A policy whose parameters are all that it needs to choose."""

    suits: ClassVar[frozenset[str]] = frozenset({"offload"})
    measures_first: ClassVar[bool] = True  # it chooses by rates, so the phone's own come first

    def plan(self, profile: DeviceProfile, task: Task) -> Plan | None:
        """Return the split of the first requests, where nothing must be measured to choose it.

        A host hears of a request a moment after it ended, and on a phone whose time runs fast many
        have come by then. They run on the phone where a policy needs to know how fast it is.
        """
        return None if self.measures_first else self.start(profile, task).first()

    def start(self, profile: DeviceProfile, task: Task) -> "OffloadController":
        """Return the controller that learns this phone's rates while the trial goes on.

        Raises:
            StableDeviceError: if what is asked for cannot be chosen in this task.
        """
        pipeline, estimates = pipeline_of(task), Estimates(**_first_rates(task))
        self.check(pipeline)
        compute_us = task.facts.get("peer", {}).get("compute_us")
        if compute_us:
            estimates.server.learn(_WHOLE, compute_us / 1e6, NEWEST_SHARE)
        return OffloadController(self, pipeline, estimates, task, chosen=not self.measures_first)

    def check(self, pipeline: Pipeline) -> None:
        """Raise StableDeviceError if the parameters do not fit what can be chosen."""


def _first_rates(task: Task) -> dict[str, float]:
    """Return the rates to start from; what the phone learned of its peer is better than a guess."""
    rates = dict(task.facts["rates"])
    peer = task.facts.get("peer", {})
    if not task.facts.get("is_shaped"):
        for name, key, unit in _PEER_RATES:
            if peer.get(key):
                rates[name] = peer[key] * unit
    return rates


_PEER_RATES = (
    ("up_bit_s", "up_kbps", 1e3),
    ("down_bit_s", "down_kbps", 1e3),
    ("rtt_s", "rtt_us", 1e-6),
)


def pipeline_of(task: Task) -> Pipeline:
    """Return the splits that a task offers; its privacy flag takes away what shows the input."""
    offered = Pipeline(tuple(Split(**split) for split in task.facts["splits"]))
    pipeline = offered.packed(task.facts.get("peer", {}).get("packed", {}))
    return pipeline.without_input() if task.facts.get("privacy") else pipeline


class OffloadController:
    """Learns from each tick's newest measurements, then lets its chooser choose."""

    def __init__(
        self,
        chooser: Chooser,
        pipeline: Pipeline,
        estimates: Estimates,
        task: Task,
        *,
        chosen: bool = False,
    ) -> None:
        self._chooser = chooser
        self._pipeline = pipeline
        self._estimates = estimates
        self._sla_s = float(task.deadline_s or 0.0)
        self._random = Random(task.seed)
        self._margin = Margin()
        self._first = self._choose() if chosen else Choice(pipeline.local, "measured first")
        self._first_s = estimates.predict(self._first.split).total
        self._in_force = self._first.split

    def first(self) -> Plan | None:
        """Return what must be on the phone before the first request; None: all of it runs there."""
        split = self._in_force
        if split.is_local:
            return None
        lane = {"cut": split.cut, "back": split.back}
        return Plan(lane=lane, reason=self._first.reason, facts={"predicted_s": self._first_s})

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Change the split when the chooser wants another one."""
        self._learn(seen)
        choice = self._choose()
        if choice.split == self._in_force:
            return ()
        self._in_force = choice.split
        predicted_s = self._estimates.predict(choice.split).total
        split = choice.split
        return (SetSplit(split.cut, choice.reason, predicted_s, back=split.back),)

    def _choose(self) -> Choice:
        situation = Situation(
            self._pipeline, self._estimates, self._sla_s, self._margin.value, self._random
        )
        return self._chooser.choose(situation)

    def _learn(self, seen: Observation) -> None:
        """Take in what the newest inference tells, under the split that it ran under."""
        if not seen.finished:
            return
        split = self._pipeline.named(seen.split) if seen.split else self._pipeline.local
        latency_s = seen.newest.get("inference.latency")
        if latency_s is not None:
            self._margin.note(seen.t_s, self._estimates.predict(split).total, latency_s)
        for name, rate in _network_rates(seen.newest).items():
            self._estimates.learn(name, rate)
        if not int(seen.newest.get("inference.flags", 0)) & FLAG_FINISHED_LOCALLY:
            self._learn_work(seen.newest, split)

    def _learn_work(self, newest: Mapping[str, float], split: Split) -> None:
        """Take in what the parts of the newest answer took on either side."""
        away_s = 0.0 if split.is_local else newest.get("inference.network", 0.0)
        phone_s = newest.get("inference.latency", 0.0) - away_s
        if phone_s > 0 and split.device_work > 0:
            self._estimates.phone.learn(split.device_work, phone_s, NEWEST_SHARE)
        if not split.is_local:
            self._estimates.learn("queue_s", newest.get("inference.peer_queue", 0.0))
            server_s = newest.get("inference.peer_compute", 0.0)
            if server_s > 0:
                self._estimates.server.learn(split.server_work, server_s, NEWEST_SHARE)


def _network_rates(newest: Mapping[str, float]) -> Mapping[str, float]:
    """Return the rates of the network that the newest values tell."""
    found: dict[str, float] = {}
    for name, channel in (("up_bit_s", "network.up"), ("down_bit_s", "network.down")):
        if newest.get(channel, 0.0) > _LEAST_BIT_S:
            found[name] = newest[channel]
    if "network.rtt" in newest:
        found["rtt_s"] = newest["network.rtt"]
    return found
