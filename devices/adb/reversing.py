"""What `adb reverse` and `adb reverse --list` answer; pure."""

import re
from dataclasses import dataclass

from devices.reports import ReportRefused, cleaned

_PORT = re.compile(r"[0-9]{1,5}")
_MAPPING = re.compile(r"\S.*\s(\S+:\S+)\s+(\S+:\S+)")


@dataclass(frozen=True, slots=True)
class ReverseReport:
    """What became of a request; adb may also say nothing at all."""

    error: None  # a refusal has another form
    port: int | None  # the one that the phone chose for `tcp:0`
    mappings: tuple[tuple[str, str], ...]  # (on the phone, on the host)


def parse(text: str) -> ReverseReport:
    """Read the answer; raise ReportRefused with `use_forward` where only a forward helps."""
    if "more than one device" in text:
        raise ReportRefused("use_forward")  # old phones on TCP: a bug of their adbd
    if "cannot bind" in text:
        raise ReportRefused("port_in_use")
    lines = [line.strip() for line in cleaned(text) if line.strip()]
    port = int(lines[0]) if len(lines) == 1 and _PORT.fullmatch(lines[0]) else None
    found = filter(None, map(_MAPPING.fullmatch, lines))
    return ReverseReport(None, port, tuple((match[1], match[2]) for match in found))
