"""The virtual phones of a one-machine farm, and this machine as a host device."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from devices.adb.client import AdbAddress, connect_endpoint
from devices.errors import DeviceError
from fleet.local.child import Part
from fleet.local.environment import PYTHON
from fleet.local.errors import LocalFarmError
from fleet.local.ports import LOOPBACK

#: Different makers, chips and years: some throttle within minutes, one never does.
DEFAULT_PHONES = "honor-v30-pro,pixel-8,mi-11,redmi-note-9t"


@dataclass(frozen=True)
class VirtualPhones:
    """`python -m devices.virtual`: one process for all of them.

    phones: a number, or names of the catalog with commas between
    ports: the file in which they keep their ports
    speed: device seconds per host second
    """

    phones: str
    ports: Path
    speed: float
    control: Path
    adb_port: int

    def part(self) -> Part:
        """Return how to start, find ready and stop them."""
        return Part(
            name="phones",
            layer=1,
            argv=(
                *(PYTHON, "-m", "devices.virtual", "--phones", self.phones, "--host-device"),
                *("--ports", str(self.ports), "--speed", f"{self.speed:g}"),
                *("--control", str(self.control)),
            ),
            ready=lambda child: "ready" in child.output().splitlines(),
            settle=lambda child: self.connect(child.output()),
        )

    def connect(self, announced: str) -> None:
        """Make the adb server connect to each phone in `serial model port` lines."""
        server = AdbAddress(LOOPBACK, self.adb_port)
        endpoints = announced_endpoints(announced)
        try:
            with ThreadPoolExecutor(max_workers=16) as pool:
                list(pool.map(lambda endpoint: connect_endpoint(endpoint, server), endpoints))
        except DeviceError as error:
            raise LocalFarmError(f"a virtual phone cannot be reached: {error}") from error


def announced_endpoints(output: str) -> list[str]:
    """Return `address:port` of the phones in what they print when they start."""
    lines = [line.split() for line in output.splitlines()]
    return [f"{LOOPBACK}:{w[-1]}" for w in lines if len(w) >= 3 and w[-1].isdigit()]


def count(phones: str) -> int:
    """Return how many phones a `--phones` argument asks for."""
    return int(phones) if phones.isdigit() else len(phones.split(","))
