"""Phones of the catalog soaking in this process: prints what they cost, as JSON.

Everything of `python -m devices.virtual` but the sockets: each phone has booted, holds the weights
that were pushed to it, and has its agent's session, whose sensors are all sampled at 10 Hz while
ResNet50 runs without a pause, and whose lines are made and thrown away. Cores are counted in real
time; memory is looked at after so much device time, which passes as fast as it is computed.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil

from devices.agent.wire import encode_line
from devices.clock import HOST, NS_PER_S, HostClock, SimulatedClock
from devices.virtual.agent import AgentFacts, Ledger
from devices.virtual.agent.session import Session
from devices.virtual.agent.shelf import MODELS
from devices.virtual.agent.simulated import SimulatedBody
from devices.virtual.catalog import load, names
from devices.virtual.clock import PhoneClock
from devices.virtual.phone import VirtualPhone
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.files import FileTree

_TURN_S = 0.2
_LONG_TURN_S = 2.0  # what a phone at 10× does in one turn
_LOADING_S = 3.0  # until the weights are read [s of device time]
_SETTLING_S = 2.0
_MIB = 1 << 20


@dataclass(frozen=True)
class Network:
    """What is pushed to every phone."""

    param: bytes
    weights: bytes
    shape: dict[str, Any]  # what `load` is told beside the files

    @classmethod
    def read(cls, folder: Path) -> "Network":
        """Return what lies in a folder as net.param, net.bin and net.json."""
        param, weights = ((folder / f"net.{end}").read_bytes() for end in ("param", "bin"))
        return cls(param, weights, json.loads((folder / "net.json").read_text()))


class SoakingPhone:
    """One phone and the session of its agent."""

    def __init__(self, phone: VirtualPhone, network: Network) -> None:
        self.phone = phone
        tree = phone.files
        tree.makedirs(MODELS)
        param, weights = (_pushed(tree, data) for data in (network.param, network.weights))
        body = SimulatedBody(phone.world(), phone.clock, AgentFacts("a-boot-id", tree.read))
        self._session = Session(body, Ledger())
        self._seq = 0
        patience = {"hb_ms": 3_600_000, "lease_ms": 3_600_000}
        self._say(op="open", proto=1, deployment="bench", fence=1, **patience)
        self._say(
            op="load", id="net", param=param, bin=weights, bytes=len(network.weights),
            sha256=weights, param_sha256=param, threads=[2], **network.shape,
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


def _pushed(tree: FileTree, data: bytes) -> str:
    """Write a file of the agent's folder; return its name, which is its digest."""
    digest = sha256(data).hexdigest()
    tree.write(f"{MODELS}/{digest}", data)
    return digest


def soaking_phones(
    count: int, folder: Path, host: HostClock | SimulatedClock, pass_turn: Callable[[], float]
) -> list[SoakingPhone]:
    """Return phones that have begun to soak."""
    catalog, contents, network = names(), ContentStore(), Network.read(folder)
    phones = [
        SoakingPhone(
            VirtualPhone(load(catalog[i % len(catalog)]), i, contents, PhoneClock(1.0, 0, host), 1),
            network,
        )
        for i in range(count)
    ]
    take_turns(phones, _LOADING_S, pass_turn)
    for phone in phones:
        phone.soak()
    take_turns(phones, _SETTLING_S, pass_turn)
    return phones


def count_cores(count: int, folder: Path, seconds: float) -> dict[str, float]:
    """Soak in real time; return cores, the worst lateness [s] and what was sent [B/s]."""
    phones = soaking_phones(count, folder, HOST, _RealTime().pass_turn)
    process, pace = psutil.Process(), _RealTime()
    before, began_ns = process.cpu_times(), HOST.now_ns()
    sent = take_turns(phones, seconds, pace.pass_turn)
    took_s, after = (HOST.now_ns() - began_ns) / NS_PER_S, process.cpu_times()
    cpu_s = after.user + after.system - before.user - before.system
    return {"cores": cpu_s / took_s, "late_s": pace.late_s, "bytes_per_s": sent / took_s}


def weigh(count: int, folder: Path, seconds: float) -> dict[str, float]:
    """Soak for so much device time; return the memory of this process [MiB]."""
    clock = SimulatedClock()

    def pass_turn() -> float:
        clock.advance(_LONG_TURN_S)
        return _LONG_TURN_S

    phones = soaking_phones(count, folder, clock, pass_turn)
    take_turns(phones, seconds, pass_turn)
    weights = sum(path.stat().st_size for path in folder.glob("*.bin"))
    return {"mib": psutil.Process().memory_info().rss / _MIB, "weights_mib": weights / _MIB}


class _RealTime:
    """Turns at fixed instants; one that comes late is done at once, and its lateness kept."""

    def __init__(self) -> None:
        self.late_s = 0.0
        self._due_ns: int | None = None

    def pass_turn(self) -> float:
        """Wait for the next turn; return how long turns are [s]."""
        if self._due_ns is None:
            self._due_ns = HOST.now_ns()
        self._due_ns += round(_TURN_S * NS_PER_S)
        HOST.wait((self._due_ns - HOST.now_ns()) / NS_PER_S)
        self.late_s = max(self.late_s, (HOST.now_ns() - self._due_ns) / NS_PER_S)
        return _TURN_S


def take_turns(phones: list[SoakingPhone], seconds: float, pass_turn: Callable[[], float]) -> int:
    """Give every phone its turns, the next after `pass_turn`; return how many bytes they sent."""
    sent = 0
    while seconds > 0:
        seconds -= pass_turn()
        sent += sum(phone.turn() for phone in phones)
    return sent


if __name__ == "__main__":
    measure = {"cores": count_cores, "memory": weigh}[sys.argv[1]]
    print(json.dumps(measure(int(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]))))
