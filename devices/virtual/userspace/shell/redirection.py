"""Redirections: what `>`, `<`, `2>&1` and here-documents do to a table of descriptors."""

import os

from devices.virtual.userspace.shell.descriptors import (
    Descriptors,
    OpenFile,
    Saved,
)
from devices.virtual.userspace.shell.errors import ShellError
from devices.virtual.userspace.shell.expansion import Expander
from devices.virtual.userspace.shell.openfiles import here_document, open_file
from devices.virtual.userspace.shell.replacing import shell_quoted
from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.shell.syntax import HereDocument, Redirect

_FLAGS = {
    "<": os.O_RDONLY,
    ">": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    ">|": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    "&>": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    ">>": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
    "&>>": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
    "<>": os.O_RDWR | os.O_CREAT,
}
_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2} | {
    f"/dev/fd/{number}": number for number in range(10)
}
_SDK_WITH_NEW_WORDS = 31  # Android 12 came with a shell that says `PATH: open: …`


class RedirectionFailed(ShellError):
    """A redirection that could not be made: its command is not run."""


class Redirector:
    """Makes redirections in the order in which they are written."""

    def __init__(self, shell: Shell, expander: Expander) -> None:
        self._shell = shell
        self._expander = expander

    async def apply(
        self, redirects: tuple[Redirect, ...], table: Descriptors, saved: Saved | None = None
    ) -> None:
        """Change `table`, noting what it held before; RedirectionFailed in mksh's words."""
        for redirect in redirects:
            if saved is not None:
                table.save(redirect.descriptor, saved)
            if redirect.operator in ("<&", ">&"):
                await self._duplicate(redirect, table)
                continue
            file = await self._opened(redirect, table)
            table.put(redirect.descriptor, file)
            if redirect.operator.startswith("&"):
                if saved is not None:
                    table.save(2, saved)
                table.put(2, file)

    async def _opened(self, redirect: Redirect, table: Descriptors) -> OpenFile:
        target = redirect.target
        if isinstance(target, HereDocument):
            return here_document(await self._body(target))
        text = await self._expander.text(target)
        if redirect.operator == "<<<":
            return here_document(_encoded(text + "\n"))
        inherited = table.get(_STANDARD.get(text, -1))
        return inherited or self._open(redirect.operator, text)

    async def _body(self, document: HereDocument) -> bytes:
        return _encoded(await self._expander.text(document.body) if document.body else "")

    def _open(self, operator: str, path: str) -> OpenFile:
        flags = _FLAGS[operator]
        if operator == ">" and "noclobber" in self._shell.options:
            flags |= os.O_EXCL
        try:
            return open_file(self._shell.system.files, self._shell.absolute(path), flags)
        except OSError as error:
            raise RedirectionFailed(self._refusal(path, flags, error)) from None

    def _refusal(self, path: str, flags: int, error: OSError) -> str:
        verb = "create" if flags & os.O_CREAT else "open"
        if self._shell.system.sdk < _SDK_WITH_NEW_WORDS:
            return f"can't {verb} {path}: {error.strerror}"
        return f"{path}: {verb}: {error.strerror}"

    async def _duplicate(self, redirect: Redirect, table: Descriptors) -> None:
        assert not isinstance(redirect.target, HereDocument)
        text = await self._expander.text(redirect.target)
        if text == "-":
            table.close(redirect.descriptor)
            return
        shown = f"{redirect.operator}{text if text else shell_quoted(text)}"
        if not (text.isdecimal() and text.isascii()):
            raise RedirectionFailed(f"{shown} : illegal file descriptor name")
        file = table.get(int(text))
        is_fitting = file and (file.writer if redirect.operator == ">&" else file.reader)
        if file is None or not is_fitting:
            raise RedirectionFailed(f"{shown} : bad file descriptor")
        if int(text) != redirect.descriptor:
            table.put(redirect.descriptor, file)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
