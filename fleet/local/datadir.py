"""The directory in which a one-machine farm keeps everything: layout, lock, short sockets."""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fleet.local.errors import LocalFarmError

LONGEST_SOCKET_PATH = 103  # [bytes]: 107 on Linux, 104 with the closing null on macOS
LONGEST_SOCKET_NAME = "pg/.s.PGSQL.5432.lock"
LEAST_FREE_BYTES = 1 << 30


@dataclass(frozen=True)
class DataDir:
    """Where things are below `--data`; `run` is elsewhere when its path would be too long."""

    root: Path
    run: Path

    @property
    def cluster(self) -> Path:
        """Postgres' files; the major version is in the path."""
        return self.root / "pg" / "18"

    @property
    def cluster_owner(self) -> Path:
        """Says as whom the cluster was made, which then stays."""
        return self.root / "pg" / "owner"

    @property
    def postgres_sockets(self) -> Path:
        """The directory that Django's HOST names."""
        return self.run / "pg"

    @property
    def valkey(self) -> Path:
        """The append-only file's directory."""
        return self.root / "valkey"

    @property
    def valkey_socket(self) -> Path:
        """Broker and channel layer listen here."""
        return self.run / "valkey.sock"

    @property
    def adb_home(self) -> Path:
        """HOME of the adb server, with its key."""
        return self.root / "adb"

    @property
    def control_socket(self) -> Path:
        """The virtual phones' hand of God."""
        return self.run / "control.sock"

    @property
    def secret_key(self) -> Path:
        """Django's secret key, mode 0600."""
        return self.root / "secrets" / "django.key"

    @property
    def first_login(self) -> Path:
        """Login, password and token of the first admin, mode 0600."""
        return self.root / "secrets" / "first-login.json"

    @property
    def state(self) -> Path:
        """Ports, pids and versions, for `doctor` and people."""
        return self.root / "run" / "state.json"

    @property
    def workloads(self) -> Path:
        """Uploaded networks, each file named by its digest."""
        return self.root / "workloads"

    @property
    def phone_ports(self) -> Path:
        """The ports of the virtual phones, whose serials are made of them."""
        return self.root / "phone-ports.json"

    def log(self, name: str) -> Path:
        """The log of the child `name`."""
        return self.root / "log" / f"{name}.log"


def open_datadir(root: Path) -> DataDir:
    """Make the layout below `root` (mode 0700) and return it."""
    root = root.absolute()
    data = DataDir(root, _run_directory(root))
    try:
        for path in (root, root / "run", root / "log", root / "pg", root / "secrets"):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (data.run, data.postgres_sockets, data.valkey, data.adb_home):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_secret_key(data.secret_key)
    except OSError as error:
        raise LocalFarmError(
            f"the data directory {root} cannot be used: {error.strerror}: {error.filename}; "
            "name another one with --data"
        ) from error
    _refuse_foreign(data.run)
    return data


def _run_directory(root: Path) -> Path:
    if len(os.fsencode(root / "run" / LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return root / "run"
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return base / f"simmer-{hashlib.sha256(os.fsencode(root)).hexdigest()[:12]}"


def _refuse_foreign(run: Path) -> None:
    # A short socket directory lies in a place where others may write.
    facts = run.lstat()
    if facts.st_uid != os.geteuid() or not stat.S_ISDIR(facts.st_mode) or facts.st_mode & 0o077:
        raise LocalFarmError(f"{run} belongs to somebody else or is open to others; remove it")


def _write_secret_key(path: Path) -> None:
    if not path.exists() or not path.stat().st_size:
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))


def require_free_space(data: DataDir) -> None:
    """Refuse to start on a disk that is about to be full."""
    free = shutil.disk_usage(data.root).free
    if free < LEAST_FREE_BYTES:
        raise LocalFarmError(
            f"only {free >> 20} MiB are free below {data.root}; a farm needs at least 1 GiB"
        )


@contextlib.contextmanager
def locked(data: DataDir) -> Iterator[None]:
    """Hold the directory's lock; refuse with the holder's pid when somebody else does."""
    with (data.root / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise LocalFarmError(
                f"{data.root} is in use by another `up` (pid {file.read().strip() or '?'}); "
                "stop that one or name another --data"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
            if data.run.parent != data.root:
                shutil.rmtree(data.run, ignore_errors=True)
