"""Who hangs on an adb server: the whole list, as the server pushes it at every change."""

import select
from types import TracebackType

from devices.adb.client import REQUEST_LIMIT_S, AdbAddress, AdbClient, AdbSocket
from devices.adb.listing import Listed, parse_list
from devices.clock import HOST, NS_PER_S

POLL_EVERY_S = 5.0  # adb 29 does not push every change
SETTLE_S = 0.5  # a new transport shows `offline` for a moment
_TRACK = "host:track-devices-l"


def devices(server: AdbAddress | None = None) -> list[Listed]:
    """Return who is listed now."""
    return parse_list(AdbClient(server or AdbAddress.from_environment()).ask("host:devices-l"))


class Tracker:
    """Follows one adb server; use as a context manager, call `listed` in a loop."""

    def __init__(self, server: AdbAddress | None = None) -> None:
        self._client = AdbClient(server or AdbAddress.from_environment())
        self._connection: AdbSocket | None = None
        self._newest: list[Listed] = []
        self._settled: set[str] = set()  # serials that were more than a moment's `offline`
        self._offline_since: dict[str, int] = {}  # of those that were not yet [ns]
        self._polled_ns = HOST.now_ns()

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

    def listed(self, timeout_s: float) -> list[Listed]:
        """Return who is listed, at once after a change, else after `timeout_s`.

        Raises:
            TransientDeviceError: if the server is away; the next call connects again.
        """
        try:
            self._take_pushes(timeout_s)
        except BaseException:
            self.close()
            raise
        if HOST.now_ns() - self._polled_ns > POLL_EVERY_S * NS_PER_S:
            self._polled_ns = HOST.now_ns()
            self._newest = devices(self._client.server)
        return self._without_newborn(self._newest)

    def _take_pushes(self, timeout_s: float) -> None:
        """Wait for a list that the server pushes; the last one that is there counts."""
        if self._connection is None:
            self._connection = AdbSocket(self._client.server, REQUEST_LIMIT_S)
            self._connection.request(_TRACK)
        while select.select([self._connection.tcp], [], [], timeout_s)[0]:
            self._newest = parse_list(self._connection.read_block())
            timeout_s = 0

    def _without_newborn(self, listed: list[Listed]) -> list[Listed]:
        """Leave out phones that appeared as offline a moment ago."""
        now_ns = HOST.now_ns()
        newborn = [
            entry.serial
            for entry in listed
            if entry.state == "offline" and entry.serial not in self._settled
        ]
        since = {serial: self._offline_since.get(serial, now_ns) for serial in newborn}
        self._offline_since = {
            serial: at for serial, at in since.items() if now_ns - at < SETTLE_S * NS_PER_S
        }
        shown = [entry for entry in listed if entry.serial not in self._offline_since]
        self._settled = {entry.serial for entry in shown}
        return shown
