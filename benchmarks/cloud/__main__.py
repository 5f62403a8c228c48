"""`python -m benchmarks.cloud`: compute segments of divided networks for phones."""

import argparse
import asyncio
import ipaddress
import logging
import os
import resource
import secrets
import signal
import sys

# Idle threads of the library shall sleep; it reads this once, while it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from benchmarks.cloud.connection import ServerOptions
from benchmarks.cloud.segments import Segments
from benchmarks.cloud.server import SegmentServer
from benchmarks.cloud.service import TOKEN_VARIABLE

USAGE = 2
_MIB = 1 << 20


def main() -> int:
    """Serve until SIGTERM or Ctrl-C; print the port and `ready`."""
    arguments = _parser().parse_args()
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO)
    try:
        ipaddress.ip_address(arguments.host)
    except ValueError:
        print(f"--host must be a numeric address, not {arguments.host!r}", file=sys.stderr)
        return USAGE
    resource.setrlimit(resource.RLIMIT_AS, (arguments.memory_mib * _MIB,) * 2)
    options = ServerOptions(
        token=os.environ.pop(TOKEN_VARIABLE, "") or secrets.token_hex(16),
        window_ms=arguments.window_ms,
        largest_batch=arguments.largest_batch,
    )
    return asyncio.run(_serve(arguments, options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cloud", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="numeric address to listen on")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--workers", type=int, default=1, help="threads that compute a batch")
    parser.add_argument("--window-ms", type=float, default=0.0, help="how long a batch may wait")
    parser.add_argument("--largest-batch", type=int, default=8)
    parser.add_argument("--memory-mib", type=int, default=8192, help="address space, at most")
    return parser


async def _serve(arguments: argparse.Namespace, options: ServerOptions) -> int:
    server = SegmentServer(Segments(arguments.workers), options)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        port = await server.start(arguments.host, arguments.port)
    except OSError as error:
        print(f"cannot listen on {arguments.host}:{arguments.port}: {error}", file=sys.stderr)
        return USAGE
    print(f"{arguments.host} {port}")
    print("ready", flush=True)
    await stopping.wait()
    await server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
