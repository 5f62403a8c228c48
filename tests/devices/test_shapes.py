"""Every parser reads its texts in all the shapes that real phones print; names are invented."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.facts import NOTHING_KNOWN, Facts
from devices.parsing import KINDS, parsed
from tests.parts.adb import ROOT

SHAPES = Path(__file__).parent / "shapes"
CASES: list[tuple[str, dict[str, Any]]] = [
    (path.stem, case)
    for path in sorted(SHAPES.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text())
]
TEXTS = {kind: [str(case["text"]) for found, case in CASES if found == kind] for kind in KINDS}
ABSOLUTE, RELATIVE = 0.05, 0.001


def fits(wanted: Any, got: Any) -> bool:
    """Say whether what is wanted is there; other keys are free, lists are compared whole."""
    if isinstance(wanted, dict):
        if not isinstance(got, dict) or (not wanted and got):
            return False
        return all(key in got and fits(value, got[key]) for key, value in wanted.items())
    if isinstance(wanted, list):
        same_length = isinstance(got, list) and len(wanted) == len(got)
        return same_length and all(map(fits, wanted, got))
    if isinstance(wanted, bool | str) or wanted is None:
        return type(wanted) is type(got) and bool(wanted == got)
    is_number = isinstance(got, int | float) and not isinstance(got, bool)
    return is_number and abs(wanted - got) <= max(ABSOLUTE, RELATIVE * abs(wanted))


def as_json(result: dict[str, Any]) -> Any:
    return json.loads(json.dumps(result, allow_nan=False))


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{k}: {c['claim']}" for k, c in CASES])
def test_a_shape_is_read(kind: str, case: dict[str, Any]) -> None:
    facts = Facts.model_validate(case.get("facts", {}))
    got = as_json(parsed(kind, case["text"], facts))
    assert fits(case["expected"], got), got


def test_every_kind_has_its_shapes() -> None:
    assert {kind for kind, _ in CASES} == set(KINDS)
    assert min(len(texts) for texts in TEXTS.values()) >= 6


def test_the_comparison_can_fail() -> None:
    assert not fits({"a": 1.0}, {"a": 1.2})
    assert not fits({"a": []}, {"a": [1]})
    assert not fits({"a": {}}, {"a": {"b": 1}})
    assert not fits({"a": None}, {"a": 0})
    assert not fits({"a": 0}, {"a": False})
    assert fits({"a": 1.0}, {"a": 1.04, "b": 2})


@st.composite
def mutations(draw: st.DrawFn, kind: str) -> str:
    """Return a real shape with a few pieces cut out, doubled, exchanged or replaced."""
    text = draw(st.sampled_from(TEXTS[kind]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 60)))
        other = draw(st.sampled_from(TEXTS[kind]))
        at = draw(st.integers(0, len(other)))
        piece = draw(
            st.sampled_from(("", text[start:end] * 2, "9" * 5000, "-", "nan", "\0", "é", "\r\n"))
            | st.just(other[at : at + 40])
            | st.text(max_size=8)
        )
        text = text[:start] + piece + text[end:]
    return text


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_mutated_shape_gives_a_result_or_one_word(kind: str, data: st.DataObject) -> None:
    text = data.draw(mutations(kind))
    result = as_json(parsed(kind, text))
    assert result["ok"] or isinstance(result["error"], str)
    again = as_json(parsed(kind, text))
    assert again == result


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_result_or_one_word(kind: str, text: str) -> None:
    result = as_json(parsed(kind, text, NOTHING_KNOWN))
    assert result["ok"] or isinstance(result["error"], str)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"su", "adb_devices"}))
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("error: device offline\n", "device_offline"),
        ("error: device 'X1' not found\n", "device_not_found"),
        ("error: device 'closed' not found\n", "device_not_found"),
        ("adb: no devices/emulators found\n", "device_not_found"),
        ("error: device still authorizing\n", "device_authorizing"),
        ("error: closed\n", "transport_closed"),
        ("error: protocol fault\n", "transport_error"),
        ("* daemon started successfully\nerror: device unauthorized.\n", "device_unauthorized"),
        ("Can't find service: anything\n", "no_service"),
        ("/system/bin/sh: cat: /sys/x: Permission denied\n", "permission_denied"),
        ("cat: /sys/x: No such file or directory\n", "not_found"),
    ],
)
def test_a_refusal_is_told_by_its_word(kind: str, text: str, word: str) -> None:
    assert parsed(kind, text)["error"] == word


def _parse(kind: str, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "devices", "parse", kind, *words]
    return subprocess.run(
        command, cwd=ROOT, input=text, capture_output=True, text=True, timeout=30, check=False
    )


def test_the_command_prints_one_object_and_ends_with_two_for_a_refusal(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text('{"zones": [{"index": 0, "type": "cold", "unit": "mC"}], "serial": "S1"}')
    text = "thermal_zone0|cold|900\n"
    done = _parse("thermal_zones", text, "--phone", str(facts))
    assert (done.returncode, json.loads(done.stdout)["zones"][0]["c"]) == (0, 0.9)
    done = _parse("thermal_zones", "error: closed\n")
    assert (done.returncode, json.loads(done.stdout)["error"]) == (2, "transport_closed")


def test_facts_that_cannot_be_are_refused_by_name(tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text('{"gauge": {"current_unit": "kA"}}')
    done = _parse("power_supply", "", "--phone", str(facts))
    assert done.returncode == 2
    assert "gauge.current_unit" in done.stderr
    assert "kA" in done.stderr
    assert len(done.stderr.splitlines()) == 1
