"""Files named by their digest: written once, never changed, checked whenever they are read."""

import os
import re
import tempfile
from hashlib import sha256
from pathlib import Path

from devices.errors import StableDeviceError

FOLDER_VARIABLE = "SIMMER_WORKLOADS"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class MissingFiles(StableDeviceError):
    """The files of a network are not on this machine, or are not what they were."""


def store_folder() -> Path:
    """Return where this installation keeps uploaded networks."""
    if folder := os.environ.get(FOLDER_VARIABLE):
        return Path(folder)
    data = os.environ.get("SIMMER_DATA") or Path(__file__).parents[2] / ".simmer"
    return Path(data) / "workloads"


class Store:
    """A folder of such files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep a file and return its digest; a file that is there already stays as it is."""
        digest = sha256(data).hexdigest()
        if self.has(digest):
            return digest
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
            whole = Path(file.name)
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                whole.chmod(0o444)
                whole.replace(self.folder / digest)
            finally:
                whole.unlink(missing_ok=True)
        return digest

    def has(self, digest: str) -> bool:
        """Whether a file is here."""
        return _DIGEST.fullmatch(digest) is not None and (self.folder / digest).is_file()

    def get(self, digest: str) -> bytes:
        """Return a file. Raises MissingFiles if it is not here or was changed."""
        try:
            data = (self.folder / digest).read_bytes() if _DIGEST.fullmatch(digest) else None
        except FileNotFoundError:
            data = None
        if data is None:
            raise MissingFiles(
                f"the file {digest[:12]}… of an uploaded network is not in {self.folder}: "
                f"every host of a farm needs that folder ({FOLDER_VARIABLE})"
            )
        if sha256(data).hexdigest() != digest:
            raise MissingFiles(
                f"{self.folder / digest} was changed on the disk: take it away and upload it again"
            )
        return data

    def remove(self, digest: str) -> None:
        """Forget a file, if it is here."""
        if _DIGEST.fullmatch(digest):
            (self.folder / digest).unlink(missing_ok=True)
