"""`python -m devices.virtual.host_agent --stdio --root DIR`: this machine's attached agent."""

import argparse
import os
import sys
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from devices.agent.messages import DATA_INTERVAL_S, EXIT_STDOUT_GONE
from devices.clock import HOST, NS_PER_S
from devices.virtual.agent.body import Body
from devices.virtual.agent.ledger import Ledger
from devices.virtual.agent.session import Session

_CHUNK = 64 * 1024
_MAX_UNSENT = 64  # pieces; beyond this, rows wait in their rings
_JOB_INTERVAL_S = 0.02


def main() -> int:
    """Serve one owner on the standard streams."""
    parser = argparse.ArgumentParser(
        prog="python -m devices.virtual.host_agent", description=__doc__
    )
    parser.add_argument("--stdio", action="store_true", required=True)
    parser.add_argument("--root", type=Path, required=True, help="holds models/<sha256>")
    parser.add_argument("--sysfs-root", type=Path, default=Path("/"), help="where /sys stands")
    parser.add_argument("--sha256", default="", help="digest of the pushed agent")
    parser.add_argument("--limit-override", action="store_true")
    arguments = parser.parse_args()
    lines = _own_stdout()
    body = _body(arguments.root / "models", arguments.sysfs_root)
    session = Session(
        body, Ledger(), sha256=arguments.sha256, may_loosen_limits=arguments.limit_override
    )
    return serve(session, lines)


def _body(models: Path, sysfs_root: Path) -> Body:
    """Load the native library, whose idle threads shall sleep: they must heat nothing."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # read once, while the library loads
    from devices.virtual.host_agent.body import HostBody

    return HostBody(models, sysfs_root)


def _own_stdout() -> int:
    """Keep the protocol's descriptor to ourselves: what the library prints goes to stderr."""
    lines = os.dup(1)
    os.dup2(2, 1)
    return lines


def serve(session: Session, lines: int) -> int:
    """Move bytes between a session and the streams until one of them ends."""
    incoming: Queue[bytes] = Queue()
    outgoing: Queue[bytes] = Queue()
    Thread(target=_read, args=(incoming,), name="reader", daemon=True).start()
    writer = Thread(target=_write, args=(lines, outgoing), name="writer", daemon=True)
    writer.start()
    turn_due_ns = 0
    while session.exit_code is None and writer.is_alive():
        if HOST.now_ns() >= turn_due_ns:
            session.turn(may_send=outgoing.qsize() < _MAX_UNSENT)
            wait_s = _JOB_INTERVAL_S if session.is_waiting else DATA_INTERVAL_S
            turn_due_ns = HOST.now_ns() + round(wait_s * NS_PER_S)
        if output := session.take_output():
            outgoing.put(output)
        try:
            data = incoming.get(timeout=max(0.0, (turn_due_ns - HOST.now_ns()) / NS_PER_S))
        except Empty:
            continue
        session.feed(data) if data else session.end_of_input()
        if session.is_waiting:
            turn_due_ns = min(turn_due_ns, HOST.now_ns() + round(_JOB_INTERVAL_S * NS_PER_S))
    session.end_of_input()
    outgoing.put(session.take_output())
    outgoing.put(b"")
    writer.join()
    return EXIT_STDOUT_GONE if session.exit_code is None else session.exit_code


def _read(incoming: "Queue[bytes]") -> None:
    while data := os.read(0, _CHUNK):
        incoming.put(data)
    incoming.put(b"")


def _write(lines: int, outgoing: "Queue[bytes]") -> None:
    """Write whole pieces; end when nobody reads."""
    while data := outgoing.get():
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(lines, view) :]
            except BrokenPipeError:
                return


if __name__ == "__main__":
    sys.exit(main())
