"""A virtual phone's agent without a stream: a session whose host clock the test moves."""

from hashlib import sha256
from typing import Any

from devices.agent.wire import BadFrame, Line, LineReader, encode_line
from devices.clock import DeviceClock, SimulatedClock
from devices.virtual.agent import AgentFacts, Ledger
from devices.virtual.agent.knobs import Knobs
from devices.virtual.agent.session import Session
from devices.virtual.agent.shelf import MODELS
from devices.virtual.agent.simulated import SimulatedBody
from devices.virtual.catalog import load
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.inodes import SHELL
from devices.virtual.userspace.layout import new_tree

TURN_S = 0.2  # of host time

#: A network of one convolution over 8 × 8, and its weights: 4 × 3 × 9 numbers behind a tag.
PARAM = b"""7767517
3 3
Input data 0 1 data 0=8 1=8 2=3
Convolution conv 1 1 data conv 0=4 1=3 3=1 4=1 5=0 6=108
Softmax prob 1 1 conv prob 0=0
"""
WEIGHTS = bytes(4 * 109)


class Talk:
    """One owner talking to one agent."""

    def __init__(
        self,
        speed: float = 20.0,
        *,
        may_loosen_limits: bool = False,
        uid: int = SHELL,
        spec: PhoneSpec | None = None,
    ) -> None:
        self.host = SimulatedClock()
        self.machine = Machine(spec or load("honor-v30-pro"), 1)
        self.clock = DeviceClock(speed, self.host)
        self.ledger = Ledger()
        self.files = {f"{MODELS}/{sha256(data).hexdigest()}": data for data in (PARAM, WEIGHTS)}
        facts = AgentFacts("a-boot-id", self._read_file)
        body = SimulatedBody(self.machine, self.clock, facts)
        self.tree = new_tree(lambda: 0, ContentStore()).as_user(uid)
        for path, node in self.machine.nodes.items():
            self.tree.mount(path, node)
        self.session = Session(
            body,
            self.ledger,
            knobs=Knobs(self.tree, facts.boot_id),
            may_loosen_limits=may_loosen_limits,
        )
        self.lines: list[Line] = []
        self.seq = 0
        self._reader = LineReader()
        self._collect()

    def _read_file(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return self.files[path]

    def _collect(self) -> list[Line]:
        frames = self._reader.feed(self.session.take_output())
        assert not any(isinstance(frame, BadFrame) for frame in frames)
        new = [frame for frame in frames if isinstance(frame, dict)]
        self.lines += new
        return new

    def say(self, raw: bytes) -> list[Line]:
        """Send bytes and return the lines that answer at once."""
        self.session.feed(raw)
        return self._collect()

    def ask(self, op: str, **arguments: Any) -> Line:
        """Send the next command and return its ack, waiting for it if need be."""
        self.seq += 1
        self.say(encode_line({"op": op, "seq": self.seq, **arguments}))
        return self.ack(self.seq)

    def ack(self, seq: int) -> Line:
        """Return the only ack of a command."""
        for _ in range(300):
            acks = [line for line in self.lines if line["ev"] == "ack" and line["seq"] == seq]
            if acks:
                assert len(acks) == 1
                return acks[0]
            self.wait(TURN_S)
        raise AssertionError(f"no ack of {seq}")

    def wait(self, host_s: float) -> None:
        """Let host time pass, turn by turn."""
        for _ in range(round(host_s / TURN_S)):
            self.host.advance(TURN_S)
            self.session.turn()
            self._collect()

    def open(self, **terms: Any) -> Line:
        """Take ownership for good."""
        defaults = {"proto": 1, "deployment": "test", "fence": 1}
        patience = {"hb_ms": 3_600_000, "lease_ms": 3_600_000}
        line = {"op": "open", "seq": 0, **defaults, **patience, **terms}
        return self.say(encode_line(line))[0]

    def load(self, **changes: Any) -> Line:
        """Load the small network as `net`."""
        param, weights = sha256(PARAM).hexdigest(), sha256(WEIGHTS).hexdigest()
        arguments: dict[str, Any] = {
            "id": "net",
            "param": param,
            "bin": weights,
            "bytes": len(WEIGHTS),
            "sha256": weights,
            "param_sha256": param,
            "w": 8,
            "h": 8,
            "c": 3,
            "in": "data",
            "out": "prob",
            "threads": [1, 4],
            **changes,
        }
        return self.ask("load", **arguments)

    def events(self, kind: str) -> list[Line]:
        """Return the lines of one kind so far."""
        return [line for line in self.lines if line["ev"] == kind]


def ready(speed: float = 20.0) -> Talk:
    """Return a talk with a loaded model and a begun trial that samples everything at 10 Hz."""
    talk = Talk(speed)
    talk.open()
    talk.load()
    talk.ask("sample", g=0, period_us=100_000, ids="all")
    assert talk.ask("begin", trial=1)["ok"]
    return talk
