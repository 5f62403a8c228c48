"""File descriptors: open files that several descriptors, and several processes, may share."""

import errno
import os
from collections.abc import Iterator

from devices.virtual.userspace.streams import ByteReader, ByteWriter, Pipe

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
