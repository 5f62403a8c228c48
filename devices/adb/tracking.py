"""Who hangs on an adb server: the whole list as the server pushes it, and what changed in it."""

import re
import select
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType

from devices.adb.client import REQUEST_LIMIT_S, AdbAddress, AdbClient, AdbSocket
from devices.clock import HOST, NS_PER_S

ABSENT = "absent"  # our own word for a phone that left the list
POLL_EVERY_S = 5.0  # adb 29 does not push every change
SETTLE_S = 0.5  # a new transport shows `offline` for a moment
_TRACK = "host:track-devices-l"
_LINE = re.compile(r"^(\(no serial number\)|\S+)\s+(.+)$")
_FIELD = re.compile(r"\s(usb|product|model|device|features|transport_id):")


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of `adb devices -l`."""

    serial: str
    state: str  # device, offline, unauthorized, "no permissions (…)" …
    transport_id: int | None = None
    product: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class AdbEvent:
    """A phone came, left or changed its state."""

    serial: str
    was: str
    now: str
    transport_id: int | None


def devices(server: AdbAddress | None = None) -> list[Listed]:
    """Return who is listed now."""
    return parse_list(AdbClient(server or AdbAddress.from_environment()).ask("host:devices-l"))


def parse_list(text: str) -> list[Listed]:
    """Read the lines of `adb devices -l` or `adb devices`; anything else in between is noise."""
    return [listed for line in text.splitlines() if (listed := _parse_line(line)) is not None]


def _parse_line(line: str) -> Listed | None:
    match = _LINE.match(line.rstrip())
    if match is None or line.startswith(("* ", "List of devices")):
        return None
    serial, rest = match.groups()
    # States and values may hold blanks: each runs up to the next key that adb is known to print.
    state, *pairs = _FIELD.split(rest)
    fields = dict(zip(pairs[::2], (value.strip() for value in pairs[1::2]), strict=True))
    number = fields.get("transport_id", "")
    return Listed(
        serial,
        state.strip(),
        int(number) if number.isdecimal() else None,
        fields.get("product", ""),
        fields.get("model", ""),
    )


class Tracker:
    """Follows one adb server; use as a context manager, call `changes` in a loop."""

    def __init__(self, server: AdbAddress | None = None) -> None:
        self._client = AdbClient(server or AdbAddress.from_environment())
        self._connection: AdbSocket | None = None
        self._told: dict[str, Listed] = {}  # what `changes` has told so far
        self._fresh_since: dict[str, int] = {}  # offline since they appeared [ns]
        self._polled_ns = 0

    def __enter__(self) -> "Tracker":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop following."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def changes(self, timeout_s: float) -> list[AdbEvent]:
        """Return what changed since the last call, waiting for a push at most `timeout_s`.

        Raises:
            TransientDeviceError: if the server is away; the next call connects again.
        """
        try:
            listed = self._pushed(timeout_s)
        except BaseException:
            self.close()
            raise
        if HOST.now_ns() - self._polled_ns > POLL_EVERY_S * NS_PER_S:
            listed = self._poll()
        elif listed is None:
            listed = self._poll() if self._fresh_since else list(self._told.values())
        return self._diff(listed)

    def _pushed(self, timeout_s: float) -> list[Listed] | None:
        """Return the newest list that the server pushes in time."""
        if self._connection is None:
            self._connection = AdbSocket(self._client.server, REQUEST_LIMIT_S)
            self._connection.request(_TRACK)
        listed = None
        while select.select([self._connection.tcp], [], [], 0 if listed is not None else timeout_s)[
            0
        ]:
            listed = parse_list(self._connection.read_block())
        return listed

    def _poll(self) -> list[Listed]:
        self._polled_ns = HOST.now_ns()
        return parse_list(self._client.ask("host:devices-l"))

    def _diff(self, listed: Iterable[Listed]) -> list[AdbEvent]:
        now = {entry.serial: entry for entry in listed}
        self._hold_back(now)
        events = changed(self._told, now)
        self._told = now
        return events

    def _hold_back(self, now: dict[str, Listed]) -> None:
        """Take phones out of `now` that appeared as offline a moment ago."""
        new = {
            serial
            for serial, entry in now.items()
            if entry.state == "offline" and serial not in self._told
        }
        self._fresh_since = {serial: self._fresh_since.get(serial, HOST.now_ns()) for serial in new}
        for serial, since in list(self._fresh_since.items()):
            if HOST.now_ns() - since < SETTLE_S * NS_PER_S:
                del now[serial]
            else:
                del self._fresh_since[serial]


def changed(before: Mapping[str, Listed], after: Mapping[str, Listed]) -> list[AdbEvent]:
    """Return one event for each phone whose state or transport differs."""
    events = []
    for serial in sorted(before.keys() | after.keys()):
        was, now = before.get(serial), after.get(serial)
        old_state, new_state = (entry.state if entry else ABSENT for entry in (was, now))
        transport = now.transport_id if now else None
        if old_state != new_state or (was and now and was.transport_id != transport):
            events.append(AdbEvent(serial, old_state, new_state, transport))
    return events
