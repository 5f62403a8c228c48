"""What a phone's rest looks like is remembered, coolest first."""

from pathlib import Path
from typing import Any

from benchmarks.idle import keep_idle, load_idle


def settled(celsius: float, outcome: str = "settled") -> dict[str, Any]:
    return {"gate": {"outcome": outcome, "means_c": {"zone.skin.temperature": celsius}}}


def test_a_new_phone_has_no_idle_state(tmp_path: Path) -> None:
    assert load_idle(tmp_path, "127.0.0.1:6000") == {}


def test_the_coolest_rest_is_kept(tmp_path: Path) -> None:
    for celsius in (33.0, 31.5, 34.0):
        keep_idle(tmp_path, "127.0.0.1:6000", settled(celsius))
    assert load_idle(tmp_path, "127.0.0.1:6000") == {"zone.skin.temperature": 31.5}
    assert load_idle(tmp_path, "127.0.0.1:6001") == {}


def test_a_phone_that_did_not_settle_teaches_nothing(tmp_path: Path) -> None:
    keep_idle(tmp_path, "x", settled(20.0, "timed_out"))
    assert load_idle(tmp_path, "x") == {}


def test_a_serial_cannot_leave_its_folder(tmp_path: Path) -> None:
    keep_idle(tmp_path / "data", "../../x", settled(30.0))
    assert [path.name for path in (tmp_path / "data" / "idle").iterdir()] == [".._.._x.json"]
