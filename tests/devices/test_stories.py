"""A script and a seed tell one story, and its phones live it in device time."""

import contextlib
import json
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.virtual.faults.story import ScriptError, tell
from tests.parts.adb import ROOT

PHONES = ("virt-a-1", "virt-b-1")
SCRIPT = """
# a hot day with a loose cable
5s   all       ambient 35
every 20s..60s until 10m  all  fault drop|hang --for 1s..8s
1m   virt-b-1  fault sensor-stuck skin
"""


def test_the_same_seed_tells_the_same_story() -> None:
    assert tell(SCRIPT, PHONES, 7) == tell(SCRIPT, PHONES, 7)
    assert tell(SCRIPT, PHONES, 7) != tell(SCRIPT, PHONES, 8), "the control"


def test_a_story_is_in_order_and_within_its_spans() -> None:
    story = tell(SCRIPT, PHONES, 7)
    assert story == sorted(story)
    assert {happening.phone for happening in story} == set(PHONES)
    drawn = [h for h in story if h.phone == "virt-a-1" and h.words[0] == "fault"]
    assert 600 / 60 - 1 <= len(drawn) <= 600 / 20
    gaps = [b.at_s - a.at_s for a, b in pairwise(drawn)]
    assert all(20 <= gap <= 60.001 for gap in gaps)
    assert set(Counter(h.words[1] for h in drawn)) == {"drop", "hang"}
    assert all(1 <= float(h.words[3].removesuffix("s")) <= 8 for h in drawn)


def test_who_else_is_there_changes_no_phone_s_story() -> None:
    alone = tell(SCRIPT.replace("virt-b-1", "virt-a-1"), PHONES[:1], 7)
    together = tell(SCRIPT, PHONES, 7)
    mine = [h for h in together if h.phone == "virt-a-1"]
    assert [h for h in alone if "sensor-stuck" not in h.words] == mine


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("noon all ambient 3", "a duration such as 500ms"),
        ("5s nobody ambient 3", "no phone 'nobody'; there are: virt-a-1, virt-b-1"),
        ("5s all", "a time, a phone and what happens"),
        ("every 5s for 1m all fault drop", "every SPAN until TIME"),
        ("every 0s until 1m all fault drop", "must be more than none"),
        ("every 1ms until 1h all fault drop", "more than 10000 things"),
    ],
)
def test_a_line_that_makes_no_sense_is_named(line: str, sentence: str) -> None:
    with pytest.raises(ScriptError) as refusal:
        tell(f"1s all ambient 22\n{line}\n", PHONES, 1)
    assert str(refusal.value).startswith("line 2")
    assert sentence in str(refusal.value)


@given(st.text(alphabet="0123456789smh.|ever untilal#-\n", max_size=80))
def test_any_script_is_a_story_or_a_script_error(script: str) -> None:
    with contextlib.suppress(ScriptError):
        assert all(happening.phone in PHONES for happening in tell(script, PHONES, 1))


def _command(folder: Path, *words: str) -> list[str]:
    script = folder / "script"
    script.write_text("2s all ambient 35\n4s all fault sensor-lost nose\n6s..9s all battery 40\n")
    command = [sys.executable, "-m", "devices.virtual", "--phones", "pixel-4", "--port", "0"]
    return [*command, "--speed", "20", "--seed", "3", "--script", str(script), *words]


def test_a_story_can_be_told_without_being_lived(tmp_path: Path) -> None:
    done = subprocess.run(
        _command(tmp_path, "--tell"), cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "2.000s virt-pixel-4-1 ambient 35"
    assert len(lines) == 3


def test_what_happened_is_in_files_and_its_truth_is_the_same_twice(tmp_path: Path) -> None:
    truths, events = [], []
    for run in ("one", "two"):
        folder = tmp_path / run
        command = _command(tmp_path, "--record", str(folder))
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as phones:
            truth = folder / "virt-pixel-4-1.truth.jsonl"
            assert phones.stdout is not None
            assert "ready" in "".join(iter(phones.stdout.readline, "ready\n")) + "ready"
            with subprocess.Popen(["tail", "-n", "+1", "-f", str(truth)], stdout=-1) as tail:
                assert tail.stdout is not None
                for _ in range(25):
                    tail.stdout.readline()
                tail.terminate()
            phones.terminate()
        rows = [json.loads(line) for line in truth.read_text().splitlines()[:25]]
        truths.append([(row["t_ns"], row["charge"] > 0.5) for row in rows])
        lines = (folder / "virt-pixel-4-1.events.jsonl").read_text().splitlines()
        events.append([json.loads(line) for line in lines])
        assert json.loads((folder / "virt-pixel-4-1.log.json").read_text()) == []
    assert truths[0] == truths[1]
    assert {charge for _, charge in truths[0]} == {True, False}
    assert [event["words"] for event in events[0]] == [event["words"] for event in events[1]]
    assert [bool(event["refused"]) for event in events[0]] == [False, True, False]
