"""Opens the phone's files for reading and writing, as open(2) does."""

import errno
import os
import stat as modes

from devices.clock import HOST
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.shell.descriptors import OpenFile
from devices.virtual.userspace.streams import ByteReader, BytesReader, ByteWriter


def open_file(files: FileTree, path: str, flags: int) -> OpenFile:
    """Open a file of the phone as open(2) does.

    Raises:
        OSError: with the kernel's errno.
    """
    wants_write = flags & (os.O_WRONLY | os.O_RDWR)
    if not wants_write:
        return OpenFile(_reader(files, path), None)
    if files.is_dir(path):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    writer = _writer(files, path, flags)
    reader = FileReader(files, path) if flags & os.O_RDWR else None
    return OpenFile(reader, writer)


def _reader(files: FileTree, path: str) -> ByteReader:
    if files.is_dir(path):
        return DirectoryReader(path)
    files.stat(path)
    if not files.may(path, os.R_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)
    return FileReader(files, path)


def _writer(files: FileTree, path: str, flags: int) -> ByteWriter:
    if files.exists(path):
        if flags & os.O_EXCL:
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        if not files.may(path, os.W_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)
        if is_kernel_file(files, path):
            return KernelWriter(files, path)
        if flags & os.O_TRUNC:
            files.write(path, b"")
    else:
        files.write(path, b"")
    return FileWriter(files, path, is_appending=bool(flags & os.O_APPEND))


def is_kernel_file(files: FileTree, path: str) -> bool:
    """Say whether each write to `path` is a call into the kernel instead of stored bytes."""
    if modes.S_ISCHR(files.stat(path).mode):
        return True
    return files.resolve(path).startswith(("/sys/", "/proc/"))


class DirectoryReader:
    """A directory opened for reading, which read(2) refuses."""

    def __init__(self, path: str) -> None:
        self._path = path

    async def read(self, n: int = -1) -> bytes:
        """Raise EISDIR."""
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), self._path)

    async def readline(self) -> bytes:
        """Raise EISDIR."""
        return await self.read()


class FileReader:
    """An offset into a file; what is appended later is read later, as on a real phone."""

    def __init__(self, files: FileTree, path: str) -> None:
        self._files = files
        self._path = path
        self._offset = 0
        self._seen: bytes | None = None

    async def read(self, n: int = -1) -> bytes:
        """Return up to `n` bytes from the offset on."""
        data = self._content()
        end = len(data) if n < 0 else self._offset + n
        return self._take(data, end)

    async def readline(self) -> bytes:
        """Return the next line."""
        data = self._content()
        end = data.find(b"\n", self._offset)
        return self._take(data, len(data) if end < 0 else end + 1)

    def _take(self, data: bytes, end: int) -> bytes:
        piece = data[self._offset : end]
        self._offset += len(piece)
        return piece

    def _content(self) -> bytes:
        # A kernel file is made up at the first read; a removed file stays readable once open.
        if self._seen is None or self._offset >= len(self._seen):
            is_kernel = self._seen is not None and is_kernel_file(self._files, self._path)
            if not is_kernel:
                self._seen = self._read()
        return self._seen or b""

    def _read(self) -> bytes:
        try:
            return self._files.read(self._path)
        except FileNotFoundError:
            return self._seen or b""


class FileWriter:
    """An offset into a stored file."""

    def __init__(self, files: FileTree, path: str, *, is_appending: bool) -> None:
        self._files = files
        self._path = path
        self._is_appending = is_appending
        self._offset = 0

    async def write(self, data: bytes) -> None:
        """Put `data` at the offset, or at the end."""
        await HOST.wait_async(0)  # who writes without end must not starve the phone
        if self._is_appending or self._offset == self._size():
            self._files.write(self._path, data, append=True)
        else:
            old = self._files.read(self._path)
            head = old[: self._offset].ljust(self._offset, b"\0")
            self._files.write(self._path, head + data + old[self._offset + len(data) :])
        self._offset += len(data)

    def _size(self) -> int:
        try:
            return self._files.stat(self._path).size
        except FileNotFoundError:
            return -1


class KernelWriter:
    """A node of sysfs, procfs or /dev: each write is one call into the kernel."""

    def __init__(self, files: FileTree, path: str) -> None:
        self._files = files
        self._path = path

    async def write(self, data: bytes) -> None:
        """Hand `data` over; OSError with the errno of the driver's refusal."""
        await HOST.wait_async(0)
        self._files.write(self._path, data)


def here_document(data: bytes) -> OpenFile:
    """Return an open file that holds a here-document."""
    return OpenFile(BytesReader(data), None)
