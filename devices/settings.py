"""What `settings`, a refused write, or SELinux's log says about a setting; `parse` is pure."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from devices.reports import ReportRefused, Word, meaningful, raise_refusal

_AVC = re.compile(r"avc:\s+denied\s+\{\s*([a-z_ ]+?)\s*\}")
_PAIR = re.compile(r'\b(name|path|scontext|tcontext|tclass|permissive)=(?:"([^"]*)"|(\S+))')
_GUARDED = re.compile(r"WRITE_(SECURE_)?SETTINGS")
#: In the order in which to look.
_MARKS: tuple[tuple[str, Word], ...] = (
    (r"Can't find service:", "no_service"),
    (r"Invalid (argument|namespace)|Bad arguments|IllegalArgumentException", "invalid_value"),
    (r"(?i:permission denied|permission denial)|SecurityException", "permission_denied"),
    (r"No such file or directory|inaccessible or not found|: not found", "not_found"),
    (r"Unknown command", "unknown_command"),
    (r"Exception occurred while|Error while accessing settings", "invalid_value"),
)


@dataclass(frozen=True, slots=True)
class Denial:
    """What SELinux would not let somebody do, or only logged."""

    perm: str | None
    name: str | None
    scontext_type: str | None
    tcontext_type: str | None
    tclass: str | None
    enforced: bool | None  # False: it was let through and only logged


_NO_DENIAL = Denial(None, None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class SettingsReport:
    """A setting's value, and what SELinux logged on the way to it."""

    error: None  # a refusal has another form
    value: str | None  # None: never set, or nothing was asked
    perm: str | None
    name: str | None
    scontext_type: str | None
    tcontext_type: str | None
    tclass: str | None
    enforced: bool | None


def parse(text: str) -> SettingsReport:
    """Read a value; raise ReportRefused with the word for why there is none."""
    lines = meaningful(text)
    denials = [_denial(line) for line in lines if _AVC.search(line)]
    enforced = [denial for denial in denials if denial.enforced]
    if enforced:
        raise ReportRefused("selinux_denied", **asdict(enforced[0]))
    rest = [line for line in lines if not _AVC.search(line)]
    _raise_refused(rest)
    value = "\n".join(rest).strip()
    denial = denials[0] if denials else _NO_DENIAL
    return SettingsReport(None, None if value in ("", "null") else value, **asdict(denial))


def _raise_refused(lines: Sequence[str]) -> None:
    text = "\n".join(lines)
    if _GUARDED.search(text):
        raise ReportRefused("secure_settings")
    raise_refusal(lines)
    for mark, word in _MARKS:
        if re.search(mark, text):
            raise ReportRefused(word)


def _denial(line: str) -> Denial:
    found = {
        match[1]: match[2] if match[2] is not None else match[3] for match in _PAIR.finditer(line)
    }
    asked = _AVC.search(line)
    return Denial(
        perm=asked[1] if asked else None,
        name=found.get("name") or found.get("path"),
        scontext_type=_type_of(found.get("scontext")),
        tcontext_type=_type_of(found.get("tcontext")),
        tclass=found.get("tclass"),
        enforced=found.get("permissive") != "1",
    )


def _type_of(context: str | None) -> str | None:
    """Return the type of `u:r:shell:s0`."""
    parts = (context or "").split(":")
    return parts[2] if len(parts) > 2 else None
