"""What phones answer in text: noise taken away, refusals turned into one word; pure."""

import re
from collections.abc import Sequence
from typing import Literal

from devices.errors import StableDeviceError

#: Why a text holds no result; a parser gives one of these or a result, never a traceback.
Word = Literal[
    "device_offline",
    "device_unauthorized",
    "device_authorizing",
    "device_not_found",
    "ambiguous_device",
    "transport_closed",
    "transport_error",
    "permission_denied",
    "not_found",
    "no_service",
    "no_battery",
    "empty",
    "count_mismatch",
    "server_failed",
    "secure_settings",
    "selinux_denied",
    "invalid_value",
    "unknown_command",
    "use_forward",
    "port_in_use",
]
_NOISE = re.compile(
    r"\* (daemon|failed)|WARNING: linker:|adb server version \(.*\) doesn't match", re.ASCII
)
_ADB_PREFIX = re.compile(r"(error|adb|adb\.exe):")
#: What adb says, in the order in which to look for it.
_ADB_ERRORS: tuple[tuple[re.Pattern[str], Word], ...] = (
    (re.compile(r"device ('.*' )?not found|no devices/emulators"), "device_not_found"),
    (re.compile(r"device offline"), "device_offline"),
    (re.compile(r"unauthorized"), "device_unauthorized"),
    (re.compile(r"still authorizing"), "device_authorizing"),
    (re.compile(r"more than one device"), "ambiguous_device"),
    (re.compile(r"\bclosed\b"), "transport_closed"),
)
_ONE_REFUSAL = re.compile(
    r"(?:.*[/ ])?(?:cat|ls): .*: (Permission denied|No such file or directory)"
)
_MAX_CHARS = 1 << 20  # a security limit


class ReportRefused(StableDeviceError):
    """A text holds no result; `word` says why."""

    def __init__(self, word: Word, **details: object) -> None:
        super().__init__(f"the phone's answer holds no reading: {word}", detail=word)
        self.word: Word = word
        self.details = details


def cleaned(text: str, *, keep_blanks: bool = False) -> list[str]:
    """Return the lines that carry meaning, or raise ReportRefused for a refusal as a whole."""
    lines = meaningful(text, keep_blanks=keep_blanks)
    raise_refusal(lines)
    return lines


def meaningful(text: str, *, keep_blanks: bool = False) -> list[str]:
    """Return the lines without what adb and old linkers put between them."""
    lines = text[:_MAX_CHARS].replace("\r", "").split("\n")
    if not keep_blanks:
        lines = [line.rstrip() for line in lines]
    return [line for line in lines if not _NOISE.match(line)]


def raise_refusal(lines: Sequence[str]) -> None:
    """Raise ReportRefused if the first line says no for all of them."""
    spoken = [line for line in lines if line.strip()]
    word = refusal_of(spoken[0], is_alone=len(spoken) == 1) if spoken else None
    if word:
        raise ReportRefused(word)


def refusal_of(line: str, *, is_alone: bool) -> Word | None:
    """Return the word for a first line that says no, or None."""
    if _ADB_PREFIX.match(line):
        found = (word for pattern, word in _ADB_ERRORS if pattern.search(line))
        return next(found, "transport_error")
    if "Can't find service:" in line:
        return "no_service"
    if "Permission Denial:" in line:
        return "permission_denied"
    match = _ONE_REFUSAL.fullmatch(line) if is_alone else None
    if match is None:
        return None
    return "permission_denied" if match[1] == "Permission denied" else "not_found"


def integer(text: str | None) -> int | None:
    """Return the integer that a text is, or None."""
    stripped = (text or "").strip()
    return int(stripped) if re.fullmatch(r"[+-]?[0-9]{1,18}", stripped) else None


def number(text: str | None) -> float | None:
    """Return the finite number that a text is, or None."""
    stripped = (text or "").strip()
    if not re.fullmatch(r"[+-]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})", stripped):
        return None
    return float(stripped)
