"""One owner's connection to an agent, without I/O: bytes in, numbered lines out."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from devices.agent.messages import (
    EXIT_OK,
    EXIT_SILENT,
    KEPT_ACKS,
    LATE_S,
    MAX_BAD_FRAMES,
    MAX_COMMAND_BYTES,
    PROTOCOL,
)
from devices.agent.wire import BadFrame, Line, LineReader, encode_line
from devices.clock import HOST
from devices.virtual.agent.arguments import checked
from devices.virtual.agent.body import Body, Job, Refused
from devices.virtual.agent.deadman import DeadMan, Silence
from devices.virtual.agent.knobs import Knobs
from devices.virtual.agent.ledger import Ledger
from devices.virtual.agent.operations import Answer, Operations

BUILD = "python-v1"


class Session:
    """Reads commands, answers each exactly once, and tells what happens in between."""

    def __init__(
        self,
        body: Body,
        ledger: Ledger,
        *,
        knobs: Knobs | None = None,
        sha256: str = "",
        may_loosen_limits: bool = False,
    ) -> None:
        self._sha256 = sha256
        self._caps = [*body.caps, *(["knobs"] if knobs else [])]
        self.exit_code: int | None = None
        self._body = body
        self._operations = Operations(
            body, ledger, self._say, knobs=knobs, may_loosen=may_loosen_limits
        )
        self._reader = LineReader(MAX_COMMAND_BYTES, strict=True)
        self._out: list[bytes] = []
        self._lines = 0
        self._bad_frames = 0
        self._seq = 0
        self._acks: OrderedDict[int, Line] = OrderedDict()
        self._jobs: list[tuple[int, Job]] = []
        self._owner: tuple[str, int] | None = None
        self._dead_man: DeadMan | None = None
        self._greet()

    def _greet(self) -> None:
        clocks = self._body.clocks()
        self._say(
            {
                "ev": "hello",
                "proto": PROTOCOL,
                "kind": self._body.kind,
                "build": BUILD,
                "sha256": self._sha256,
                "boot": clocks.boot_ns,
                "real": clocks.real_ns,
                "speed_pm": self._body.speed_pm,
                "caps": self._caps,
                "state": "ready",
                "deployment": None,
                "fence": 0,
                "trial": None,
                **self._body.introduction(),
            }
        )

    def _say(self, line: Mapping[str, Any], t_ns: int | None = None) -> None:
        """Put one line on its way under the connection's counter and the phone's clock."""
        t = self._body.clocks().mono_ns if t_ns is None else t_ns
        self._out.append(encode_line({**line, "n": self._lines, "t": t}))
        self._lines += 1

    def take_output(self) -> bytes:
        """Return what is to be sent now, whole lines."""
        output = b"".join(self._out)
        self._out.clear()
        return output

    @property
    def is_waiting(self) -> bool:
        """Whether a command in the background still has no ack."""
        return bool(self._jobs)

    def feed(self, data: bytes) -> None:
        """Take bytes from the owner."""
        for frame in self._reader.feed(data):
            if self.exit_code is not None:
                return
            if isinstance(frame, BadFrame):
                self._complain(frame.reason)
            else:
                self._take(frame)

    def end_of_input(self) -> None:
        """The owner is gone: stop the load and leave."""
        self._leave(EXIT_OK)

    def turn(self, *, may_send: bool = True) -> None:
        """Collect what the body did, finish background commands, send rows, watch the owner."""
        if self.exit_code is not None:
            return
        self._operations.collect()
        self._finish_jobs()
        self._watch_owner()
        if may_send:
            self._operations.send_rows()

    def came_late(self, host_s: float) -> None:
        """Take note of a turn that was late [s of host time], if it was by several batches."""
        if host_s > LATE_S:
            self._operations.fall_behind(host_s)

    def _complain(self, reason: str) -> None:
        self._bad_frames += 1
        self._say({"ev": "error", "code": "bad_frame", "msg": reason})
        if self._bad_frames >= MAX_BAD_FRAMES:
            self._leave(EXIT_OK)

    def _take(self, command: Line) -> None:
        seq = command.get("seq")
        if not isinstance(command.get("op"), str) or type(seq) is not int:
            self._complain("a command needs op (a string) and seq (an integer)")
        elif command["op"] == "open":
            self._acknowledge(seq, command, self._open)
        elif seq in self._acks:
            self._say({**self._acks[seq], "dup": True})
        elif any(seq == pending for pending, _ in self._jobs):
            return  # its ack is on the way
        elif seq != self._seq + 1:
            self._say(_refused(seq, Refused("bad_seq", f"expected seq {self._seq + 1}")))
        else:
            self._seq = seq
            self._acknowledge(seq, command, self._run)

    def _acknowledge(self, seq: int, command: Line, handle: Callable[[str, Line], Answer]) -> None:
        began_ns = HOST.now_ns()
        if self._dead_man:
            self._dead_man.hear(self._body.clocks().mono_ns)
        try:
            answer = handle(command["op"], checked(command))
        except Refused as refusal:
            self._answer(_refused(seq, refusal))
            return
        if isinstance(answer, Mapping):
            took_us = (HOST.now_ns() - began_ns) // 1000
            self._answer({"ev": "ack", "seq": seq, "ok": True, "us": took_us, **answer})
            self._operations.after_ack()
        else:
            self._jobs.append((seq, answer))
        if command["op"] == "quit":
            self._leave(EXIT_OK)

    def _answer(self, ack: Line) -> None:
        if ack["seq"] > 0:
            self._acks[ack["seq"]] = ack
            while len(self._acks) > KEPT_ACKS:
                self._acks.popitem(last=False)
        self._say(ack)

    def _open(self, op: str, arguments: Line) -> Mapping[str, Any]:
        deployment, fence = str(arguments["deployment"]), int(arguments["fence"])
        if arguments["proto"] != PROTOCOL:
            raise Refused("bad_arg", f"proto must be {PROTOCOL}, got {arguments['proto']}")
        if self._owner and self._owner[0] != deployment and self._operations.is_loaded:
            raise Refused("busy", f"owned by {self._owner[0]} with a running lane")
        if self._owner and self._owner[0] == deployment and fence < self._owner[1]:
            raise Refused("stale_fence", f"fence {fence} is older than {self._owner[1]}")
        if self._owner != (deployment, fence):
            self._seq = 0
            self._acks.clear()
        self._owner = (deployment, fence)
        self._operations.reopen(was_silent=self._is_silent)
        now_ns = self._body.clocks().mono_ns
        self._dead_man = DeadMan(
            hb_ms=arguments.get("hb_ms", 15_000),
            lease_ms=arguments.get("lease_ms", 25_000),
            grace_ms=arguments.get("grace_ms", 600_000),
            heard_ns=now_ns,
            pinged_ns=now_ns,
        )
        return self._operations.state()

    @property
    def _is_silent(self) -> bool:
        return self._dead_man is not None and self._dead_man.silent_since_ns is not None

    def _run(self, op: str, arguments: Line) -> Answer:
        if self._dead_man is None:
            raise Refused("auth", "say open first")
        if self._is_silent:
            raise Refused("host_silent", "the owner was silent for too long; open again")
        if op == "ping":
            self._dead_man.ping(self._body.clocks().mono_ns, arguments.get("lease_ms"))
            return {}
        return self._operations.run(op, arguments)

    def _finish_jobs(self) -> None:
        waiting = []
        for seq, job in self._jobs:
            if not job.is_done():
                waiting.append((seq, job))
                continue
            try:
                self._answer({"ev": "ack", "seq": seq, "ok": True, **job.result()})
            except Refused as refusal:
                self._answer(_refused(seq, refusal))
        self._jobs = waiting

    def _watch_owner(self) -> None:
        if self._dead_man is None:
            return
        was_silent = self._is_silent
        silence = self._dead_man.silence(self._body.clocks().mono_ns)
        if silence is Silence.STOP and not was_silent:
            self._operations.fall_silent()
        elif silence is Silence.LEAVE:
            self._leave(EXIT_SILENT)

    def _leave(self, code: int) -> None:
        if self.exit_code is None:
            self._operations.finish()
            self._body.close()
            self._say({"ev": "bye", "exit": code})
            self.exit_code = code


def _refused(seq: int, refusal: Refused) -> Line:
    return {"ev": "ack", "seq": seq, "ok": False, "code": refusal.code, "msg": str(refusal)}
