"""One phone's connection to the segment server: greeted, then asked and answered."""

import asyncio
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from benchmarks.cloud.batching import Request
from benchmarks.cloud.packed_sizes import packed_sizes
from benchmarks.cloud.segments import Segment, SegmentRefused, Segments, Tensor, Wanted
from benchmarks.families.cuts import Stretch
from benchmarks.families.layer_rules import Shape
from devices.agent.codecs import CODECS, decode_tensor, encode_tensor, sides_of, synthetic_tensor
from devices.agent.tensors import Frame, FrameError, FrameReader, Kind, result_frame, text_frame
from devices.clock import HOST

log = logging.getLogger(__name__)

PROTOCOL = 1
BUILD = "python-v1"
HELLO_LIMIT_S = 5.0  # security limits
WRONG_TOKEN_PAUSE_S = 1.0
_CHUNK = 256 * 1024
_MOST_SIZES = 3000  # letters: a HELLO_OK carries no more; a network with more cuts is not told


@dataclass(frozen=True, slots=True)
class Terms:
    """What one connection has agreed on."""

    wanted: Wanted
    stretch: Stretch
    codec: str
    answer_codec: str
    is_synthetic: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request with its way back."""

    frame: Frame
    tensor: Tensor
    answer_codec: str
    connection: "Connection"


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How a server behaves."""

    token: str
    window_ms: float = 0.0
    largest_batch: int = 8
    modelled_macs_per_s: float = 70e9  # behind synthetic tensors: RegNetY-400MF in 6 ms


class Desk(Protocol):
    """What a connection needs of its server."""

    options: ServerOptions
    segments: Segments

    @property
    def queue_us(self) -> int:
        """How long a request that came now would wait [us]."""

    def put(self, terms: Terms, waiting: Waiting) -> None:
        """Let a request wait for its batch; SegmentRefused if too many do."""

    def note_cost(self, wanted: Wanted, segment: Segment) -> None:
        """Remember what one inference of a segment costs."""


class Connection:
    """One phone's lane at this server."""

    def __init__(
        self, desk: Desk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._desk = desk
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
        wanted = replace(
            Wanted(*(_word(hello, key) for key in _NAMES)), back=_word(hello, "back", "")
        )
        codecs = _codec(hello, "codec"), _codec(hello, "answer_codec", "fp32")
        stretch = await asyncio.to_thread(self._desk.segments.stretch, wanted)
        terms = Terms(wanted, stretch, *codecs, hello.get("synthetic") is True)
        compute_us = await self._prepare(terms)
        self._terms = terms
        shape = stretch.output_shape
        facts = {"build": BUILD, "warm": not terms.is_synthetic, "out": list(shape)}
        facts |= {"q_us": self._desk.queue_us, "compute_us": compute_us}
        facts |= await self._packed(terms, _codec(hello, "blob_codec", terms.codec))
        await self._send(text_frame(Kind.HELLO_OK, facts, frame.number))

    @property
    def _token(self) -> str:
        return self._desk.options.token

    async def _prepare(self, terms: Terms) -> int:
        """Load the segment before its first request; return what one inference takes [us]."""
        if terms.is_synthetic:
            return round(terms.stretch.macs / self._desk.options.modelled_macs_per_s * 1e6)
        segment = await asyncio.to_thread(self._desk.segments.load, terms.wanted)
        self._desk.note_cost(terms.wanted, segment)
        return segment.compute_us

    async def _packed(self, terms: Terms, blob_codec: str) -> Mapping[str, Any]:
        """Return what blobs weigh when packed, to whoever asks for a whole network."""
        files = self._desk.segments.files(terms.wanted)
        if terms.wanted.cut != files.input or terms.wanted.back:
            return {}
        codecs = (terms.codec, blob_codec, terms.answer_codec)
        sizes = await asyncio.to_thread(packed_sizes, files, codecs)
        return {"packed": sizes} if len(json.dumps(sizes)) < _MOST_SIZES else {}

    async def _ask(self, terms: Terms, frame: Frame) -> None:
        try:
            if terms.is_synthetic:
                await self._pretend(terms, frame)
                return
            tensor, start = decode_tensor(frame), terms.stretch.start
            if tensor.shape != start.shape:
                found = Shape(*tensor.shape)
                raise SegmentRefused("bad_shape", f"{start.blob} is {start.shape}, got {found}")
            self._desk.put(terms, Waiting(frame, tensor, terms.answer_codec, self))
        except SegmentRefused as refused:
            await self._say_error(frame.number, refused.code, str(refused))

    async def _pretend(self, terms: Terms, frame: Frame) -> None:
        """Answer a tensor that nobody computed with one of the right size, at once.

        How long it would have taken is the phone's to count: its clock may run faster than ours.
        """
        start = terms.stretch.start
        if frame.shape != sides_of(start.shape):
            raise SegmentRefused(
                "bad_shape", f"{start.blob} is {start.shape}, got {frame.shape} as w, h, d, c"
            )
        compute_us = await self._prepare(terms)
        shape, codec = terms.stretch.output_shape, CODECS[terms.answer_codec]
        size = codec.bytes_of(shape.elements)
        empty = synthetic_tensor(size, sides_of(shape), codec, frame.number)
        await self._send(result_frame(frame, empty, 0, compute_us, 1))

    async def send_result(
        self, request: Request[Waiting], output: Tensor, facts: tuple[int, int, int]
    ) -> None:
        """Answer one request."""
        asked = request.what.frame
        encoded = encode_tensor(output, CODECS[request.what.answer_codec], asked.number)
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


def _codec(hello: Mapping[str, Any], key: str, usual: str | None = None) -> str:
    name = _word(hello, key, usual)
    if name not in CODECS:
        raise SegmentRefused("bad_shape", f"{key} must be one of {', '.join(CODECS)}")
    return name


def _word(hello: Mapping[str, Any], key: str, usual: str | None = None) -> str:
    value = hello.get(key, usual)
    if not isinstance(value, str) or len(value) > 256:
        raise SegmentRefused("bad_shape", f"HELLO needs {key}, at most 256 letters")
    return value
