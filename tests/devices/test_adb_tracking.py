"""Lists of an adb server are read with all their quirks, and followed as they change."""

import pytest

from devices.adb.client import AdbAddress, AdbClient
from devices.adb.errors import failure
from devices.adb.listing import Listed, parse_list
from devices.adb.tracking import Tracker
from devices.clock import HOST, NS_PER_S
from devices.errors import DeviceError, StableDeviceError, TransientDeviceError
from devices.phone import connect
from tests.parts.adb import VirtualPhones, adb_server, free_port, wait_for_state


@pytest.mark.parametrize(
    ("line", "listed"),
    [
        (
            "3fe1a2         device usb:3-2.4 product:a_b model:X1 device:d transport_id:11",
            Listed("3fe1a2", "device", 11, "a_b", "X1", "3-2.4", "d"),
        ),
        ("L1\tunauthorized", Listed("L1", "unauthorized")),
        (
            "10.0.0.2:5555 device product:Emu - 480 x 800 model:Emu device:e transport_id:2",
            Listed("10.0.0.2:5555", "device", 2, "Emu - 480 x 800", "Emu", "", "e"),
        ),
        (
            "77aa  no permissions (user in plugdev group; see [http://x.org/a.html]) usb:2-1",
            Listed(
                "77aa",
                "no permissions (user in plugdev group; see [http://x.org/a.html])",
                usb="2-1",
            ),
        ),
        (
            "(no serial number)  offline transport_id:4",
            Listed("(no serial number)", "offline", 4),
        ),
        (
            "adb-A1-q._adb-tls-connect._tcp device product:p model:m device:d transport_id:33\r",
            Listed("adb-A1-q._adb-tls-connect._tcp", "device", 33, "p", "m", "", "d"),
        ),
    ],
)
def test_one_line_is_one_phone(line: str, listed: Listed) -> None:
    assert parse_list(f"{line}\n") == [listed]


def test_what_adb_says_in_between_is_no_phone() -> None:
    noise = "* daemon not running; starting now\nList of devices attached\n\nA1\tdevice\n\n"
    assert parse_list(noise) == [Listed("A1", "device")]


def test_phones_that_leave_and_come_are_told(farm: VirtualPhones) -> None:
    serial = farm.serials[1]
    client = AdbClient(farm.server)
    with Tracker(farm.server) as tracker:
        assert {entry.state for entry in tracker.listed(5)} == {"device"}
        client.disconnect_endpoint(serial)
        assert _states_until(tracker, serial, "absent")[-1] == "absent"
        client.connect_endpoint(serial)
        # The moment in which a new transport is offline is nobody's business.
        assert "offline" not in _states_until(tracker, serial, "device")


def _states_until(tracker: Tracker, serial: str, state: str) -> list[str]:
    """Return the states in which one phone is listed, up to the one waited for."""
    seen: list[str] = []
    deadline = HOST.now_ns() + 20 * NS_PER_S
    while state not in seen and HOST.now_ns() < deadline:
        states = [entry.state for entry in tracker.listed(0.5) if entry.serial == serial]
        seen += states or ["absent"]
    return seen


def test_a_quiet_server_is_asked_no_longer_than_it_should(farm: VirtualPhones) -> None:
    with Tracker(farm.server) as tracker:
        assert tracker.listed(5) == tracker.listed(0)


def test_a_server_that_went_away_is_a_transient_error_and_followed_again_later() -> None:
    with adb_server() as address:
        tracker = Tracker(address)
        assert tracker.listed(0) == []
    with pytest.raises(TransientDeviceError):
        tracker.listed(5)
    with pytest.raises(TransientDeviceError, match="is it running"):
        tracker.listed(5)


def test_nobody_starts_a_server_behind_our_back() -> None:
    address = AdbAddress("127.0.0.1", free_port())
    with pytest.raises(TransientDeviceError, match="is it running"):
        connect("any", server=address)


def test_connecting_twice_is_no_error(farm: VirtualPhones) -> None:
    AdbClient(farm.server).connect_endpoint(farm.serials[0])
    wait_for_state(farm.server, farm.serials[0], "device")


def test_an_address_where_nobody_listens_is_named(farm: VirtualPhones) -> None:
    endpoint = f"127.0.0.1:{free_port()}"
    with pytest.raises(TransientDeviceError, match=f"failed to connect to '{endpoint}'"):
        AdbClient(farm.server).connect_endpoint(endpoint)
    AdbClient(farm.server).disconnect_endpoint(endpoint)


def test_an_unknown_serial_is_not_connected(farm: VirtualPhones) -> None:
    with pytest.raises(TransientDeviceError, match="A1B2 is not connected"):
        connect("A1B2", server=farm.server)


@pytest.mark.parametrize(
    ("words", "kind", "remedy"),
    [
        ("device offline", TransientDeviceError, "replug the phone"),
        ("device unauthorized.\nThis adb", TransientDeviceError, "accept this computer"),
        ("no permissions (udev)", StableDeviceError, "udev rules"),
        ("device 'x' not found", TransientDeviceError, "plug it in"),
        ("something new", TransientDeviceError, "something new"),
    ],
)
def test_each_of_adbs_refusals_has_a_remedy(
    words: str, kind: type[DeviceError], remedy: str
) -> None:
    error = failure(words, "reach x")
    assert type(error) is kind
    assert remedy in str(error)
    assert error.detail == words
