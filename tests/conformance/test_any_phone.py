"""The suite itself, run as for a real phone: PHONE=serial behind an adb server of somebody else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.adb import ROOT, VirtualPhones, adb_server, virtual_phones

FOREIGN = Path("/usr/bin/adb")


@pytest.mark.nightly
@pytest.mark.skipif(not shutil.which(FOREIGN), reason="no adb of somebody else is installed here")
@pytest.mark.skipif("PHONE" in os.environ, reason="this is that run")
@pytest.mark.parametrize("name", ["mate-10", "pixel-2-xl"])
def test_the_suite_passes_for_a_phone_that_it_did_not_start(name: str) -> None:
    with adb_server(FOREIGN) as server, virtual_phones(name, server=server, speed=20) as phones:
        done = _suite(phones)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout


@pytest.mark.nightly
@pytest.mark.skipif("PHONE" in os.environ, reason="this is that run")
def test_the_suite_fails_for_a_phone_that_talks_nonsense() -> None:
    with virtual_phones("pixel-4", speed=20) as phones:
        phones.ctl(phones.serials[0], "fault", "garbage")
        done = _suite(phones, "tests/conformance/test_shell.py")
    assert done.returncode == 1
    assert "test_output_errors_and_status_are_kept_apart" in done.stdout


def _suite(
    phones: VirtualPhones, folder: str = "tests/conformance"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", folder],
        cwd=ROOT,
        env={
            **os.environ,
            "PHONE": phones.serials[0],
            "ANDROID_ADB_SERVER_PORT": str(phones.server.port),
        },
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
