"""`manage.py doctor`: what is here, what is missing, what to do; exit 0, or 3."""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from fleet.bootstrap import REPOSITORY
from fleet.local import findings
from fleet.local.findings import Finding
from fleet.local.ports import is_free

UNFIT = 3


def main(arguments: Sequence[str]) -> int:
    """Print one line per finding; return 3 when something keeps a farm from running."""
    parser = argparse.ArgumentParser(prog="manage.py doctor", description=__doc__)
    parser.add_argument("--data", type=Path, default=REPOSITORY / ".simmer", metavar="DIR")
    parser.add_argument("--port", type=int, default=8000)
    chosen = parser.parse_args(arguments)
    found = list(examine(chosen.data.absolute(), chosen.port))
    for finding in found:
        print(line(finding))
    wrong = sum(finding.hurts for finding in found)
    print(f"{wrong} of {len(found)} keep a farm from running" if wrong else "all is well")
    return UNFIT if wrong else 0


def examine(data: Path, port: int) -> Iterator[Finding]:
    """Yield everything that there is to say."""
    yield findings.python()
    yield findings.database()
    yield findings.broker()
    yield findings.adb_program()
    yield findings.foreign_adb_server()
    yield from findings.usb_access()
    yield findings.agents()
    yield findings.data_directory(data)
    yield findings.disk(data)
    yield farm(data, port)
    yield findings.browser()
    yield findings.reference_shell()
    yield from findings.other_users()


def farm(data: Path, port: int) -> Finding:
    """The running farm, or whether one could listen."""
    state = data / "run" / "state.json"
    facts = json.loads(state.read_text()) if state.exists() else None
    if facts and psutil.pid_exists(facts["pids"]["up"]):
        dead = sorted(name for name, pid in facts["pids"].items() if not psutil.pid_exists(pid))
        fact = f"runs at {facts['url']}, adb server on port {facts['adb_port']}"
        return Finding("farm", f"{fact}; started anew since: {', '.join(dead)}" if dead else fact)
    if not is_free(port):
        return Finding("farm", f"port {port} is taken", "start with another --port", hurts=True)
    return Finding("farm", f"does not run; port {port} is free")


def line(finding: Finding) -> str:
    """Return `ok|note|wrong  subject  fact: remedy`."""
    word = "wrong" if finding.hurts else "note" if finding.remedy else "ok"
    fact = f"{finding.fact}: {finding.remedy}" if finding.remedy else finding.fact
    return f"{word:<6}{finding.subject:<14}{fact}"
