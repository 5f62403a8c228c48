"""Applications that come and go on a phone while a trial runs, one lane each.

First every variant is run alone for a while: what a policy decides with is what this phone can do.
Then the churn begins.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import inf
from statistics import median
from typing import Any

from benchmarks.catalog.multi_tenant import LONGEST_PROFILING_S, PROFILE_LANE, MultiTenant
from benchmarks.policies.base import Action, SetShare, SetVariant
from benchmarks.policies.tenancy.tenants import Tenant
from benchmarks.specs import RunSpec
from devices.agent.link import AgentLink

RUNS = 6  # inferences that profile one variant, at least; half of them count
#: So long a variant runs at a time while it is profiled [s of device time]: a governor takes a
#: third of that to raise the clocks, and a light network's first inferences are half as fast.
STRETCH_S = 1.0

Remark = tuple[str, Mapping[str, Any]]  # the kind of an event and what it says


class Occupancy:
    """Who is there, which lanes run, and what is known of every variant."""

    def __init__(
        self, link: AgentLink, spec: RunSpec, benchmark: MultiTenant, *, has_battery: bool
    ) -> None:
        self.present: dict[int, Tenant] = {}  # by lane, as they came
        self.is_over = False
        self._link = link
        self._benchmark = benchmark
        self._seed = spec.seed
        self._has_battery = has_battery
        self._timeline = benchmark.timeline(spec.seed)
        self._latency_s: dict[str, float] = {}  # of a variant alone
        self._profiled: list[float] = []  # latencies of the variant that is being profiled [s]
        self._announced = 0  # how many of them have ended, as far as the phone has told
        self._unprofiled = sorted({v for tenant in benchmark.tenants for v in tenant.workloads})
        self._tenants: tuple[Tenant, ...] = ()
        self._opened_s: float | None = None
        self._second = -1  # of the timeline, that the last turn has seen
        self._running: set[int] = set()
        self._wanted: dict[int, tuple[str, float]] = {}  # per lane: variant and share

    def ends_s(self, t_s: float) -> float:
        """Return when the last tenant goes, as seen at t_s [s since the load started].

        Each turn of profiling costs the host a moment, which is long on a phone whose time runs
        fast: the churn begins when it begins.
        """
        opened_s = min(t_s, LONGEST_PROFILING_S) if self._opened_s is None else self._opened_s
        return opened_s + len(self._timeline)

    def begin(self) -> None:
        """Profile the first variant."""
        self._profile()

    def add(self, latencies: list[float]) -> None:
        """Take latencies [s] that came in; while profiling they belong to one variant."""
        if self._opened_s is None:
            self._profiled += latencies
            self._go_on()

    def went_idle(self, lane: int, done: int) -> None:
        """Note that a lane runs no more after `done` inferences; rows may still be on their way."""
        self._running.discard(lane)
        if self._opened_s is None:
            self._announced += done
            self._go_on()

    @property
    def due_s(self) -> float:
        """When somebody comes or goes next, or is looked for again [s since the load started]."""
        if not self._tenants or self.is_over:
            return inf
        if self._opened_s is None:
            return 0.0
        there = self._timeline[self._second]
        if {tenant.name for tenant in self.present.values()} != set(there):
            return self._opened_s + self._second + 1  # a lane had not ended yet
        later = range(self._second + 1, len(self._timeline))
        change = next((s for s in later if self._timeline[s] != there), len(self._timeline))
        return self._opened_s + change

    def turn(self, t_s: float) -> Iterator[Remark]:
        """Let tenants come and go as the timeline says; `t_s` is the time of the trial [s]."""
        if not self._tenants or self.is_over:
            return
        if self._opened_s is None:
            self._opened_s = t_s
            yield "tenants", self._announcement()
        second = int(t_s - self._opened_s)
        if second >= len(self._timeline):
            self.is_over = True
            self._link.request("stop", lane="all")
            yield "tenancy", {"present": []}
            return
        self._second = second
        before = tuple(self.present)
        self._let_go(self._timeline[second])
        self._let_come(self._timeline[second])
        if tuple(self.present) != before:
            names = [tenant.name for tenant in self.present.values()]
            yield "tenancy", {"present": names, "lanes": list(self.present)}

    def takes(self, action: Action) -> bool:
        """Carry out an action on a lane that does not run, or must not; say whether it did.

        Settings count from a lane's next frame on, so a lane starts with what the policy wants
        for it: under another share its first frame could last for seconds.
        """
        if not isinstance(action, SetShare | SetVariant):
            return False
        variant, share = self._wanted[action.lane]
        if isinstance(action, SetShare):
            self._wanted[action.lane] = (variant, action.share)
            if action.share == 0 and action.lane in self._running:
                self._link.request("stop", lane=action.lane)
                return True
        else:
            self._wanted[action.lane] = (action.variant, share)
        return action.lane not in self._running

    def start_waiting(self) -> None:
        """Start the lanes of tenants that are there, have time, and do not run yet."""
        for lane in self.present:
            variant, share = self._wanted[lane]
            if lane not in self._running and share > 0:
                self._request_start(lane, variant, share_pm=max(1, round(share * 1000)))

    def _go_on(self) -> None:
        """Profile the next variant once this one is done; after the last, tenants may come."""
        if self._running or len(self._profiled) < self._announced or not self._unprofiled:
            return
        if len(self._profiled) < RUNS:
            self._run_alone()
            return
        self._latency_s[self._unprofiled.pop(0)] = median(
            self._profiled[len(self._profiled) // 2 :]
        )
        if self._unprofiled:
            self._profile()
        else:
            self._tenants = tuple(self._describe())

    def _profile(self) -> None:
        self._profiled, self._announced = [], 0
        self._run_alone()

    def _run_alone(self) -> None:
        self._request_start(PROFILE_LANE, self._unprofiled[0], dur_ms=round(STRETCH_S * 1000))

    def _describe(self) -> Iterator[Tenant]:
        for name, wish in zip(self._benchmark.names, self._benchmark.tenants, strict=True):
            yield wish.described(name, self._latency_s)

    def _announcement(self) -> dict[str, Any]:
        """Return what the record says of the tenants, and when which lanes should be taken."""
        names = self._benchmark.names
        drawn = [sorted(names.index(name) for name in there) for there in self._timeline]
        return {
            "tenants": [_told(tenant) for tenant in self._tenants],
            "seconds": len(drawn),
            "timeline": [
                [second, lanes]
                for second, lanes in enumerate(drawn)
                if not second or lanes != drawn[second - 1]
            ],
        }

    def _let_go(self, wanted: tuple[str, ...]) -> None:
        for lane, tenant in list(self.present.items()):
            if tenant.name not in wanted:
                del self.present[lane]
                if lane in self._running:
                    self._link.request("stop", lane=lane)

    def _let_come(self, wanted: tuple[str, ...]) -> None:
        """Let in who is wanted; one whose last inference is still on its way comes a turn later."""
        for name in wanted:
            lane = self._benchmark.names.index(name)
            if lane not in self.present and lane not in self._running:
                tenant = self.present[lane] = self._tenants[lane]
                # What holds where no policy says more: the most accurate one, as `stock` has it.
                self._wanted[lane] = (tenant.rungs[-1].variant, 1.0)

    def _request_start(self, lane: int, variant: str, **settings: int) -> None:
        threads = self._benchmark.threads
        self._link.request(
            "start", lane=lane, model=variant, threads=threads, seed=self._seed,
            no_sensors=not self._has_battery, **settings,
        )  # fmt: skip
        self._running.add(lane)


def occupancy_of(link: AgentLink, spec: RunSpec, *, has_battery: bool) -> Occupancy | None:
    """Return who comes and goes in a trial of this spec; None where one load runs throughout."""
    benchmark = spec.benchmark
    if not isinstance(benchmark, MultiTenant):
        return None
    return Occupancy(link, spec, benchmark, has_battery=has_battery)


def _told(tenant: Tenant) -> dict[str, Any]:
    return {
        "name": tenant.name,
        "min_accuracy_pct": tenant.min_accuracy_pct,
        "max_latency_s": tenant.max_latency_s,
        "priority": tenant.priority,
        "rungs": [asdict(rung) for rung in tenant.rungs],
        "alone": asdict(tenant.alone) if tenant.alone else None,
    }
