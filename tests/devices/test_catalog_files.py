"""A phone file from its first line to a soak: what is refused, and what is enough."""

import json
from pathlib import Path

import pytest

from benchmarks.solo import run_once
from benchmarks.specs import parse
from devices.phone import connect
from devices.virtual import catalog
from devices.virtual.catalog import BrokenPhone, load, names
from devices.virtual.catalog.door import described, estimated, sources, table
from devices.virtual.kernel.machine import Machine
from devices.virtual.physics.thermal import NODES
from tests.devices.soaking import S
from tests.parts.adb import virtual_phones

SHIPPED = Path(catalog.__file__).parent
NEIGHBOR = (SHIPPED / "pixel-3.toml").read_text()


def broken(folder: Path, old: str, new: str) -> str:
    """Return what is said about a copy of a neighbor with one change."""
    assert old in NEIGHBOR
    text = NEIGHBOR.replace('name = "pixel-3"', 'name = "mine"', 1)
    (folder / "mine.toml").write_text(text.replace(old, new, 1))
    load.cache_clear()
    with pytest.raises(BrokenPhone) as raised:
        load("mine", folder)
    return str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("capacity_mah = 2915\n", "", r"battery.capacity_mah is missing: add it"),
        ("capacity_mah = 2915", "capacity_mah = 'big'", "battery.capacity_mah = 'big': input"),
        ('governor = "bw_hwmon"', 'regent = "x"', "memory.levels.regent is no key"),
        ("[300000, 568000, 56.5]", "[300000]", "clusters[0] (little).opps[0]"),
        (
            "[403200, 572000, 61.2]",
            "[403200, 572000, 50.0]",
            "[403200, 572000, 50.0] must not be below",
        ),
        ('governor = "bw_hwmon"', 'governor = "bw"', "memory.levels: governor 'bw' is not among"),
        ("[9155, ", "[8000, ", "must not be below [8132, "),
        ('cluster = "big"', 'cluster = "huge"', "'huge' is not among little, big"),
        ('zone = "fps-therm-monitor"', 'zone = "skin"', "vendor: zone 'skin' is not among"),
        ('hot_part = "big"', 'hot_part = "fast"', "hot_part 'fast' is not among"),
        ("die-soc = 3.0", "die-sock = 3.0", "heat.resistance_k_w 'sock' is not among"),
        ("cpus = [4, 5, 6, 7]", "cpus = [3, 4, 5, 6]", "each CPU from 0 on belongs to one"),
        ("capacity = 1024", "capacity = 900", "scale all so that it has 1024"),
        ("[identity]", "[identity", "this is not TOML"),
    ],
)
def test_a_broken_file_names_file_key_and_way_out(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    sentence = broken(tmp_path, old, new)
    assert str(tmp_path / "mine.toml") in sentence
    assert said in sentence


def test_a_file_under_another_phones_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(NEIGHBOR)
    with pytest.raises(BrokenPhone, match="must be the file's own, 'mine'"):
        load("mine", tmp_path)


@pytest.mark.parametrize("name", names())
def test_every_number_stands_under_a_source(name: str) -> None:
    spec = load(name)
    blocks = dict(sources(spec))
    assert all(len(source) > 8 for source in blocks.values())
    for block in ("identity", "memory", "memory.levels", "gpu", "radio.wifi", "battery", "heat"):
        assert block in blocks, block
    for cluster in spec.clusters:
        assert f"clusters.{cluster.name}" in blocks
        assert f"clusters.{cluster.name}.idle" in blocks
    assert {f"zones.{zone.type}" for zone in spec.zones} <= set(blocks)


def test_a_source_says_itself_how_much_is_estimated() -> None:
    assert estimated("Linux device tree sm8150.dts") == "none"
    assert estimated("kHz: device tree; mW estimated") == "some"
    assert estimated("estimated: screen off") == "all"
    words = {estimated(text) for name in names() for _, text in sources(load(name))}
    assert words == {"none", "some", "all"}


@pytest.mark.parametrize("name", names())
def test_power_rises_with_voltage_and_clock(name: str) -> None:
    described_power = described(load(name))["derived"]
    assert isinstance(described_power, dict)
    for cluster in described_power["power"]:
        for column in range(3):
            values = [row[column] for row in cluster["rows"]]
            assert values == sorted(values), (cluster["cluster"], column)
        assert 20 <= cluster["rows"][-1][2] <= 4000  # one core at its top clock [mW]
        assert all(500_000 <= row[1] <= 1_200_000 for row in cluster["rows"])


@pytest.mark.parametrize("name", names())
def test_the_case_of_a_phone_is_a_phones(name: str) -> None:
    spec = load(name)
    heat = described(spec)["derived"]["heat"]  # type: ignore[index]
    assert 0.1 < heat["time_constants_s"][0] < 2.0
    assert 300 < heat["time_constants_s"][-1] < 2000
    rises = [heat["rise_k_w"][node] for node in NODES]
    assert max(rises) == heat["rise_k_w"]["die"]
    assert 8 < max(rises) < 30
    assert 90 < sum(spec.heat.capacity_j_k.values()) < 260


@pytest.mark.parametrize("name", names())
def test_an_idle_phone_keeps_its_heat_and_its_account(name: str) -> None:
    """At rest what comes in goes out, and nothing moves."""
    machine = Machine(load(name), 0)
    before = machine.warmth.temps_c
    machine.set_charger(False)
    machine.advance(600 * S)
    account = machine.truth()
    came, went = account["heat_in_j"], account["heat_lost_j"]
    assert isinstance(came, float)
    assert isinstance(went, float)
    stored = account["heat_stored_j"]
    assert isinstance(stored, float)
    assert went + stored == pytest.approx(came, rel=2e-3)
    assert machine.warmth.temps_c == pytest.approx(before, abs=1.0)


def test_the_door_is_json_without_a_number_that_is_none() -> None:
    """Thresholds that are never reached are null: NaN is no JSON."""
    text = json.dumps([described(load(name)) for name in names()], allow_nan=False)
    assert "null" in text


def test_the_table_has_a_row_for_every_phone_and_every_source() -> None:
    specs = [load(name) for name in names()]
    lines = list(table(specs))
    assert [line.split()[0] for line in lines[1 : len(specs) + 1]] == list(names())
    text = "\n".join(lines)
    assert all(source in text for spec in specs for _, source in sources(spec))


def test_phones_differ_in_their_quirks() -> None:
    """No two models with quirks of their own share all of them."""
    quirks = [load(name).quirks.model_copy(update={"source": ""}) for name in names()]
    assert len({each.model_dump_json() for each in quirks}) == len(quirks)


def test_one_more_phone_is_one_more_file(tmp_path: Path) -> None:
    """The recipe of CONTRIBUTING: copy a neighbor, rename it, start it, soak it."""
    text = NEIGHBOR.replace('name = "pixel-3"', 'name = "mine"', 1)
    (tmp_path / "mine.toml").write_text(
        text.replace('market_name = "Pixel 3"', 'market_name = "Eleventh"')
    )
    benchmark = {"kind": "thermal_soak", "workload": "mobilenet_v2", "duration_s": 20}
    with virtual_phones("mine", speed=50, catalog=tmp_path) as phones:
        phone = connect(phones.serials[0], server=phones.server)
        outcome = run_once(phone, parse({"benchmark": benchmark}), lambda *_: None)
    assert outcome.document["verdict"] == "valid", outcome.document["reasons"]
    assert outcome.document["device"]["model"] == "Eleventh"
