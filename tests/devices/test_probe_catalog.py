"""Probing finds each phone of the catalog to be exactly what its file says, quirks included."""

import re
from collections.abc import Iterator
from fnmatch import fnmatch

import pytest

from devices.clock import HOST, NS_PER_S
from devices.phone import Phone, connect
from devices.probe import probe
from devices.profile import DeviceProfile
from devices.virtual.catalog import PhoneSpec, load, names
from devices.virtual.kernel.quirks import Quirks
from tests.parts.adb import VirtualPhones, virtual_phones

CHIP_NAMES = ("ro.soc.model", "ro.chipname", "ro.hardware.chipname", "ro.mediatek.platform")
ROOT = {
    "none": "no_su",
    "aosp": "root",
    "magisk": "root",
    "kernelsu": "root",
    "restricted": "restricted",
    "denied": "denied",
    "shell": "not_root",
}
FIRST_WITH_CHIP, FIRST_WITH_THERMAL = 31, 29  # Android's API levels
POLICY = "/sys/devices/system/cpu/cpufreq/policy{}/{}"


@pytest.fixture(scope="module")
def catalog() -> Iterator[VirtualPhones]:
    """All phones of the catalog, on battery so that their gauges show a current."""
    with virtual_phones(*names(), speed=20) as phones:
        for serial in phones.serials:
            phones.ctl(serial, "charger", "off")
        for serial in phones.serials:  # a gauge shows a current one step of its phone later
            phone = connect(serial, server=phones.server)
            start_ns = phone.now_ns()
            while phone.now_ns() < start_ns + NS_PER_S:
                HOST.wait(0.01)
        yield phones


@pytest.fixture(scope="module")
def profiles(catalog: VirtualPhones) -> dict[str, DeviceProfile]:
    """What probing finds, by the name in the catalog."""
    return {
        name: probe(connect(serial, server=catalog.server))
        for name, serial in zip(names(), catalog.serials, strict=True)
    }


def _phone(catalog: VirtualPhones, name: str) -> Phone:
    return connect(catalog.serials[names().index(name)], server=catalog.server)


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


@pytest.mark.parametrize("name", names())
def test_names_are_those_of_the_file(profiles: dict[str, DeviceProfile], name: str) -> None:
    spec, found = load(name), profiles[name]
    quirks, identity = spec.quirks, spec.identity
    is_told = bool(quirks.market_name_property)
    assert found.model == (identity.market_name if is_told else identity.model)
    assert (found.manufacturer, found.product) == (identity.manufacturer, identity.product)
    assert (found.android, found.sdk) == (identity.android, identity.sdk)
    assert found.abis == identity.abilist
    assert found.fingerprint == identity.fingerprint
    assert found.memory_kb == spec.memory.total_kb
    assert found.soc == (identity.soc if _names_its_chip(spec) else identity.board)
    assert ("chip_by_older_property" in found.quirks) is not ("ro.soc.model" in _chips(spec))
    assert ("no_market_name" in found.quirks) is not is_told


def _chips(spec: PhoneSpec) -> tuple[str, ...]:
    if spec.quirks.chip_properties is not None:
        return spec.quirks.chip_properties
    return ("ro.soc.model",) if spec.identity.sdk >= FIRST_WITH_CHIP else ()


def _names_its_chip(spec: PhoneSpec) -> bool:
    return any(name in CHIP_NAMES for name in _chips(spec))


@pytest.mark.parametrize("name", names())
def test_clocks_are_those_of_the_file(profiles: dict[str, DeviceProfile], name: str) -> None:
    spec, found = load(name), profiles[name]
    assert [cluster.cpus for cluster in found.clusters] == [c.cpus for c in spec.clusters]
    for cluster, fact in zip(found.clusters, spec.clusters, strict=True):
        shown = tuple(opp[0] for opp in fact.opps if opp[0] not in fact.hidden_khz)
        assert cluster.max_khz == shown[-1]
        assert cluster.frequencies_khz in (shown, (shown[0], shown[-1]))
        closed = spec.quirks.denied
        is_closed = _matches(POLICY.format(fact.policy, "scaling_governor"), closed)
        assert cluster.governor == (None if is_closed else fact.governor)
        is_closed = _matches(POLICY.format(fact.policy, "scaling_max_freq"), closed)
        assert (cluster.cap_khz is None) is is_closed
    lists = [_lists_clocks(spec.quirks, cluster.policy) for cluster in spec.clusters]
    assert ("no_list_of_clocks" in found.quirks) is not all(lists)
    assert found.capabilities["frequency_cap"] is ("caps_unreadable" not in found.quirks)


def _lists_clocks(quirks: Quirks, policy: int) -> bool:
    path = POLICY.format(policy, "scaling_available_frequencies")
    return not _matches(path, tuple(p for p in quirks.missing if not p.endswith("policy*")))


@pytest.mark.parametrize("name", names())
def test_zones_are_those_of_the_file(profiles: dict[str, DeviceProfile], name: str) -> None:
    spec, found = load(name), profiles[name]
    limiters = spec.quirks.limiters
    assert [zone.type for zone in found.zones] == [*(z.type for z in spec.zones), *limiters]
    for zone, fact in zip(found.zones, spec.zones, strict=False):
        path = f"/sys/class/thermal/thermal_zone{zone.index}/temp"
        is_mute = fact.absent is not None or _matches(path, (*spec.quirks.failing,))
        is_odd = re.search(r"ibat|vbat|bcl|-lvl|vph|socd", fact.type) is not None
        assert zone.unit in (None, fact.unit)
        assert (zone.unit is None) is (is_mute or is_odd), fact.type
    assert ("zones_of_other_quantities" in found.quirks) is bool(limiters)
    has_absent = any(zone.absent is not None for zone in spec.zones)
    assert ("zones_absent" in found.quirks) is has_absent


@pytest.mark.parametrize("name", names())
def test_the_skin_is_told_by_a_name_or_by_android(
    profiles: dict[str, DeviceProfile], name: str
) -> None:
    """Where no zone is named so, Android tells which one the maker limits by, if it tells any."""
    spec, found = load(name), profiles[name]
    named = {zone.type for zone in spec.zones if re.search("skin|shell", zone.type.lower())}
    assert spec.vendor
    told = {spec.vendor.zone} if spec.identity.sdk >= 29 else set()
    is_told = told and spec.quirks.thermal_dump.is_ready
    assert set(found.skin_zones) == named | (told if is_told else set())
    assert found.capabilities["skin"] is bool(found.skin_zones)
    says_no = [sentence for sentence in found.degrades if "No skin temperature" in sentence]
    assert bool(says_no) is not bool(found.skin_zones)


def test_all_phones_but_two_tell_their_skin(profiles: dict[str, DeviceProfile]) -> None:
    """One has an Android that cannot, and one a HAL that is never ready."""
    silent = [name for name, found in profiles.items() if not found.skin_zones]
    assert sorted(silent) == ["mate-10", "oppo-r15"]


@pytest.mark.parametrize("name", names())
def test_the_gauge_is_that_of_the_file(profiles: dict[str, DeviceProfile], name: str) -> None:
    spec, gauge = load(name), profiles[name].gauge
    battery, shape = spec.battery, spec.quirks.battery_dump
    assert gauge is not None
    assert gauge.supply == spec.quirks.battery_name
    assert gauge.current_unit == battery.current_unit
    assert gauge.current_sign == ("flipped" if battery.current_sign > 0 else "abi")
    assert gauge.full_mah == battery.capacity_mah
    assert ("no_charge_counter" in profiles[name].quirks) is (shape.counter == "junk")


@pytest.mark.parametrize("name", names())
def test_root_is_what_the_file_says(profiles: dict[str, DeviceProfile], name: str) -> None:
    spec, found = load(name), profiles[name]
    by_build = "root" if ":userdebug/" in spec.identity.fingerprint else "no_su"
    assert found.root == ROOT.get(spec.quirks.su, by_build)
    assert found.is_rooted is (found.root in ("root", "restricted"))
    assert found.capabilities["set_frequency"] is found.is_rooted
    says_no = [sentence for sentence in found.degrades if "cannot be set" in sentence]
    assert bool(says_no) is not found.is_rooted


@pytest.mark.parametrize("name", names())
def test_android_s_thermal_report_is_that_of_the_file(
    profiles: dict[str, DeviceProfile], name: str
) -> None:
    spec, found = load(name), profiles[name]
    shape = spec.quirks.thermal_dump
    has_service = spec.identity.sdk >= FIRST_WITH_THERMAL
    assert found.capabilities["thermal_status"] is has_service
    assert ("no_thermal_service" in found.quirks) is not has_service
    is_deaf = has_service and not shape.is_ready
    assert ("thermal_service_without_readings" in found.quirks) is is_deaf
    lists_limits = has_service and shape.is_ready and shape.battery_limits
    assert ("thermal_service_lists_other_quantities" in found.quirks) is lists_limits
    if has_service and shape.is_ready and shape.ghosts:
        assert "thermal_service_lists_absent_sensors" in found.quirks


def test_no_phone_fits_another_one_s_file(profiles: dict[str, DeviceProfile]) -> None:
    """The control: what is compared above differs between all phones."""
    facts = [(p.model, p.soc, p.memory_kb, p.clusters, p.zones) for p in profiles.values()]
    assert len({repr(fact) for fact in facts}) == len(facts)
    assert len({p.quirks for p in profiles.values()}) > len(facts) // 2


@pytest.mark.parametrize("name", names())
def test_settings_are_guarded_where_the_file_says(catalog: VirtualPhones, name: str) -> None:
    done = _phone(catalog, name).run(["settings", "put", "system", "screen_brightness", "90"])
    is_refused = "WRITE_SECURE_SETTINGS" in done.stderr and done.returncode == 255
    assert is_refused is load(name).quirks.guards_settings


def test_the_catalog_shows_every_habit_somewhere() -> None:
    """A habit that no phone has is a branch that nobody runs."""
    specs = [load(name) for name in names()]
    plain = Quirks()
    quirks = [spec.quirks for spec in specs]
    shown = {field for field in Quirks.model_fields for q in quirks if _differs(q, plain, field)}
    assert set(Quirks.model_fields) == shown
    assert {q.su for q in quirks} >= set(ROOT) - {"aosp"}
    assert {spec.battery.current_unit for spec in specs} == {"uA", "mA"}
    assert {spec.battery.current_sign for spec in specs} == {-1, 1}


def _differs(quirks: Quirks, plain: Quirks, field: str) -> bool:
    return bool(getattr(quirks, field) != getattr(plain, field))
