"""Phones of the catalog soaking in this process, in real time: prints what they cost, as JSON.

Everything of `python -m devices.virtual` but the sockets: each phone has its agent's session, whose
sensors are all sampled at 10 Hz while ResNet50 runs without a pause, and whose lines are made and
thrown away every fifth of a second.
"""

import json
import os
import sys
from hashlib import sha256
from typing import Any

import psutil

from benchmarks.workloads import workload_files
from devices.agent.wire import encode_line
from devices.clock import HOST, NS_PER_S
from devices.virtual.agent.ledger import Ledger
from devices.virtual.agent.session import Session
from devices.virtual.agent.shelf import MODELS
from devices.virtual.agent.simulated import AgentFacts, SimulatedBody
from devices.virtual.catalog import load, names
from devices.virtual.clock import PhoneClock
from devices.virtual.phone import VirtualPhone
from devices.virtual.userspace.contents import ContentStore

SPEED = float(os.environ.get("SIMMER_BENCH_SPEED", "1"))
_TURN_S = 0.2
_MIB = 1 << 20


class SoakingPhone:
    """One phone and the session of its agent."""

    def __init__(self, name: str, number: int, contents: ContentStore, files: "Files") -> None:
        self.phone = VirtualPhone(load(name), number, contents, PhoneClock(SPEED), 1)
        facts = AgentFacts("a-boot-id", files.read)
        body = SimulatedBody(self.phone.world(), self.phone.clock, facts)
        self._session = Session(body, Ledger())
        self._seq = 0
        patience = {"hb_ms": 3_600_000, "lease_ms": 3_600_000}
        self._say(op="open", proto=1, deployment="bench", fence=1, **patience)
        self._say(
            op="load", id="net", param=files.param, bin=files.bin, bytes=files.size,
            sha256=files.bin, param_sha256=files.param, w=224, h=224, c=3,
            threads=[2], **{"in": files.input, "out": files.output},
        )  # fmt: skip

    def soak(self) -> None:
        """Sample everything, and run without a pause."""
        self._say(op="sample", g=0, period_us=100_000, ids="all")
        self._say(op="begin", trial=1)
        self._say(op="start", model="net", threads=2)

    def turn(self) -> int:
        """Do what is due; return how many bytes the host would get."""
        self._session.turn()
        return len(self._session.take_output())

    def _say(self, **line: Any) -> None:
        self._session.feed(encode_line({"seq": self._seq, **line}))
        self._seq += 1


class Files:
    """What was pushed, once for all phones."""

    def __init__(self) -> None:
        files = workload_files("resnet50")
        self._data = {sha256(data).hexdigest(): data for data in (files.param, files.bin)}
        self.param, self.bin = self._data
        self.size = len(files.bin)
        self.input, self.output = files.input, files.output

    def forget(self) -> None:
        """Drop the weights: what lies in a phone's storage is not what simulating it takes."""
        self._data.clear()

    def read(self, path: str) -> bytes:
        """Read a file of the agent's folder."""
        return self._data[path.removeprefix(f"{MODELS}/")]


def main(count: int, seconds: float) -> None:
    """Soak for a while and print CPU seconds, memory and lateness."""
    catalog, contents, files = names(), ContentStore(), Files()
    phones = [SoakingPhone(catalog[i % len(catalog)], i, contents, files) for i in range(count)]
    _run(phones, 3.0)  # weights are read
    files.forget()
    for phone in phones:
        phone.soak()
    _run(phones, 2.0)
    process = psutil.Process()
    before = process.cpu_times()
    began_ns = HOST.now_ns()
    sent, late_s = _run(phones, seconds)
    took_s = (HOST.now_ns() - began_ns) / NS_PER_S
    after = process.cpu_times()
    print(json.dumps({
        "cores": (after.user + after.system - before.user - before.system) / took_s,
        "mib": process.memory_info().rss / _MIB,
        "late_s": late_s,
        "bytes_per_s": sent / took_s,
    }))  # fmt: skip


def _run(phones: list[SoakingPhone], seconds: float) -> tuple[int, float]:
    """Give every phone its turns; return bytes sent and the worst lateness [s]."""
    start_ns = HOST.now_ns()
    sent, worst_s = 0, 0.0
    for turn in range(1, round(seconds / _TURN_S) + 1):
        due_ns = start_ns + round(turn * _TURN_S * NS_PER_S)
        HOST.wait((due_ns - HOST.now_ns()) / NS_PER_S)
        worst_s = max(worst_s, (HOST.now_ns() - due_ns) / NS_PER_S)
        sent += sum(phone.turn() for phone in phones)
    return sent, worst_s


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
