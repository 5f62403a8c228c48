"""The list that `adb devices -l` prints, with all its quirks; pure."""

import re
from collections import Counter
from dataclasses import dataclass

from devices.reports import ReportRefused

_HEADER = "List of devices attached"
_SERVER_NEWS = ("* daemon", "adb server version")
_LINE = re.compile(r"^(\(no serial number\)|\S+)\s+(.+)$")
_FIELD = re.compile(r"\s(usb|product|model|device|features|transport_id):")
_NO_PERMISSIONS = "no permissions"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of `adb devices -l`."""

    serial: str
    state: str  # device, offline, unauthorized, "no permissions (…)" …
    transport_id: int | None = None
    product: str = ""
    model: str = ""
    usb: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """One line in the form of a report; what adb does not say is None."""

    serial: str
    state: str  # one word: no_permissions for adb's sentence
    usb: str | None
    product: str | None
    model: str | None
    device: str | None
    transport_id: int | None


@dataclass(frozen=True, slots=True)
class DevicesReport:
    """Who is listed, and what adb said in front of the list."""

    server_restarted: bool  # all forwards and reverses are gone
    devices: tuple[ListedDevice, ...]
    duplicate_serials: tuple[str, ...]  # clones: address them by transport_id


def parse(text: str) -> DevicesReport:
    """Read the list; raise ReportRefused when its header is missing: no server, no list."""
    lines = [line.rstrip() for line in text.splitlines()]
    if _HEADER not in lines:
        raise ReportRefused("server_failed")
    start = lines.index(_HEADER)
    listed = parse_list("\n".join(lines[start:]))
    times = Counter(entry.serial for entry in listed)
    return DevicesReport(
        server_restarted=any(line.startswith(_SERVER_NEWS) for line in lines[:start]),
        devices=tuple(map(_reported, listed)),
        duplicate_serials=tuple(serial for serial, count in times.items() if count > 1),
    )


def parse_list(text: str) -> list[Listed]:
    """Read the lines of `adb devices -l` or `adb devices`; anything else in between is noise."""
    return [listed for line in text.splitlines() if (listed := _parse_line(line)) is not None]


def _parse_line(line: str) -> Listed | None:
    match = _LINE.match(line.rstrip())
    if match is None or line.startswith((*_SERVER_NEWS, "* ", _HEADER)):
        return None
    serial, rest = match.groups()
    # States and values may hold blanks: each runs up to the next key that adb is known to print.
    state, *pairs = _FIELD.split(rest)
    fields = dict(zip(pairs[::2], (value.strip() for value in pairs[1::2]), strict=True))
    number = fields.get("transport_id", "")
    return Listed(
        serial,
        state.strip(),
        int(number) if re.fullmatch(r"[0-9]{1,18}", number) else None,
        fields.get("product", ""),
        fields.get("model", ""),
        fields.get("usb", ""),
        fields.get("device", ""),
    )


def _reported(entry: Listed) -> ListedDevice:
    is_forbidden = entry.state.startswith(_NO_PERMISSIONS)
    return ListedDevice(
        serial=entry.serial,
        state="no_permissions" if is_forbidden else entry.state,
        usb=entry.usb or None,
        product=entry.product or None,
        model=entry.model or None,
        device=entry.device or None,
        transport_id=entry.transport_id,
    )
