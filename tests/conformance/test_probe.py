"""What probe finds is what the phone is, on every device."""

import os
import subprocess
import sys

import pytest

from devices.agent.link import AgentLink
from devices.phone import Phone
from devices.portrait import portrait
from devices.probe import probe
from devices.profile import DeviceKind, DeviceProfile
from tests.conformance.conftest import Under


@pytest.fixture(scope="module")
def profile(device: Under) -> DeviceProfile:
    """What probe says about the device."""
    return probe(device.phone)


def test_kind_boot_and_speed_are_those_of_the_agent(
    profile: DeviceProfile, link: AgentLink
) -> None:
    assert profile.kind is DeviceKind(link.hello.kind)
    assert profile.boot_id == link.hello.boot_id
    assert profile.speed == pytest.approx(link.hello.speed_pm / 1000)
    assert profile.capabilities["agent"]


def test_every_clock_of_the_agent_belongs_to_a_cluster(
    profile: DeviceProfile, link: AgentLink
) -> None:
    ids = {str(sensor["id"]) for sensor in link.request("sensors")["sensors"]}
    clocks = {name.partition(".")[0] for name in ids if name.endswith(".cur_khz")}
    assert clocks - {"gpu", "mem"} == {f"cluster{cluster.policy}" for cluster in profile.clusters}


def test_every_zone_that_reads_is_a_sensor_of_the_agent(
    profile: DeviceProfile, link: AgentLink
) -> None:
    ids = {str(sensor["id"]) for sensor in link.request("sensors")["sensors"]}
    types = {name.removeprefix("thermal:").partition("#")[0] for name in ids if "thermal:" in name}
    if profile.capabilities["temperature"]:
        assert types & {zone.type.replace(" ", "_") for zone in profile.zones}
    else:
        assert any("No temperature" in sentence for sentence in profile.degrades)


def test_clusters_have_ascending_clocks_and_distinct_cores(profile: DeviceProfile) -> None:
    cores = [cpu for cluster in profile.clusters for cpu in cluster.cpus]
    assert len(cores) == len(set(cores))
    assert len({cluster.name for cluster in profile.clusters}) == len(profile.clusters)
    for cluster in profile.clusters:
        assert list(cluster.frequencies_khz) == sorted(cluster.frequencies_khz)
        assert cluster.max_khz >= cluster.frequencies_khz[-1]


def test_the_command_line_prints_the_same_profile(profile: DeviceProfile, phone: Phone) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "devices", "probe", "--serial", phone.serial, "--json"],
        env={**os.environ, "ANDROID_ADB_SERVER_PORT": str(phone.server.port)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    printed = DeviceProfile.model_validate_json(done.stdout)
    fixed = {"serial", "kind", "soc", "abis", "boot_id", "zones", "is_rooted", "degrades"}
    assert printed.model_dump(include=fixed) == profile.model_dump(include=fixed)


def test_people_get_every_sentence_and_no_data_structure(profile: DeviceProfile) -> None:
    text = portrait(profile)
    assert all(sentence in text for sentence in profile.degrades)
    assert all(word in text for word in profile.quirks)
    assert not set("{}") & set(text)
    assert max(map(len, text.splitlines()[:6])) < 160


def test_an_unknown_serial_is_told_in_one_sentence(phone: Phone) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "devices", "probe", "--serial", "no-such-phone"],
        env={**os.environ, "ANDROID_ADB_SERVER_PORT": str(phone.server.port)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "no-such-phone" in done.stderr
    assert "Traceback" not in done.stderr
