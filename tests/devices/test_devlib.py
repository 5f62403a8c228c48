"""ARM's devlib, which was written for real phones, connects to a virtual one and works with it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.adb import ROOT, VirtualPhones, adb_binary, virtual_phones

# devlib raises deprecation warnings of its own and patches asyncio: it gets its own process.
SCRIPT = """
import json, sys
from devlib import AndroidTarget

serial, folder = sys.argv[1:]
target = AndroidTarget(
    connection_settings={"device": serial},
    load_default_modules=False, connect=False, working_directory="/data/local/tmp/devlib",
    executables_directory="/data/local/tmp/bin",
)
target.connect()
target.setup()
if target.is_rooted:
    target.write_value("/data/local/tmp/value", "42", verify=True)
else:
    target.execute("echo 42 > /data/local/tmp/value")
target.push(__file__, "/data/local/tmp/devlib/script")
target.pull("/data/local/tmp/devlib/script", folder + "/back")

execute = target.conn.execute

def sleeps():
    return "sleep 1000" in execute("ps -A -o ARGS").splitlines()

# devlib starts adb, and looks once for the process on the phone. Where that adb is 20 ms late, as
# on a busy machine, devlib finds only the shell that it looks with, and later cancels that.
def execute_once_it_sleeps(command, *args, **kwargs):
    while "BACKGROUND_COMMAND_UUID" in command and not sleeps():
        pass
    return execute(command, *args, **kwargs)

target.conn.execute = execute_once_it_sleeps
background = target.background("sleep 1000")
background.cancel()
print(json.dumps({
    "os": target.os_version["release"],
    "abi": target.abi,
    "cpus": target.number_of_cpus,
    "rooted": target.is_rooted,
    "value": target.read_int("/data/local/tmp/value"),
    "cancelled": not sleeps(),
    "tree": "temp" in target.read_tree_values("/sys/class/thermal/thermal_zone0"),
    "equal": open(__file__).read() == open(folder + "/back").read(),
}))
target.disconnect()
"""


@pytest.fixture(scope="module")
def pair() -> Iterator[VirtualPhones]:
    """A phone as it is sold, and one whose build gives root."""
    with virtual_phones("honor-v30-pro", "pixel-6", speed=20) as phones:
        yield phones


@pytest.fixture
def environment(tmp_path: Path, pair: VirtualPhones) -> dict[str, str]:
    """A PATH with adb, and with the build tools that devlib only looks for."""
    for name in ("aapt", "aapt2"):
        tool = tmp_path / name
        tool.write_text("#!/bin/sh\nexit 0\n")
        tool.chmod(0o755)
    (tmp_path / "adb").symlink_to(adb_binary())
    return {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "ANDROID_ADB_SERVER_PORT": str(pair.server.port),
    }


@pytest.mark.parametrize(
    ("place", "facts"),
    [(0, {"os": "10", "cpus": 8, "rooted": False}), (1, {"os": "13", "cpus": 8, "rooted": True})],
    ids=["as sold", "with root"],
)
def test_devlib_finds_a_phone_that_it_can_use(
    pair: VirtualPhones,
    environment: dict[str, str],
    tmp_path: Path,
    place: int,
    facts: dict[str, object],
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script), pair.serials[place], str(tmp_path)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    same = {
        "abi": "arm64",
        "value": 42,
        "cancelled": True,
        "tree": True,
        "equal": True,
    }
    assert json.loads(done.stdout.splitlines()[-1]) == {**facts, **same}
