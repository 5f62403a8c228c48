"""Other people's adb servers and clients find a phone where we put one."""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import adbutils
import pytest

from devices.adb.tracking import devices
from tests.parts.adb import VirtualPhones, adb_binary, adb_server, virtual_phones

TMP = "/data/local/tmp"


@pytest.fixture(scope="module", params=["wheel", "system"])
def farm(request: pytest.FixtureRequest) -> Iterator[VirtualPhones]:
    """A phone behind the server of the adbutils wheel, then behind the system's own."""
    binary = adb_binary() if request.param == "wheel" else Path(shutil.which("adb") or "adb")
    if not shutil.which(binary):
        pytest.skip("no adb is installed here: only the wheel's is tried")
    with (
        adb_server(binary) as server,
        virtual_phones("honor-v30-pro", server=server, speed=20) as phones,
    ):
        yield phones


def test_it_is_listed_with_its_model(farm: VirtualPhones) -> None:
    entry = devices(farm.server)[0]
    assert (entry.serial, entry.state, entry.model) == (farm.serials[0], "device", "OXF_AN10")


def test_adb_itself_is_satisfied(farm: VirtualPhones, tmp_path: Path) -> None:
    sent = tmp_path / "folder"
    sent.mkdir()
    (sent / "model.bin").write_bytes(secrets.token_bytes(100_000))
    assert farm.adb("shell", "echo to stderr >&2; exit 3").returncode == 3
    assert farm.adb("push", str(sent), TMP).returncode == 0
    assert "model.bin" in farm.adb("shell", "ls", f"{TMP}/folder").stdout
    assert farm.adb("pull", f"{TMP}/folder", str(tmp_path / "back")).returncode == 0
    assert (tmp_path / "back/model.bin").read_bytes() == (sent / "model.bin").read_bytes()
    assert "root" in farm.adb("root").stdout


def test_a_second_opinion_agrees(farm: VirtualPhones) -> None:
    client = adbutils.AdbClient(farm.server.host, farm.server.port)
    other = client.device(farm.serials[0])
    assert other.shell2("echo a; exit 4", v2=True).returncode == 4
    other.sync.push(b"pushed by somebody else", f"{TMP}/other")
    assert other.sync.read_bytes(f"{TMP}/other") == b"pushed by somebody else"
    assert other.sync.stat(f"{TMP}/other").size == 23
    assert "other" in [entry.path for entry in other.sync.list(TMP)]
