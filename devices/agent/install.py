"""Puts an agent and a workload onto a phone, named by their digests and only when missing."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from devices.errors import StableDeviceError
from devices.phone import Phone

ROOT = "/data/local/tmp/simmer"
ABIS_PROPERTY = "ro.simmer.agent.abis"
_BUILDS = Path(__file__).parent / "builds"


@dataclass(frozen=True, slots=True)
class Build:
    """One agent program, as it is pushed."""

    abi: str
    data: bytes

    @property
    def sha256(self) -> str:
        """The digest that names it on the phone."""
        return sha256(self.data).hexdigest()


def choose_build(agent_abis: tuple[str, ...], cpu_abis: str = "") -> Build:
    """Return the first build that the phone announces; none is a stable error."""
    for abi in agent_abis:
        path = _BUILDS / abi / "agent"
        if abi in known_abis():
            return Build(abi, path.read_bytes())
    raise StableDeviceError(
        f"Simmer has no agent for {cpu_abis or ', '.join(agent_abis) or 'this phone'} yet; "
        f"it can run on {', '.join(known_abis())}."
    )


def known_abis() -> tuple[str, ...]:
    """Return the names of the builds that Simmer ships."""
    return tuple(sorted(path.parent.name for path in _BUILDS.glob("*/agent")))


def install_agent(phone: Phone) -> str:
    """Return the path of an agent on the phone that fits it, pushed if it was not there."""
    announced = phone.run(["getprop", ABIS_PROPERTY]).stdout.replace(",", " ").split()
    cpu_abis = phone.run(["getprop", "ro.product.cpu.abilist"]).stdout.strip()
    build = choose_build(tuple(announced), cpu_abis.split(",")[0])
    path = f"{ROOT}/bin/agent-{build.sha256[:12]}"
    push_once(phone, build.data, path, mode=0o700)
    return path


def push_once(phone: Phone, data: bytes, path: str, *, mode: int = 0o644) -> bool:
    """Make `path` hold `data`; return whether it had to be pushed.

    The file appears under its name only when it is whole, so that a cut cable leaves no half file.
    """
    digest = sha256(data).hexdigest()
    if phone.run(["sha256sum", path]).stdout.startswith(digest):
        return False
    folder, _, _ = path.rpartition("/")
    phone.run(["mkdir", "-p", folder], check=True)
    phone.push(data, f"{path}.part", mode=mode)
    phone.run(["chmod", f"{mode:o}", f"{path}.part"], check=True)
    phone.run(["mv", f"{path}.part", path], check=True)
    seen = phone.run(["sha256sum", path]).stdout
    if not seen.startswith(digest):
        raise StableDeviceError(
            f"{path} on {phone.serial} has the digest {seen[:64]!r} after the push, "
            f"expected {digest}"
        )
    return True
