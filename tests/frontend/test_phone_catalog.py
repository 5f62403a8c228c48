"""The pages of the phone catalog: read at the catalog's door, with every source on them."""

import html
import json
import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from fleet.bootstrap import REPOSITORY
from fleet.models import Device
from frontend import phone_catalog
from frontend.power_curve import HEIGHT, WIDTH, Curve, Point, power_curve
from tests.frontend import farm

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def door() -> list[dict[str, Any]]:
    """What the catalog says to everybody."""
    command = [sys.executable, "-m", "devices.virtual", "--list", "--json"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def page(person: Client, path: str) -> str:
    answer = person.get(path)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_every_phone_has_a_card_with_a_picture_in_words(
    person: Client, door: list[dict[str, Any]]
) -> None:
    text = page(person, "/phones/")
    for phone in door:
        assert f'href="/phones/{phone["name"]}/"' in text
        cluster = phone["derived"]["power"][-1]
        khz, _, mw = cluster["rows"][-1]
        assert f"to {mw:.0f} mW at {khz / 1e6:.2f} GHz" in text


def test_a_phones_page_shows_every_block_with_its_source(
    person: Client, door: list[dict[str, Any]]
) -> None:
    for phone in door[::4]:
        text = page(person, f"/phones/{phone['name']}/")
        for row in phone["sources"]:
            if not row["block"].startswith("cooling."):
                assert row["source"] in text, (phone["name"], row["block"])
        assert text.count("source__mark") >= len(phone["zones"]) + len(phone["clusters"])
        for zone in phone["zones"]:
            assert f"<code>{zone['type']}</code>" in text


def test_what_is_estimated_is_marked(person: Client, door: list[dict[str, Any]]) -> None:
    """The mark stands right before the words that earn it."""
    text = page(person, "/phones/pixel-4/")
    [phone] = [each for each in door if each["name"] == "pixel-4"]
    words = {"none": "sourced", "some": "partly estimated", "all": "estimated"}
    for row in phone["sources"]:
        if row["block"].startswith(("clusters.", "heat", "base")) and "idle" not in row["block"]:
            mark = rf'source__mark">{words[row["estimated"]]}</span> {re.escape(row["source"])}'
            assert re.search(mark, text), row["block"]


def test_numbers_stand_beside_their_units(person: Client) -> None:
    text = page(person, "/phones/pixel-4/")
    for label in ("capacity, mAh", "resistance, Ω", "GB/s", "down, W per Mbit/s", "tail, s"):
        assert f"<dt>{label}</dt>" in text, label


def test_the_fleet_links_to_the_catalog_and_a_virtual_phone_to_its_own_page(
    person: Client, honor: Device
) -> None:
    text = page(person, "/")
    assert 'href="/phones/"' in text
    assert 'href="/phones/?model=Honor%20V30%20Pro"' in text
    answer = person.get("/phones/?model=Honor%20V30%20Pro")
    assert answer["Location"] == "/phones/honor-v30-pro/"
    assert "/phones/?model" not in page(person, f"/devices/{farm.device(farm.REAL).pk}/card")


def test_a_model_that_is_not_there_is_said_so(person: Client) -> None:
    assert "calls itself <strong>Nokia 3310</strong>" in page(person, "/phones/?model=Nokia+3310")
    assert person.get("/phones/nokia-3310/").status_code == 404


def test_a_catalog_that_cannot_be_read_says_what_it_said(
    person: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('pixel-4.toml: not TOML')")
    monkeypatch.setattr(phone_catalog, "_DOOR", command)
    phone_catalog._read.cache_clear()
    assert "pixel-4.toml: not TOML" in page(person, "/phones/")
    assert "pixel-4.toml: not TOML" in page(person, "/phones/pixel-4/")


def test_a_curve_stays_inside_its_picture_and_rises_to_the_right() -> None:
    points = (Point(0.3, 41.0), Point(1.4, 400.0), Point(2.84, 984.2))
    drawn = power_curve([Curve("prime", points, is_measured=True)])
    xs = [float(x) for x, _ in drawn.lines[0].dots]
    ys = [float(y) for _, y in drawn.lines[0].dots]
    assert xs == sorted(xs)
    assert ys == sorted(ys, reverse=True)
    assert drawn.left < min(xs)
    assert max(xs) <= WIDTH
    assert min(ys) >= 0
    assert max(ys) < HEIGHT
    assert [tick.text for tick in drawn.x] == ["0", "1", "2", "3"]
    assert [tick.text for tick in drawn.y][-1] == "1000"
