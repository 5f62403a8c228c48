"""The oracle on a phone, in process: no policy is cheaper there, and a false oracle is dearer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest

from benchmarks.analysis.energy import energy_metric
from benchmarks.catalog.dvfs_regret import regret
from benchmarks.conversation import Tick
from benchmarks.policies.dvfs.stage import STAGE, Stage, stage_of
from benchmarks.preparation import prepare
from benchmarks.specs import RunSpec, parse
from benchmarks.trace import Trace, TraceBuilder
from benchmarks.trial import perform
from devices.probe import probe
from devices.samples import Event
from devices.virtual import inprocess

PHONE = "pixel-3"  # its GPU has 7 clocks and its memory 7: all 49 pairs are measured in seconds
PLANNED = ("neurobalancer", "static_pair", "race_to_idle")
USUAL = (*PLANNED, "stock")


def spec(policy: str) -> RunSpec:
    benchmark = {"kind": "dvfs", "workload": "resnet50", "processor": "gpu", "duration_s": 15,
                 "period_ms": 114, "repeats": 3, "mode": "root"}  # fmt: skip
    gate = {"start_gate": {"timeout_s": 0}}
    return parse({"benchmark": benchmark, "policy": {"kind": policy}, "preconditions": gate})


@dataclass(frozen=True)
class Bench:
    """One phone that was rehearsed once, for runs one after the other."""

    near: inprocess.InProcess
    findings: Mapping[str, Any]
    baseline: Event
    trials: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def stage(self) -> Stage:
        found = stage_of(self.findings)
        assert found is not None
        return found

    def run(self, policy: str, believed: Stage | None = None) -> Trace:
        """Measure a policy, by default one that plans with what was rehearsed."""
        findings = {**self.findings, STAGE: (believed or self.stage).as_dict()}
        phone, builder = self.near.phone, TraceBuilder()
        soak = perform(
            self.near.link, phone, probe(phone), spec(policy), next(self.trials), findings
        )
        builder.extend([self.baseline, *(item for item in soak if not isinstance(item, Tick))])
        return builder.build()


def rehearsed(policy: str) -> Iterator[Bench]:
    near = inprocess.start(PHONE, sets_knobs=True)
    findings: dict[str, Any] = {}
    with near.link as link:
        items = prepare(link, near.phone, probe(near.phone), spec(policy), findings=findings)
        *_, baseline = (item for item in items if isinstance(item, Event))
        yield Bench(near, findings, baseline)


@pytest.fixture(scope="module")
def usual() -> Iterator[Bench]:
    yield from rehearsed("neurobalancer")


@pytest.fixture(scope="module")
def traces(usual: Bench) -> Mapping[str, Trace]:
    return {policy: usual.run(policy) for policy in USUAL}


@pytest.fixture(scope="module")
def knowing() -> Iterator[Bench]:
    yield from rehearsed("oracle")


def energy_mj(trace: Trace) -> float:
    found = energy_metric(trace).value
    assert found is not None
    return found


def test_no_policy_is_cheaper_in_the_same_interval_and_a_false_oracle_is(
    knowing: Bench, traces: Mapping[str, Trace]
) -> None:
    least_mj = energy_mj(knowing.run("oracle"))
    found = {policy: energy_mj(trace) for policy, trace in traces.items()}
    assert min(found, key=lambda policy: found[policy]) == "neurobalancer"
    assert least_mj < found["neurobalancer"]
    # The same phone, believed to need at each pair of clocks what it needs at the opposite one.
    table = knowing.stage.table
    wrong = replace(knowing.stage, table=replace(table, energy_j=table.energy_j[:, ::-1].copy()))
    assert energy_mj(knowing.run("oracle", wrong)) > 1.05 * found["neurobalancer"]


def test_it_rehearses_every_pair_that_the_phone_allows(knowing: Bench, usual: Bench) -> None:
    table = knowing.stage.table
    assert (len(table.core_khz), len(table.memory_khz), table.points) == (7, 7, 49)
    assert usual.stage.table.points == 18


def over(trace: Trace, stage: Stage) -> tuple[float | None, str]:
    """Return the regret [1] and its note."""
    _, metric = regret(trace, stage, energy_metric(trace)).metrics
    return metric.value, metric.note


def test_every_run_is_held_against_its_own_rehearsal_afterwards(
    usual: Bench, traces: Mapping[str, Trace]
) -> None:
    found = {policy: over(trace, usual.stage)[0] for policy, trace in traces.items()}
    regrets = [value for value in found.values() if value is not None]
    assert len(regrets) == len(USUAL)
    assert min(regrets) == found["neurobalancer"]
    assert 0 < min(regrets) < 0.1 < max(regrets)
    for policy in PLANNED:
        told = regret(traces[policy], usual.stage, energy_metric(traces[policy])).details
        assert told["own_mj"] == pytest.approx(energy_mj(traces[policy]), rel=0.03)
        assert told["floor_mj"] <= told["energy_mj"] < told["own_mj"]


def test_a_bound_from_a_wrong_table_is_not_believed(
    usual: Bench, traces: Mapping[str, Trace]
) -> None:
    table = usual.stage.table
    dearer = replace(usual.stage, table=replace(table, energy_j=table.energy_j * 1.5))
    for policy in PLANNED:
        value, note = over(traces[policy], dearer)
        assert value is None
        assert "the rehearsal does not describe this load: it says" in note
    # Nobody told the clocks of the governors' run, so nothing but the sign gives it away.
    value, _ = over(traces["stock"], dearer)
    assert value is not None
    assert value < 0
    foreign = replace(table, core_khz=tuple(khz + 1 for khz in table.core_khz))
    value, note = over(traces["neurobalancer"], replace(usual.stage, table=foreign))
    assert (value, note) == (None, "it ran at clocks that its rehearsal does not know")
    value, note = over(traces["stock"], replace(usual.stage, source="gauge"))
    assert (value, note) == (
        None,
        "the run's energy is told by physics, the rehearsal's by gauge",
    )
