"""`python -m fleet.local.connector 127.0.0.1:6000-6004`: keeps phones on TCP connected.

For farms whose adb server and phones are started by somebody else, as in compose: an adb
server that was restarted has forgotten its phones.
"""

import sys
from collections.abc import Sequence

from devices.adb.client import connect_endpoint
from devices.clock import HOST
from devices.errors import DeviceError

EVERY_S = 5.0


def main(arguments: Sequence[str]) -> None:
    """Connect again and again; connecting what is connected changes nothing."""
    wanted = endpoints(arguments[0])
    known: dict[str, str] = {}
    while True:
        for endpoint in wanted:
            news = _connect(endpoint)
            if news != known.get(endpoint):
                print(f"{endpoint}: {news}", flush=True)
            known[endpoint] = news
        HOST.wait(EVERY_S)


def endpoints(block: str) -> list[str]:
    """Return the endpoints in `host:first-last`."""
    host, _, ports = block.rpartition(":")
    first, _, last = ports.partition("-")
    return [f"{host}:{port}" for port in range(int(first), int(last or first) + 1)]


def _connect(endpoint: str) -> str:
    try:
        connect_endpoint(endpoint)
    except DeviceError as error:
        return str(error)
    return "connected"


if __name__ == "__main__":
    main(sys.argv[1:])
