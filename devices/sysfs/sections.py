"""The form in which we read many small files at once: a header line per file, then its text."""

import re
from collections.abc import Iterable, Sequence

from devices.phone import Phone
from devices.reports import ReportRefused, cleaned

_HEADER = "== "
_ERROR = re.compile(r"(.*: )?(cat|ls|sh): .*|.*: (Permission denied|No such file or directory)")
_RANGE = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")

#: Prints every file of its arguments under a header; what cannot be read shows its error.
SWEEP = 'for f; do echo "== $f"; cat "$f" 2>&1; done'


def sweep(phone: Phone, globs: Sequence[str]) -> str:
    """Return the text of all files that match; `globs` are constants of ours, never input."""
    script = f"set -- {' '.join(globs)}; {SWEEP}"
    return phone.text_of(["sh", "-c", script])


def sections(text: str) -> dict[str, str | None]:
    """Return path -> content, None for a file that answered with an error.

    Raises ReportRefused when there is no section at all.
    """
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in cleaned(text):
        if line.startswith(_HEADER):
            lines = found.setdefault(line[len(_HEADER) :].strip(), [])
        elif lines is not None:
            lines.append(line)
    if not found:
        raise ReportRefused("empty")
    contents = {path: "\n".join(lines).strip() for path, lines in found.items()}
    return {path: None if _is_error(content) else content for path, content in contents.items()}


def _is_error(content: str) -> bool:
    return _ERROR.fullmatch(content) is not None


def kernel_list(text: str | None) -> tuple[int, ...]:
    """Return the CPUs of a list such as `0-3,8`; an empty or strange text is no CPU."""
    cpus: list[int] = []
    for part in (text or "").strip().split(","):
        match = _RANGE.fullmatch(part.strip())
        if match:
            cpus += range(int(match[1]), int(match[2] or match[1]) + 1)
    return tuple(cpus)


def numbers(text: str | None) -> tuple[int, ...]:
    """Return the blank separated integers of a text, in its order; other words are skipped."""
    words: Iterable[str] = (text or "").split()
    return tuple(int(word) for word in words if re.fullmatch(r"[0-9]{1,18}", word))
