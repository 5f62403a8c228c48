"""Segments of networks, computed with ncnn: checked by digest, from one blob to another."""

import tempfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

import ncnn
import numpy as np
from numpy.typing import NDArray

from benchmarks.families.cuts import Stretch, stretch_of, tail_of
from benchmarks.naming import UnknownName
from benchmarks.uploads.store import Store, store_folder
from benchmarks.workloads import WorkloadFiles, workload_files
from devices.clock import HOST

Tensor = NDArray[np.float32]
_WARM_UPS = 4
KEPT_NETWORKS = 8  # loaded at once; the one used longest ago goes first


class SegmentRefused(Exception):
    """What is asked for cannot be computed here; `code` is a word of the tensor connection."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which segment of which network."""

    model: str
    param_sha256: str
    bin_sha256: str
    cut: str  # the blob that comes
    back: str = ""  # the blob that is sent back; "" = the network's output

    @property
    def start(self) -> "Wanted":
        """All that segments have in common which begin at one blob."""
        return replace(self, back="")


class Segment:
    """One segment, ready to run; any number of threads may run it at once."""

    def __init__(self, network: Any, stretch: Stretch, target: str) -> None:
        self.stretch = stretch
        self._network = network
        self._target = target
        self.compute_us = 0  # of one inference, smoothed
        self._measure()

    def infer(self, tensor: Tensor) -> Tensor:
        """Return what the network makes of the blob that crossed, in its shape."""
        with self._network.create_extractor() as extractor:
            # A clone: a Mat keeps no array alive, and a first layer may work in place.
            extractor.input(self.stretch.start.blob, ncnn.Mat(tensor).clone())
            status, output = extractor.extract(self._target)
            if status != 0:
                raise SegmentRefused("infer", f"the library answers {status}")
            return np.array(output, np.float32, order="C")

    def _measure(self) -> None:
        """Preload for good: the first inference after a load takes about twice as long."""
        spans_us = []
        for _ in range(_WARM_UPS):
            began_ns = HOST.now_ns()
            self.infer(np.zeros(self.stretch.start.shape, np.float32))
            spans_us.append((HOST.now_ns() - began_ns) // 1000)
        self.compute_us = min(spans_us)

    def note(self, compute_us: int) -> None:
        """Remember how long one inference took."""
        self.compute_us += (compute_us - self.compute_us) // 4


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A network from one blob on: every segment that begins there is a part of it."""

    network: Any
    segments: dict[str, Segment]  # by the blob that they end with


class Segments:
    """The segments that this server can compute, loaded on demand."""

    def __init__(self, workers: int = 1, files: Callable[[str], WorkloadFiles] | None = None):
        self._find = files or workload_files
        self._lock = Lock()
        self._loaded: OrderedDict[Wanted, _Loaded] = OrderedDict()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="segment")
        self.workers = workers

    def stretch(self, wanted: Wanted) -> Stretch:
        """Return what is asked for; nothing is loaded for it."""
        try:
            return stretch_of(self.files(wanted).network, wanted.cut, wanted.back)
        except ValueError as error:
            raise SegmentRefused("no_blob", f"{wanted.model} has {error}") from error

    def load(self, wanted: Wanted) -> Segment:
        """Return a segment, ready to run."""
        stretch, files = self.stretch(wanted), self.files(wanted)
        with self._lock:
            if wanted.start not in self._loaded:
                half = tail_of(files.param, files.bin, stretch.start)
                self._loaded[wanted.start] = _Loaded(load_network(half.param, half.bin), {})
            self._loaded.move_to_end(wanted.start)
            while len(self._loaded) > KEPT_NETWORKS:
                self._loaded.popitem(last=False)
            loaded = self._loaded[wanted.start]
            if wanted.back not in loaded.segments:
                target = wanted.back or files.output
                loaded.segments[wanted.back] = Segment(loaded.network, stretch, target)
            return loaded.segments[wanted.back]

    def compute(self, segment: Segment, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Run one batch: ncnn has no batch dimension, so its items share the worker threads."""
        return list(self._pool.map(segment.infer, tensors))

    def close(self) -> None:
        """End the worker threads."""
        self._pool.shutdown()

    def files(self, wanted: Wanted) -> WorkloadFiles:
        """Return the files of a network whose digests are the phone's; SegmentRefused else."""
        try:
            files = self._find(wanted.model)
        except UnknownName as error:
            files = _uploaded(wanted, str(error))
        if (files.param_sha256, files.bin_sha256) != (wanted.param_sha256, wanted.bin_sha256):
            raise SegmentRefused(
                "bad_digest",
                f"this server's {wanted.model} has weights {files.bin_sha256[:12]}…, "
                f"the phone's has {wanted.bin_sha256[:12]}…: load the same files on both sides",
            )
        return files


def _uploaded(wanted: Wanted, problem: str) -> WorkloadFiles:
    """Return a user's network, which is found by what is in it: no name is believed here."""
    store = Store(store_folder())
    if not (store.has(wanted.param_sha256) and store.has(wanted.bin_sha256)):
        raise SegmentRefused("no_model", f"{problem} No upload in {store.folder} is the same.")
    param, weights = store.get(wanted.param_sha256), store.get(wanted.bin_sha256)
    return WorkloadFiles(wanted.model, param, weights)


def load_network(param: bytes, weights: bytes, *, keeps_blobs: bool = False) -> Any:
    """Return a network of the library, or raise SegmentRefused."""
    net = ncnn.Net()
    net.opt.lightmode = not keeps_blobs
    net.opt.num_threads = 1  # the workers are the threads
    net.opt.use_vulkan_compute = False
    # On by default, and they change results; the agent switches them off too.
    net.opt.use_fp16_packed = False
    net.opt.use_fp16_storage = False
    net.opt.use_fp16_arithmetic = False
    with tempfile.TemporaryDirectory(prefix="simmer-segment-") as folder:
        for name, data in (("param", param), ("bin", weights)):
            (Path(folder) / name).write_bytes(data)
        if net.load_param(f"{folder}/param") or net.load_model(f"{folder}/bin"):
            raise SegmentRefused("no_model", "the library does not read this segment")
    return net
