"""A private adb server, apart from the one of the user's own tools on port 5037."""

import importlib.util
import os
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from fleet.local.child import Part
from fleet.local.errors import LocalFarmError
from fleet.local.ports import LOOPBACK

FIRST_PORT = 15037
USERS_OWN_PORT = 5037
INSTALL_HINT = {
    "darwin": "brew install android-platform-tools",
    "linux": "apt-get install adb",
}


@dataclass(frozen=True)
class AdbServer:
    """An adb server on the loopback interface, with its own home and key."""

    home: Path
    port: int
    usb: bool = False

    def part(self) -> Part:
        """Return how to start, find ready and stop it."""
        return Part(
            name="adb",
            layer=1,
            argv=(adb_binary(), "-L", f"tcp:{self.port}", "server", "nodaemon"),
            environment=self._environment(),
            ready=lambda _: answers(self.port),
        )

    def _environment(self) -> dict[str, str]:
        # libusb costs 3 s at the first connect, and one rebooting phone takes all others down.
        quiet = {"ADB_LIBUSB": "0", "ADB_MDNS": "0", "ADB_EMU": "0", "ADB_REJECT_KILL_SERVER": "1"}
        return {"HOME": str(self.home), **quiet, **({} if self.usb else {"ADB_USB": "0"})}


def adb_binary() -> str:
    """Return the wheel's adb, else the system's."""
    spec = importlib.util.find_spec("adbutils")
    if spec and spec.origin:
        bundled = Path(spec.origin).parent / "binaries" / "adb"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    found = shutil.which("adb")
    if found is None:
        hint = INSTALL_HINT.get(sys.platform, "install Android's platform tools")
        raise LocalFarmError(f"there is no adb on this machine: {hint}")
    return found


def answers(port: int) -> bool:
    """Say whether an adb server answers `host:version` on `port`."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(b"000chost:version")
            return connection.recv(4) == b"OKAY"
    except OSError:
        return False
