"""Each way in which a link can fail is seen, named, and over when it is over."""

from collections.abc import Iterator

import pytest

from devices.errors import StableDeviceError, TransientDeviceError
from devices.phone import connect
from tests.parts.adb import VirtualPhones, wait_for_state

TMP = "/data/local/tmp"


@pytest.fixture
def healed(farm: VirtualPhones) -> Iterator[str]:
    """The second phone's serial; whatever a test does to its link is undone."""
    serial = farm.serials[1]
    yield serial
    farm.ctl(serial, "fault", "none")
    wait_for_state(farm.server, serial, "device")


def test_a_phone_without_room_says_so(farm: VirtualPhones, healed: str) -> None:
    phone = connect(healed, server=farm.server)
    farm.ctl(healed, "fault", "disk-full")
    with pytest.raises(StableDeviceError, match="No space left on device"):
        phone.push(b"one byte", f"{TMP}/full")
    size, used, free, share = phone.run(["df", "/data"]).stdout.splitlines()[1].split()[1:5]
    assert (used, free, share) == (size, "0", "100%")
    farm.ctl(healed, "fault", "none")
    after = phone.run(["df", "/data"]).stdout.splitlines()[1].split()
    assert after[1] == size
    assert int(after[3]) > 1_000_000
    phone.push(b"one byte", f"{TMP}/full")


def test_an_unauthorized_phone_waits_for_its_user(farm: VirtualPhones, healed: str) -> None:
    farm.ctl(healed, "fault", "unauthorized")
    wait_for_state(farm.server, healed, "unauthorized")
    with pytest.raises(TransientDeviceError, match="accept this computer"):
        connect(healed, server=farm.server)
    farm.ctl(healed, "fault", "none")
    wait_for_state(farm.server, healed, "device")


def test_an_offline_phone_is_listed_as_such(farm: VirtualPhones, healed: str) -> None:
    farm.ctl(healed, "fault", "offline")
    wait_for_state(farm.server, healed, "offline")
    with pytest.raises(TransientDeviceError, match="offline"):
        connect(healed, server=farm.server)


def test_a_dropped_phone_comes_back_by_itself(farm: VirtualPhones, healed: str) -> None:
    phone = connect(healed, server=farm.server)
    with phone.open_stream(["cat"]) as stream:
        farm.ctl(healed, "fault", "drop", "--for", "300ms")
        assert stream.read(10) == b""
        assert stream.returncode is None
    wait_for_state(farm.server, healed, "device")
    assert connect(healed, server=farm.server).run(["echo", "back"]).stdout == "back\n"


def test_a_hanging_phone_is_found_by_our_own_time_limit(farm: VirtualPhones, healed: str) -> None:
    phone = connect(healed, server=farm.server)
    farm.ctl(healed, "fault", "hang")
    with pytest.raises(TransientDeviceError, match="did not"):
        phone.run(["echo"], timeout_s=0.3)
    farm.ctl(healed, "fault", "none")
    assert phone.run(["echo", "awake"]).stdout == "awake\n"


def test_a_reboot_gives_a_new_boot_id_and_keeps_pushed_files(
    farm: VirtualPhones, healed: str
) -> None:
    before = connect(healed, server=farm.server)
    old = before.run(["cat", "/proc/sys/kernel/random/boot_id"]).stdout
    before.push(b"kept", f"{TMP}/kept")
    farm.ctl(healed, "fault", "reboot")
    wait_for_state(farm.server, healed, "offline")
    wait_for_state(farm.server, healed, "device")
    after = connect(healed, server=farm.server)
    assert after.run(["cat", "/proc/sys/kernel/random/boot_id"]).stdout != old
    assert after.pull(f"{TMP}/kept") == b"kept"
