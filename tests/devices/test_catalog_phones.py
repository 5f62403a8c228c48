"""What the catalog promises: data with sources, one network for all, no phone in the code."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from devices.virtual import catalog
from devices.virtual.catalog import PhoneSpec, load, names
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from tests.devices.soaking import S

FOLDER = Path(catalog.__file__).parent
CODE = FOLDER.parent


def test_at_least_ten_phones_of_different_chips_are_there() -> None:
    """Two phones may share a chip, as they do in shops."""
    specs = [load(name) for name in names()]
    assert "honor-v30-pro" in names()
    assert len({len(spec.clusters) for spec in specs}) > 1
    assert len({spec.identity.soc for spec in specs}) >= 10


@pytest.mark.parametrize("name", names())
def test_a_file_is_named_for_its_phone(name: str) -> None:
    assert load(name).name == name


def test_an_unknown_phone_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="honor-v30-pro"):
        load("nokia-3310")


def test_a_block_without_a_source_is_refused() -> None:
    raw = tomllib.loads((FOLDER / "pixel-4.toml").read_text())
    del raw["battery"]["source"]
    with pytest.raises(ValidationError, match=r"battery\.source"):
        PhoneSpec.model_validate(raw)


def test_no_code_names_a_phone() -> None:
    words = {word for name in names() for word in (name, load(name).identity.model)}
    for path in (*CODE.glob("physics/*.py"), *CODE.glob("kernel/*.py"), *CODE.glob("catalog/*.py")):
        text = path.read_text()
        assert not [word for word in words if word in text], path


@pytest.mark.parametrize(
    "name", [name for name in names() if load(name).reference.latency_s is not None]
)
def test_the_one_latency_in_a_file_comes_out_of_the_cool_phone(name: str) -> None:
    spec = load(name)
    machine = Machine(spec, 0)
    machine.shift_trips(200.0)  # some governors hold clocks down from room temperature on
    mask = sum(1 << cpu for cpu in spec.reference.cpus)
    threads = len(spec.reference.cpus)
    machine.start_lane(0, RESNET50, LaneSettings(threads=threads, mask=mask), 0, seed=1)
    machine.advance(20 * S)
    late = [i.lat_us for i in machine.take_inferences() if i.t_ns > S]
    assert spec.reference.latency_s is not None
    assert sum(late) / len(late) == pytest.approx(spec.reference.latency_s * 1e6, rel=0.02)


@pytest.mark.parametrize("name", names())
def test_powers_rise_with_the_clock(name: str) -> None:
    machine = Machine(load(name), 0)
    for power in machine.chip.power:
        assert list(power.core_w) == sorted(power.core_w)
        assert power.core_w[0] >= 0


def test_units_of_one_model_differ_a_little_in_power() -> None:
    top = [Machine(load("pixel-4"), seed).chip.power[2].core_w[-1] for seed in range(1, 40)]
    mean = sum(top) / len(top)
    assert 0.01 * mean < max(top) - mean < 0.1 * mean
