"""Uploaded networks as workloads, and the files that a command line names by their path."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.uploads.checked import UploadError, check_files
from benchmarks.uploads.store import FOLDER_VARIABLE, Store
from benchmarks.workloads import OWN, Workload, only_library


@dataclass(frozen=True, slots=True)
class Pair:
    """The two files of one network in a store; equal content is equal."""

    folder: Path
    param_sha256: str
    bin_sha256: str

    def __call__(self, _width: float) -> tuple[bytes, bytes]:
        """Return `.param` and `.bin`."""
        store = Store(self.folder)
        return store.get(self.param_sha256), store.get(self.bin_sha256)


def uploaded(
    name: str, pair: Pair, *, source: str, shape: Sequence[int], macs: int, bin_bytes: int
) -> Workload:
    """Return an uploaded network as a workload."""
    sides = "×".join(map(str, shape))
    summary = f"uploaded ({source}), {sides}, {_short(macs)}MAC, {_short(bin_bytes)}B"
    return Workload(
        name, family="", width=1.0, summary=summary, write=pair, macs=macs, weight_bytes=bin_bytes
    )


def _short(number: int) -> str:
    """Return a number with three digits and a prefix: 13.9 k, 4.1 G."""
    for factor, prefix in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= factor:
            return f"{number / factor:.3g} {prefix}"
    return f"{number} "


class FilesOnDisk:
    """Takes `path/to/my-net.param` for a workload `my-net`, with the `.bin` beside it.

    For a command line only: a farm must never open a path that somebody sent to it.
    """

    def __init__(self, folder: Path) -> None:
        self._store = Store(folder)
        self._found: dict[str, Workload] = {}

    def find(self, name: str) -> Workload | None:
        """Return the network of a path, or of a name that a path was given for before."""
        return self._read(Path(name)) if name.endswith(".param") else self._found.get(name)

    def names(self) -> list[str]:
        """Return nothing: a path is not chosen from a list."""
        return []

    def _read(self, path: Path) -> Workload:
        name = path.stem
        if name in OWN:
            raise UploadError(f"{name} is the name of a workload of our own: rename {path}", "name")
        try:
            param, weights = path.read_bytes(), path.with_suffix(".bin").read_bytes()
        except OSError as error:
            sentence = f"{error.filename} cannot be read: {error.strerror}"
            raise UploadError(sentence, "param") from None
        made = check_files(name, param, weights)
        pair = Pair(self._store.folder, self._store.put(made.param), self._store.put(made.bin))
        workload = uploaded(
            name,
            pair,
            source="file",
            shape=made.shape,
            macs=made.network.macs,
            bin_bytes=len(made.bin),
        )
        if self._found.setdefault(name, workload) != workload:
            raise UploadError(f"two different networks are called {name}: rename {path}", "name")
        return workload


@contextmanager
def files_on_disk() -> Iterator[None]:
    """Let specs name paths of `.param` files, here and in a segment server started from here."""
    before = os.environ.get(FOLDER_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="simmer-workloads-") as folder:
        os.environ[FOLDER_VARIABLE] = folder
        try:
            with only_library(FilesOnDisk(Path(folder))):
                yield
        finally:
            os.environ.pop(FOLDER_VARIABLE)
            if before is not None:
                os.environ[FOLDER_VARIABLE] = before
