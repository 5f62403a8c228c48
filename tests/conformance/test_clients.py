"""Clients that nobody here wrote find in a device what we find in it."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import adbutils
import pytest

from devices.phone import Phone
from devices.probe import probe
from devices.properties import read as read_properties
from tests.conformance.conftest import Under
from tests.devices.test_devlib import SCRIPT
from tests.parts.adb import ROOT, adb_binary, adb_environment

TMP = "/data/local/tmp"
ADBS = {"wheel": str(adb_binary()), "system": "/usr/bin/adb"}


@pytest.fixture(params=sorted(ADBS))
def adb(request: pytest.FixtureRequest) -> str:
    """The adb of the adbutils wheel, then the one that the system has."""
    binary = ADBS[str(request.param)]
    if not shutil.which(binary):
        pytest.skip(f"no {binary} is installed here")
    return binary


def _run(adb: str, phone: Phone, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [adb, "-P", str(phone.server.port), "-s", phone.serial, *words],
        env=adb_environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_adb_gets_what_we_get(adb: str, phone: Phone, tmp_path: Path) -> None:
    done = _run(adb, phone, tmp_path, "shell", "echo out; echo err >&2; exit 3")
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 3)
    listed = _run(adb, phone, tmp_path, "shell", "getprop", "ro.product.model").stdout
    assert listed == f"{read_properties(phone).props['ro.product.model']}\n"


def test_adb_moves_files_and_folders(adb: str, phone: Phone, tmp_path: Path) -> None:
    sent, there = tmp_path / "sent", f"{TMP}/conformance-folder"
    sent.mkdir()
    (sent / "model.bin").write_bytes(secrets.token_bytes(200_000))
    (sent / "empty").write_bytes(b"")
    try:
        assert _run(adb, phone, tmp_path, "push", str(sent), there).returncode == 0
        assert _run(adb, phone, tmp_path, "pull", there, str(tmp_path / "back")).returncode == 0
    finally:
        phone.run(["rm", "-r", there])
    for name in ("model.bin", "empty"):
        (back,) = (tmp_path / "back").rglob(name)
        assert back.read_bytes() == (sent / name).read_bytes()


def test_adbutils_gets_what_we_get(phone: Phone) -> None:
    other = adbutils.AdbClient(phone.server.host, phone.server.port).device(phone.serial)
    assert other.shell2("echo a; exit 4", v2=True).returncode == 4
    path = f"{TMP}/conformance-adbutils"
    other.sync.push(b"pushed by somebody else", path)
    try:
        assert phone.pull(path) == b"pushed by somebody else"
        assert other.sync.stat(path).size == 23
    finally:
        phone.run(["rm", "-f", path])
    assert other.prop.model == read_properties(phone).props["ro.product.model"]


def test_devlib_gets_what_we_get(device: Under, tmp_path: Path) -> None:
    """ARM's devlib was written for real phones; the host device is none."""
    if device.kind != "phone":
        pytest.skip("tests/devices/test_devlib.py does this for virtual phones")
    for name in ("aapt", "aapt2"):  # build tools that devlib only looks for
        (tmp_path / name).write_text("#!/bin/sh\nexit 0\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "adb").symlink_to(adb_binary())
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "ANDROID_ADB_SERVER_PORT": str(device.phone.server.port),
    }
    done = subprocess.run(
        [sys.executable, str(script), device.phone.serial, str(tmp_path)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found, ours = json.loads(done.stdout.splitlines()[-1]), probe(device.phone)
    assert found["os"] == ours.android
    assert found["cpus"] == ours.cpu_count
    assert (found["value"], found["equal"], found["tree"]) == (42, True, True)
    assert (found["sleeping"], found["cancelled"]) == (True, True)
