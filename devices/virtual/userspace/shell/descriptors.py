"""File descriptors: open files that several descriptors, and several processes, may share."""

import errno
import os
import stat as modes
from collections.abc import Iterator

from devices.clock import HOST
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.streams import ByteReader, BytesReader, ByteWriter, Pipe

MAX_DESCRIPTORS = 64


class OpenFile:
    """What a descriptor points at; closed when the last descriptor lets it go."""

    def __init__(self, reader: ByteReader | None, writer: ByteWriter | None) -> None:
        self.reader = reader
        self.writer = writer
        self._holders = 0

    def hold(self) -> "OpenFile":
        """Count one more descriptor."""
        self._holders += 1
        return self

    def release(self) -> None:
        """Count one less."""
        self._holders -= 1
        if self._holders == 0:
            self.close()

    def close(self) -> None:
        """Tell the other side, if there is one."""


class StreamFile(OpenFile):
    """A standard stream of the shell service, which ends when the host hangs up."""


class PipeReadEnd(OpenFile):
    """The end of a pipe that is read."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__(pipe, None)
        self._pipe = pipe

    def close(self) -> None:
        """Writers get EPIPE from now on."""
        self._pipe.abandon()


class PipeWriteEnd(OpenFile):
    """The end of a pipe that is written."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__(None, pipe)
        self._pipe = pipe

    def close(self) -> None:
        """Readers get the end of the file once they have read the rest."""
        self._pipe.end()


Saved = dict[int, OpenFile | None]


class ClosedStream:
    """What a program gets in place of a descriptor that is not open."""

    async def read(self, n: int = -1) -> bytes:
        """Raise EBADF."""
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    async def readline(self) -> bytes:
        """Raise EBADF."""
        return await self.read()

    async def write(self, data: bytes) -> None:
        """Raise EBADF."""
        await self.read()


CLOSED = ClosedStream()


class Descriptors:
    """One process's table of descriptors."""

    def __init__(self) -> None:
        self._open: dict[int, OpenFile] = {}

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self._open))

    def get(self, number: int) -> OpenFile | None:
        """Return what a descriptor points at."""
        return self._open.get(number)

    def put(self, number: int, file: OpenFile) -> None:
        """Make `number` point at `file`, as dup2(2) does."""
        if len(self._open) >= MAX_DESCRIPTORS:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        file.hold()
        self.close(number)
        self._open[number] = file

    def close(self, number: int) -> None:
        """Let go of one descriptor, if it is open."""
        file = self._open.pop(number, None)
        if file is not None:
            file.release()

    def close_all(self) -> None:
        """Let go of everything, as a process does at its end."""
        for number in list(self._open):
            self.close(number)

    def copy(self) -> "Descriptors":
        """Return a table for a child process, pointing at the same open files."""
        other = Descriptors()
        other._open = {number: file.hold() for number, file in self._open.items()}
        return other

    def holds_stream(self) -> bool:
        """Say whether output goes to the shell service."""
        return any(isinstance(self._open.get(number), StreamFile) for number in (1, 2))

    def restore(self, saved: Saved) -> None:
        """Put back what redirections covered; the files in `saved` are held by the caller."""
        for number, file in saved.items():
            self.close(number)
            if file is not None:
                self._open[number] = file

    def drop(self, saved: Saved) -> None:
        """Forget what redirections covered: they stay."""
        for file in saved.values():
            if file is not None:
                file.release()

    def save(self, number: int, saved: Saved) -> None:
        """Note what `number` points at for a later `restore`, once."""
        if number not in saved:
            file = self._open.get(number)
            saved[number] = file.hold() if file else None

    def reader(self, number: int) -> ByteReader:
        """Return where a program reads from; one that is closed fails with EBADF."""
        file = self._open.get(number)
        return (file.reader if file else None) or CLOSED

    def writer(self, number: int) -> ByteWriter:
        """Return where a program writes to; one that is closed fails with EBADF."""
        file = self._open.get(number)
        return (file.writer if file else None) or CLOSED


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
