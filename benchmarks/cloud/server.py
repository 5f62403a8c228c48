"""The segment server: connections in, tails of networks computed, results out."""

import asyncio
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.cloud.batching import Batch, Batcher, Request
from benchmarks.cloud.segments import SegmentRefused, Tail, Tails, Tensor, Wanted, blob_shape
from benchmarks.families.cuts import Cut
from devices.agent.codecs import CODECS, decode_tensor, encode_tensor, synthetic_tensor
from devices.agent.tensors import Frame, FrameError, FrameReader, Kind, result_frame, text_frame
from devices.clock import HOST, NS_PER_S

log = logging.getLogger(__name__)

PROTOCOL = 1
BUILD = "python-v1"
MAX_CONNECTIONS = 64  # security limits
MAX_WAITING = 256
HELLO_LIMIT_S = 5.0
WRONG_TOKEN_PAUSE_S = 1.0
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Terms:
    """What one connection has agreed on."""

    wanted: Wanted
    cut: Cut
    codec: str
    is_synthetic: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request with its way back."""

    frame: Frame
    tensor: Tensor
    connection: "Connection"


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How a server behaves."""

    token: str
    window_ms: float = 0.0
    largest_batch: int = 8
    modelled_macs_per_s: float = 70e9  # behind synthetic tensors: RegNetY-400MF in 6 ms


class SegmentServer:
    """Listens, queues, computes."""

    def __init__(self, tails: Tails, options: ServerOptions) -> None:
        self.options = options
        self.tails = tails
        self._batcher: Batcher[Wanted, Waiting] = Batcher(
            cost_ns=self._cost_ns,
            window_ns=round(options.window_ms * 1e6),
            largest=options.largest_batch,
        )
        self._costs: dict[Wanted, int] = {}  # of one inference [ns]
        self._stirred = asyncio.Event()
        self._is_stopping = False
        self._connections: set[Connection] = set()
        self._computing: asyncio.Task[None] | None = None
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._accept, host, port)
        self._computing = asyncio.create_task(self._compute())
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take nothing new, answer what waits, close."""
        assert self._server is not None
        assert self._computing is not None
        self._server.close()
        self._is_stopping = True
        self._batcher.window_ns = 0
        self._stirred.set()
        await self._computing
        for connection in list(self._connections):
            await connection.close()
        self.tails.close()

    def put(self, terms: Terms, waiting: Waiting) -> None:
        """Let a request wait for its batch."""
        if len(self._batcher) >= MAX_WAITING:
            raise SegmentRefused("busy", f"{MAX_WAITING} requests wait already; ask again later")
        now_ns = HOST.now_ns()
        wanted_for_ns = waiting.frame.t_reply_ns
        deadline_ns = now_ns + wanted_for_ns if wanted_for_ns else None
        self._batcher.add(terms.wanted, Request(waiting, now_ns, deadline_ns))
        self._stirred.set()

    @property
    def queue_us(self) -> int:
        """How long a request that came now would wait [us]."""
        return len(self._batcher) * max(self._costs.values(), default=0) // 1000

    def note_cost(self, wanted: Wanted, tail: Tail) -> None:
        """Remember what one inference of a tail costs."""
        self._costs[wanted] = tail.compute_us * 1000

    def _cost_ns(self, wanted: Wanted, size: int) -> int:
        rounds = -(-size // self.tails.workers)
        return rounds * self._costs.get(wanted, 0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self, reader, writer)
        if len(self._connections) >= MAX_CONNECTIONS:
            await connection.refuse("busy", f"{MAX_CONNECTIONS} connections are open already")
            return
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)

    async def _compute(self) -> None:
        while not self._is_stopping or len(self._batcher):
            await self._until_due()
            batch = self._batcher.take(HOST.now_ns())
            if batch is not None:
                await self._answer(batch)

    async def _until_due(self) -> None:
        """Wait until a batch should be closed."""
        while True:
            self._stirred.clear()
            due_ns = self._batcher.due_ns()
            left_s = None if due_ns is None else (due_ns - HOST.now_ns()) / NS_PER_S
            if self._is_stopping or (left_s is not None and left_s <= 0):
                return
            try:
                await asyncio.wait_for(self._stirred.wait(), left_s)
            except TimeoutError:
                return

    async def _answer(self, batch: Batch[Wanted, Waiting]) -> None:
        for request in batch.expired:
            await request.what.connection.complain(request, "deadline", "its deadline has passed")
        if not batch.requests:
            return
        began_ns = HOST.now_ns()
        try:
            tail = await asyncio.to_thread(self.tails.load, batch.key)
            tensors = [request.what.tensor for request in batch.requests]
            outputs = await asyncio.to_thread(self.tails.compute, tail, tensors)
        except SegmentRefused as refused:
            for request in batch.requests:
                await request.what.connection.complain(request, refused.code, str(refused))
            return
        took_ns = HOST.now_ns() - began_ns
        tail.note(took_ns // 1000 // len(outputs))
        self.note_cost(batch.key, tail)
        for request, output in zip(batch.requests, outputs, strict=True):
            queue_us = (began_ns - request.arrived_ns) // 1000
            facts = (queue_us, took_ns // 1000, len(outputs))
            await request.what.connection.send_result(request, output, facts)


class Connection:
    """One phone's lane at this server."""

    def __init__(
        self, server: SegmentServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._frames = FrameReader()
        self._terms: Terms | None = None

    async def serve(self) -> None:
        """Read until the phone leaves, or says what cannot be understood."""
        try:
            while data := await self._next():
                for frame in self._frames.feed(data):
                    await self._take(frame)
        except FrameError as error:
            await self.refuse("bad_frame", str(error))
        except TimeoutError:
            await self.refuse("auth", f"no HELLO within {HELLO_LIMIT_S:g} s")
        except SegmentRefused as refused:
            await self.refuse(refused.code, str(refused))
        except ConnectionError:
            pass  # the phone is gone; whoever computes for it finds out when answering
        finally:
            await self.close()

    async def _next(self) -> bytes:
        limit_s = HELLO_LIMIT_S if self._terms is None else None
        return await asyncio.wait_for(self._reader.read(_CHUNK), limit_s)

    async def _take(self, frame: Frame) -> None:
        if frame.kind is Kind.HELLO:
            await self._greet(frame)
        elif self._terms is None:
            raise SegmentRefused("auth", "say HELLO first")
        elif frame.kind is Kind.PING:
            now_ns = HOST.now_ns()
            await self._send(replace(frame, kind=Kind.PONG, t_recv_ns=now_ns, t_reply_ns=now_ns))
        elif frame.kind is Kind.TENSOR:
            await self._ask(self._terms, replace(frame, t_recv_ns=HOST.now_ns()))
        else:
            raise FrameError(f"a phone does not send {frame.kind.name}")

    async def _greet(self, frame: Frame) -> None:
        hello = frame.text
        if not hmac.compare_digest(_word(hello, "token").encode(), self._token.encode()):
            await HOST.wait_async(WRONG_TOKEN_PAUSE_S)
            raise SegmentRefused("auth", "the token is wrong")
        if hello.get("proto") != PROTOCOL:
            raise SegmentRefused("auth", f"this server speaks protocol {PROTOCOL}")
        wanted = Wanted(*(_word(hello, key) for key in _NAMES))
        if _word(hello, "codec") not in CODECS:
            raise SegmentRefused("bad_shape", f"codec must be one of {', '.join(CODECS)}")
        cut = await asyncio.to_thread(self._server.tails.cut, wanted)
        terms = Terms(wanted, cut, hello["codec"], hello.get("synthetic") is True)
        compute_us = await self._prepare(terms)
        self._terms = terms
        shape = cut.tail[-1].cost.shape
        facts = {"build": BUILD, "warm": not terms.is_synthetic, "out": list(shape)}
        facts |= {"q_us": self._server.queue_us, "compute_us": compute_us}
        await self._send(text_frame(Kind.HELLO_OK, facts, frame.number))

    @property
    def _token(self) -> str:
        return self._server.options.token

    async def _prepare(self, terms: Terms) -> int:
        """Load the tail before its first request; return what one inference takes [us]."""
        if terms.is_synthetic:
            return round(terms.cut.tail_macs / self._server.options.modelled_macs_per_s * 1e6)
        tail = await asyncio.to_thread(self._server.tails.load, terms.wanted)
        self._server.note_cost(terms.wanted, tail)
        return tail.compute_us

    async def _ask(self, terms: Terms, frame: Frame) -> None:
        try:
            tensor = decode_tensor(frame)
            expected = blob_shape(terms.cut.shape)
            if tensor.shape != expected:
                raise SegmentRefused(
                    "bad_shape", f"{terms.cut.blob} is {expected}, got {tensor.shape}"
                )
            if terms.is_synthetic:
                await self._pretend(terms, frame)
            else:
                self._server.put(terms, Waiting(frame, tensor, self))
        except SegmentRefused as refused:
            await self._say_error(frame.number, refused.code, str(refused))

    async def _pretend(self, terms: Terms, frame: Frame) -> None:
        """Answer a tensor that nobody computed with one of the right size, at once.

        How long it would have taken is the phone's to count: its clock may run faster than ours.
        """
        compute_us = await self._prepare(terms)
        shape = terms.cut.tail[-1].cost.shape
        codec = CODECS["fp32"]
        empty = synthetic_tensor(shape.elements, (shape.elements,), codec, frame.number)
        await self._send(result_frame(frame, empty, 0, compute_us, 1))

    async def send_result(
        self, request: Request[Waiting], output: Tensor, facts: tuple[int, int, int]
    ) -> None:
        """Answer one request."""
        asked = request.what.frame
        # Outputs are few numbers, and the phone's top-1 hangs on them: never less than float32.
        encoded = encode_tensor(output, CODECS["fp32"], asked.number)
        answer = replace(result_frame(asked, encoded, *facts), t_recv_ns=asked.t_recv_ns)
        await self._send(replace(answer, t_reply_ns=HOST.now_ns()))

    async def complain(self, request: Request[Waiting], code: str, sentence: str) -> None:
        """Say why one request has no answer; the connection goes on."""
        await self._say_error(request.what.frame.number, code, sentence)

    async def _say_error(self, number: int, code: str, sentence: str) -> None:
        await self._send(text_frame(Kind.ERROR, {"code": code, "msg": sentence[:1000]}, number))

    async def refuse(self, code: str, sentence: str) -> None:
        """Say why this connection ends."""
        log.info("refused: %s (%s)", sentence, code)
        await self._say_error(0, code, sentence)
        await self.close()

    async def _send(self, frame: Frame) -> None:
        try:
            self._writer.write(frame.encode())
            await self._writer.drain()
        except ConnectionError:
            log.info("a phone left before its %s", frame.kind.name)

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()


_NAMES = ("model", "param_sha256", "model_sha256", "cut")


def _word(hello: Mapping[str, Any], key: str) -> str:
    value = hello.get(key)
    if not isinstance(value, str) or len(value) > 256:
        raise SegmentRefused("bad_shape", f"HELLO needs {key}, at most 256 letters")
    return value
