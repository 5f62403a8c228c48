"""Agendas: what they become, in which order, and what they are told when they are wrong."""

from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks.agenda import Agenda, AgendaError, plan
from benchmarks.agenda_file import MOST_BYTES, read_agenda

TEXT = """\
experiment: threads
config:
  repeats: 4
  preconditions: {start_gate: {relative_c: 3, timeout_s: 600}}
sections:
  - {id: two, params: {threads: 2}}
  - {id: four, params: {threads: 4}, preconditions: {start_gate: {relative_c: 5}}}
workloads:
  - id: rn50
    benchmark: thermal_soak
    workload: resnet50
    params: {duration_s: 600}
devices:
  select: {kind: virtual}
"""


def order_of(agenda: Agenda) -> str:
    return " ".join(one.section[0] + str(one.repeat) for one in plan(agenda))


def changed(**config: Any) -> Agenda:
    agenda = read_agenda(TEXT)
    return agenda.model_copy(update={"config": agenda.config.model_copy(update=config)})


def test_pairs_turn_their_order_from_repeat_to_repeat() -> None:
    assert order_of(read_agenda(TEXT)) == "t0 f0 f1 t1 t2 f2 f3 t3"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("by_section", "t0 t1 t2 t3 f0 f1 f2 f3"),
        ("by_workload", "t0 t1 t2 t3 f0 f1 f2 f3"),
    ],
)
def test_other_orders_on_request(order: str, expected: str) -> None:
    assert order_of(changed(order=order)) == expected


def test_a_random_order_keeps_repeats_together_and_follows_the_seed() -> None:
    first, again, other = (changed(order="random", seed=seed) for seed in (5, 5, 6))
    assert order_of(first) == order_of(again)
    assert order_of(first) != order_of(other)
    assert [one.repeat for one in plan(first)] == [0, 0, 1, 1, 2, 2, 3, 3]


def test_runs_of_a_pair_share_their_seed_and_differ_in_what_the_section_says() -> None:
    two, four = plan(read_agenda(TEXT))[:2]
    assert two.spec.seed == four.spec.seed == 1
    assert plan(read_agenda(TEXT))[2].spec.seed == 2
    assert (two.spec.benchmark.threads, four.spec.benchmark.threads) == (2, 4)
    gates = [one.spec.preconditions.start_gate for one in (two, four)]
    assert [(gate.relative_c, gate.timeout_s) for gate in gates] == [(3.0, 600.0), (5.0, 600.0)]


def test_two_sections_get_ten_pairs_and_one_gets_one_run() -> None:
    agenda = changed(repeats=None)
    assert agenda.repeats == 10
    assert agenda.model_copy(update={"sections": agenda.sections[:1]}).repeats == 1


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("threads: 4", "thread: 4", "line 7, sections.1.params.thread: There is no parameter"),
        ("workload: resnet50", "workload: resnet5", "line 11, workloads.0.workload: There is no"),
        (
            "  repeats: 4",
            "  repeatz: 4",
            "line 3, config.repeatz: There is no key 'repeatz'. Did",
        ),
        ("relative_c: 3", "relative: 3", "line 4, config.preconditions.start_gate.relative: There"),
        ("relative_c: 5", "relative_c: 0", "line 7, sections.1.preconditions.start_gate"),
        ("thermal_soak", "soak", "line 10, workloads.0.benchmark: There is no benchmark 'soak'"),
        ("duration_s: 600", "duration_s: x", "line 12, workloads.0.params.duration_s"),
        ("id: four", "id: two", "line 7, sections.1.id: two sections are called 'two'"),
        ("id: rn50", "id: 'a b'", "line 9, workloads.0.id: = 'a b': a name has up to 48 letters"),
        ("virtual}", "virtual}\n  count: many", "line 15, devices.count: = 'many': a number"),
        ("experiment: threads", "experiment: x\nexperiment: y", "line 2: 'experiment' stands here"),
        ("experiment: threads\n", "", "experiment is missing"),
        ("threads: 2", "threads: &a 2", "line 6: anchors, aliases and tags are not taken"),
        ("threads: 2", "threads: !!int 2", "line 6: anchors, aliases and tags are not taken"),
        ("sections:", "sections: [", "is no YAML"),
        (TEXT, "- 1", "an agenda is a mapping"),
        (TEXT, "", "an agenda is a mapping"),
        (TEXT, "a: " + "x" * MOST_BYTES, "at most 256 KiB"),
        (TEXT, "a: " + "[" * 30 + "]" * 30, "nested too deeply"),
        (TEXT, "[" * 60_000, "nested too deeply"),
        ("repeats: 4", "repeats: 2001-02-30", "line 3, config.repeats"),
        ("repeats: 4", "priority: urgent", "line 3, config.priority: = 'urgent'"),
    ],
)
def test_a_wrong_agenda_is_told_line_field_and_way_out(old: str, new: str, sentence: str) -> None:
    assert old in TEXT
    with pytest.raises(AgendaError) as refused:
        read_agenda(TEXT.replace(old, new, 1))
    assert sentence in str(refused.value)


def test_the_schema_says_what_every_field_is_for() -> None:
    properties: Mapping[str, Any] = Agenda.model_json_schema()["$defs"]["Config"]["properties"]
    assert all("description" in schema for schema in properties.values())
