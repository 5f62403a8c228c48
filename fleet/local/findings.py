"""What `manage.py doctor` looks at: each check says what is, what is wrong, what to do."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from fleet.bootstrap import REPOSITORY
from fleet.local import adb, postgres, valkey
from fleet.local.datadir import LEAST_FREE_BYTES
from fleet.local.errors import LocalFarmError

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Finding:
    """One line of the report; `remedy` is empty where nothing is to be done."""

    subject: str
    fact: str
    remedy: str = ""
    hurts: bool = False


def python() -> Finding:
    """Which Python runs."""
    return Finding("python", sys.version.split()[0])


def database() -> Finding:
    """The embedded Postgres' programs."""
    return _program("postgres", lambda: str(postgres.binary("postgres")), "--version")


def broker() -> Finding:
    """The embedded Valkey's program."""
    return _program("valkey", lambda: str(valkey.server_binary()), "--version")


def adb_program() -> Finding:
    """The adb that `up` would start."""
    return _program("adb", adb.adb_binary, "--version")


def foreign_adb_server() -> Finding:
    """Another adb server: two of them fight over a phone on USB."""
    if not adb.answers(adb.USERS_OWN_PORT):
        return Finding("usb phones", "found by `up`: no other adb server is running")
    return Finding(
        "usb phones",
        f"left to the adb server on port {adb.USERS_OWN_PORT}",
        "to bring them into the farm: adb kill-server, then start `up` again",
    )


def usb_access() -> Iterator[Finding]:
    """Whether this user may open the USB devices, as adb must."""
    nodes = sorted(Path("/dev/bus/usb").glob("*/*"))
    closed = [node for node in nodes if not os.access(node, os.R_OK | os.W_OK)]
    if closed:
        yield Finding(
            "usb access",
            f"{len(closed)} of {len(nodes)} USB devices are closed to this user",
            "where a phone is among them: install android-sdk-platform-tools-common or a udev rule",
        )


def disk(data: Path) -> Finding:
    """Room for traces."""
    there = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(there).free
    hurts = free < LEAST_FREE_BYTES
    return Finding(
        "disk",
        f"{free / 2**30:.1f} GiB free below {there}",
        "free some space or name another --data" if hurts else "",
        hurts,
    )


def data_directory(data: Path) -> Finding:
    """Whether `up` could keep its state there."""
    there = next(path for path in (data, *data.parents) if path.exists())
    hurts = not (there.is_dir() and os.access(there, os.W_OK | os.X_OK))
    return Finding(
        "data",
        f"{data} {'cannot be written' if hurts else 'can be used'}",
        "name another --data" if hurts else "",
        hurts,
    )


def agents() -> Finding:
    """The agents that can be pushed to devices."""
    builds = sorted(p.parent.name for p in (REPOSITORY / "devices/agent/builds").glob("*/agent"))
    return Finding("agents", ", ".join(builds) or "none", hurts=not builds)


def browser() -> Finding:
    """Only tests and screenshots need one here."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    remedy = "" if found else "for browser tests: apt-get install chromium"
    return Finding("browser", found or "none found (only tests need it)", remedy)


def reference_shell() -> Finding:
    """Only the comparison of the phones' shell needs it."""
    found = shutil.which("mksh")
    remedy = "" if found else "for the shell's tests: apt-get install mksh"
    return Finding("mksh", found or "none found (only tests need it)", remedy)


def other_users() -> Iterator[Finding]:
    """ADB over loopback has no authentication."""
    others = {user.name for user in psutil.users()} - {psutil.Process().username()}
    if others:
        yield Finding(
            "other users",
            f"{', '.join(sorted(others))} can run a shell on every phone of this farm",
            "share the machine only with people you trust",
        )


def _program(subject: str, find: Callable[[], str], *question: str) -> Finding:
    try:
        path = find()
        asked = subprocess.run([path, *question], capture_output=True, text=True, check=True)
    except (LocalFarmError, OSError, subprocess.CalledProcessError) as error:
        return Finding(subject, "cannot be run", str(error), hurts=True)
    return Finding(subject, f"{asked.stdout.splitlines()[0].strip()} ({path})")
