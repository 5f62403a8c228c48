"""The segment server: connections in, segments of networks computed, results out."""

import asyncio

from benchmarks.cloud.batching import Batch, Batcher, Request
from benchmarks.cloud.connection import Connection, ServerOptions, Terms, Waiting
from benchmarks.cloud.segments import Segment, SegmentRefused, Segments, Wanted
from devices.clock import HOST, NS_PER_S

MAX_CONNECTIONS = 64  # security limits
MAX_WAITING = 256


class SegmentServer:
    """Listens, queues, computes."""

    def __init__(self, segments: Segments, options: ServerOptions) -> None:
        self.options = options
        self.segments = segments
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
        self.segments.close()

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

    def note_cost(self, wanted: Wanted, segment: Segment) -> None:
        """Remember what one inference of a segment costs."""
        self._costs[wanted] = segment.compute_us * 1000

    def _cost_ns(self, wanted: Wanted, size: int) -> int:
        rounds = -(-size // self.segments.workers)
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
            segment = await asyncio.to_thread(self.segments.load, batch.key)
            tensors = [request.what.tensor for request in batch.requests]
            outputs = await asyncio.to_thread(self.segments.compute, segment, tensors)
        except SegmentRefused as refused:
            for request in batch.requests:
                await request.what.connection.complain(request, refused.code, str(refused))
            return
        took_ns = HOST.now_ns() - began_ns
        segment.note(took_ns // 1000 // len(outputs))
        self.note_cost(batch.key, segment)
        for request, output in zip(batch.requests, outputs, strict=True):
            queue_us = (began_ns - request.arrived_ns) // 1000
            facts = (queue_us, took_ns // 1000, len(outputs))
            await request.what.connection.send_result(request, output, facts)
