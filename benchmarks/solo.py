"""One run on one phone with nothing but an adb server: no fleet, no database."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.catalog.base import Analysis
from benchmarks.conversation import Tick
from benchmarks.fitness import refuse_unfit
from benchmarks.peering import server_for
from benchmarks.preparation import prepare, restore
from benchmarks.result import run_document
from benchmarks.specs import RunSpec
from benchmarks.trace import Trace, TraceBuilder
from benchmarks.trial import perform
from devices.agent.link import AgentLink
from devices.clock import HOST, NS_PER_S
from devices.errors import DeviceError
from devices.phone import Phone
from devices.probe import probe
from devices.profile import DeviceProfile
from devices.samples import Event, Item

_log = logging.getLogger(__name__)
DEPLOYMENT = "solo"
PING_S = 2.0  # host time between two signs of life while an agent runs

Watcher = Callable[[str, Item | Tick], None]  # told the phase and what came


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run gave."""

    document: dict[str, Any]
    analysis: Analysis
    trace: Trace


def run_once(
    phone: Phone, spec: RunSpec, watch: Watcher, idle_c: Mapping[str, float] | None = None
) -> Outcome:
    """Prepare, perform and analyze; the phone is restored on every way out."""
    profile = probe(phone)
    refuse_unfit(spec, profile)
    failed = True
    try:
        with (
            server_for(spec),
            AgentLink.start(
                phone, deployment=DEPLOYMENT, fence=1, sets_knobs=spec.sets_knobs
            ) as link,
        ):
            outcome = measure(link, phone, profile, spec, watch, idle_c)
            failed = False
            return outcome
    finally:
        _put_back(phone, failed=failed)


def _put_back(phone: Phone, *, failed: bool) -> None:
    """Restore the phone; why a run has failed is never hidden by what went wrong after it."""
    try:
        restore(phone)
    except DeviceError as error:
        if not failed:
            raise
        _log.warning("%s was not restored: %s", phone.serial, error)


def measure(
    link: AgentLink,
    phone: Phone,
    profile: DeviceProfile,
    spec: RunSpec,
    watch: Watcher,
    idle_c: Mapping[str, float] | None = None,
) -> Outcome:
    """Prepare, perform and analyze on a phone whose agent is ours already."""
    builder = TraceBuilder()
    baseline: Mapping[str, Any] = {}
    findings: dict[str, Any] = {}
    settling = prepare(link, phone, profile, spec, idle_c=idle_c, findings=findings)
    for item in _kept_alive(link, "settling", settling, watch):
        builder.add(item)
        if isinstance(item, Event) and item.kind == "baseline":
            baseline = item.data
    soak = perform(link, phone, profile, spec, findings=findings)
    builder.extend(_kept_alive(link, "measuring", soak, watch))
    trace = builder.build()
    analysis = spec.benchmark.analyze(trace)
    document = run_document(spec, profile, link.hello, baseline, analysis)
    return Outcome(document, analysis, trace)


def _kept_alive(
    link: AgentLink, phase: str, items: Iterable[Item | Tick], watch: Watcher
) -> Iterator[Item]:
    """Yield items, and tell the phone now and then that its owner lives."""
    link.ping()
    pinged_ns = HOST.now_ns()
    for item in items:
        watch(phase, item)
        if not isinstance(item, Tick):
            yield item
        if HOST.now_ns() - pinged_ns > PING_S * NS_PER_S:
            link.ping()
            pinged_ns = HOST.now_ns()
