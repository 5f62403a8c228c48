"""Drives one agent over one byte stream: commands and their acks out, groups and batches in."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol, Self

from devices.agent.install import install_agent
from devices.agent.messages import (
    ACK_TIMEOUT_S,
    HELLO_TIMEOUT_S,
    LOCKSTEP,
    PROTOCOL,
    Hello,
    refusal,
)
from devices.agent.naming import decode_event, decode_group
from devices.agent.timekeeping import ClockFit, ClockOffset, RoundTrip
from devices.agent.wire import BadFrame, Line, LineReader, decode_data, encode_line
from devices.clock import HOST, NS_PER_S
from devices.errors import TransientDeviceError
from devices.phone import Phone
from devices.root import find_root
from devices.samples import Batch, Item
from devices.sysfs.cpufreq import cluster_names

_ROUND_TRIPS = 8
_SILENCE_LIMIT_S = 15.0  # host time without a word after which the phone stops its load
_LEASE_S = 25.0
_GRACE_S = 600.0
_GOODBYE_S = 3.0
_KILLED = 128  # a shell adds the number of the signal to this


class Stream(Protocol):
    """The two directions of a program that runs on a phone."""

    returncode: int | None  # None until the program has ended, or if it was lost

    def write(self, data: bytes) -> None:
        """Send bytes to its stdin."""

    def read(self, timeout_s: float) -> bytes:
        """Return bytes of its stdout; b"" at the end; raise TimeoutError when none came."""

    def stderr(self) -> bytes:
        """Return what it has written to stderr so far."""

    def close(self) -> None:
        """End it."""


class AgentLink:
    """One owner's conversation with one agent; not to be shared between threads."""

    hello: Hello

    def __init__(self, stream: Stream, *, name: str, clusters: Mapping[int, str]) -> None:
        self._stream = stream
        self._name = name
        self._clusters = clusters
        self._reader = LineReader()
        self._seq = 0
        self._lines = 0
        self._said_bye = False
        self._acks: dict[int, Line] = {}
        self._unawaited: dict[int, int] = {}  # seq -> until when an ack must have come [ns]
        self._items: list[Item] = []
        self._next_row: dict[tuple[int, int], int] = {}
        self._next_event: dict[int, int] = {}

    @classmethod
    def start(
        cls,
        phone: Phone,
        *,
        deployment: str,
        fence: int,
        may_loosen_limits: bool = False,
        sets_knobs: bool = False,
    ) -> Self:
        """Install the agent when it is missing, start it, and become its owner.

        With `sets_knobs` it runs as root, where the phone gives root rights: nobody else may
        write a governor or a clock. Without them it runs as ever, and has no knobs.
        With `may_loosen_limits`, `limits` may also raise the agent's compiled rules: only for an
        override that somebody has answered for.
        """
        path = install_agent(phone)
        flags = ["--limit-override"] if may_loosen_limits else []
        argv = [path, "--stdio", *flags]
        as_root = find_root(phone) if sets_knobs else None
        stream = phone.open_stream(as_root(argv) if as_root else argv)
        link = cls(stream, name=phone.serial, clusters=cluster_names(phone))
        try:
            link.open(deployment, fence)
        except BaseException:
            stream.close()
            raise
        return link

    def open(self, deployment: str, fence: int) -> None:
        """Hear the greeting and take ownership."""
        deadline = HOST.now_ns() + round(HELLO_TIMEOUT_S * NS_PER_S)
        while not hasattr(self, "hello"):
            if HOST.now_ns() > deadline:
                raise TransientDeviceError(
                    f"{self._name}: no greeting from the agent within {HELLO_TIMEOUT_S:g} s"
                )
            self._pump(0.25)
        self._clock = ClockFit(self.hello.speed_pm / 1000)
        self._await(0, {"op": "open", "seq": 0, **self._terms(deployment, fence)}, ACK_TIMEOUT_S)
        self.offset = self.sync()

    def _terms(self, deployment: str, fence: int) -> Line:
        return {
            "proto": PROTOCOL,
            "deployment": deployment,
            "fence": fence,
            "adopt": False,
            "hb_ms": self._device_ms(_SILENCE_LIMIT_S),
            "lease_ms": self._device_ms(_LEASE_S),
            "grace_ms": self._device_ms(_GRACE_S),
        }

    def _device_ms(self, host_s: float) -> int:
        return round(host_s * 1000 * self.hello.speed_pm / 1000)

    @property
    def caps(self) -> frozenset[str]:
        """What this agent can do."""
        return self.hello.caps

    @property
    def rate(self) -> float:
        """Device seconds per host second, as measured.

        A phone whose clock waits for us has no rate of its own: there it is what it announces.
        """
        return self.hello.speed_pm / 1000 if self.is_lockstep else self.offset.rate

    @property
    def is_lockstep(self) -> bool:
        """Whether the phone's clock stands still while its owner thinks."""
        return LOCKSTEP in self.hello.caps

    def request(self, op: str, *, timeout_s: float = ACK_TIMEOUT_S, **arguments: Any) -> Line:
        """Send one command and return its ack; a refusal is raised by its code.

        What arrives meanwhile is kept for `receive`.
        """
        self._seq += 1
        return self._await(self._seq, {"op": op, "seq": self._seq, **arguments}, timeout_s)

    def post(self, op: str, **arguments: Any) -> None:
        """Send one command without waiting; a refusal is raised by a later `receive`."""
        self._seq += 1
        self._unawaited[self._seq] = HOST.now_ns() + round(ACK_TIMEOUT_S * NS_PER_S)
        self._stream.write(encode_line({"op": op, "seq": self._seq, **arguments}))

    def _await(self, seq: int, command: Line, timeout_s: float) -> Line:
        deadline = HOST.now_ns() + round(timeout_s * NS_PER_S)
        self._stream.write(encode_line(command))
        while seq not in self._acks:
            left_s = (deadline - HOST.now_ns()) / NS_PER_S
            if left_s <= 0:
                raise TransientDeviceError(
                    f"{self._name}: no answer to {command['op']} within {timeout_s:g} s"
                )
            self._pump(left_s)
        ack = self._acks.pop(seq)
        if not ack.get("ok"):
            raise refusal(str(ack.get("code")), f"{command['op']}: {ack.get('msg', '')}")
        return ack

    def receive(self, timeout_s: float) -> list[Item]:
        """Return what came, in order; wait at most `timeout_s` of host time for the first item."""
        deadline = HOST.now_ns() + round(timeout_s * NS_PER_S)
        while not self._items:
            left_s = (deadline - HOST.now_ns()) / NS_PER_S
            if left_s <= 0:
                break
            self._pump(left_s)
        if not self._items:
            self._expect_acks()
        items, self._items = self._items, []
        return items

    def _expect_acks(self) -> None:
        """A phone that hangs keeps its connection; only a missing ack tells."""
        overdue = min(self._unawaited.values(), default=None)
        if overdue is not None and HOST.now_ns() > overdue:
            raise TransientDeviceError(
                f"{self._name}: the agent has not answered for {ACK_TIMEOUT_S:g} s"
            )

    def sync(self) -> ClockOffset:
        """Compare the clocks by 8 round trips and return their relation."""
        trips = []
        for _ in range(_ROUND_TRIPS):
            sent_ns = HOST.now_ns()
            device_ns = int(self.request("sync")["t"])
            trips.append(RoundTrip(sent_ns, device_ns, HOST.now_ns()))
        self.offset = self._clock.add(trips)
        return self.offset

    def ping(self, lease_s: float = _LEASE_S) -> None:
        """Tell the phone that its owner lives and has `lease_s` of host time left.

        A phone that fell behind may catch up, so no pace below its own is counted on.
        """
        pace = max(self.rate, self.hello.speed_pm / 1000)
        self.post("ping", lease_ms=max(1, round(lease_s * 1000 * pace)))

    def received_rows(self, trial: int) -> dict[int, int]:
        """Return how many rows of each clock group of a trial have arrived."""
        return {group: rows for (number, group), rows in self._next_row.items() if number == trial}

    def _pump(self, timeout_s: float) -> None:
        try:
            data = self._stream.read(max(timeout_s, 0.001))
        except TimeoutError:
            return
        if not data:
            raise self._lost()
        for frame in self._reader.feed(data):
            self._take(frame)

    def _lost(self) -> TransientDeviceError:
        words = self._stream.stderr().decode(errors="replace").strip()[-500:]
        ending = f": {words}" if words else ""
        sentence = f"{self._name}: the agent went away{ending} ({_why(self._stream.returncode)})"
        return TransientDeviceError(sentence, detail=words)

    def _take(self, frame: Line | BadFrame) -> None:
        if isinstance(frame, BadFrame):
            raise TransientDeviceError(f"{self._name}: unreadable line: {frame.reason}")
        if frame.get("n") != self._lines:
            raise TransientDeviceError(
                f"{self._name}: line {self._lines} is missing, got {frame.get('n')}"
            )
        self._lines += 1
        try:
            self._dispatch(frame)
        except (KeyError, TypeError, ValueError) as error:
            raise TransientDeviceError(f"{self._name}: malformed line: {error!r}") from error

    def _dispatch(self, line: Line) -> None:
        match line["ev"]:
            case "data":
                self._take_batch(decode_data(line))
            case "ack":
                self._take_ack(line)
            case "group":
                self._items.append(decode_group(line, self._clusters))
            case "hello":
                self.hello = Hello.of(line)
            case "bye":
                self._said_bye = True
            case "error" if "trial" not in line:
                raise refusal(str(line.get("code")), str(line.get("msg", "")))
            case _:
                self._take_event(line)

    def _take_ack(self, line: Line) -> None:
        seq = line["seq"]
        if self._unawaited.pop(seq, None) is None:
            self._acks[seq] = line
        elif not line.get("ok"):
            raise refusal(str(line.get("code")), str(line.get("msg", "")))

    def _take_batch(self, batch: Batch) -> None:
        key = (batch.trial, batch.group)
        expected = self._next_row.get(key, 0)
        if batch.i0 != expected:
            raise TransientDeviceError(
                f"{self._name}: group {batch.group} of trial {batch.trial} "
                f"continues at row {batch.i0}, expected {expected}"
            )
        self._next_row[key] = expected + batch.rows
        self._items.append(batch)

    def _take_event(self, line: Line) -> None:
        event = decode_event(line)
        expected = self._next_event.get(event.trial, 0)
        if event.i != expected:
            raise TransientDeviceError(
                f"{self._name}: event {event.i} of trial {event.trial}, expected {expected}"
            )
        self._next_event[event.trial] = expected + 1
        self._items.append(event)

    def close(self) -> None:
        """Ask the agent to stop its load and leave, then close the stream, whatever it answers."""
        deadline = HOST.now_ns() + round(_GOODBYE_S * NS_PER_S)
        try:
            self.post("quit")
            while not self._said_bye and HOST.now_ns() < deadline:
                self._pump(0.25)
        except (TransientDeviceError, OSError):
            pass  # the end of the stream stops the load as well
        finally:
            self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _why(status: int | None) -> str:
    """Return what the end of an agent's stream means, and the way out."""
    if status is None:
        return "its link broke: replug the phone, or wait until it is back"
    if status > _KILLED:
        return f"signal {status - _KILLED} killed it: look whether the phone's memory was short"
    return f"it ended with status {status}"
