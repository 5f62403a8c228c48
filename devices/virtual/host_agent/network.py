"""Real inference with ncnn: one native network per thread count, checked files, fixed options."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import ncnn
import numpy as np
from numpy.typing import NDArray

from devices.clock import HOST
from devices.virtual.agent.body import ModelOrder, Refused
from devices.virtual.workload import WorkloadRefused, read_cuts, read_work

Output = NDArray[np.float32]

_FNV_OFFSET, _FNV_PRIME, _MASK32 = 2166136261, 16777619, 0xFFFFFFFF


class Network:
    """One loaded model, ready for each of its thread counts."""

    def __init__(self, order: ModelOrder, models: Path) -> None:
        param = _checked(models, order.param, order.param_sha256)
        weights = _checked(models, order.bin, order.sha256, order.bytes)
        _refuse_hostile(order, param, weights)
        self.order = order
        image = golden_input(order.c, order.h, order.w)  # a Mat keeps no array alive
        self._input = ncnn.Mat(image).clone()
        # The thread count of a loaded network cannot be changed: GEMM layers ignore it.
        self._files = param, weights
        self.cuts = read_cuts(param.read_bytes())
        self.read_again()

    def read_again(self) -> int:
        """Read the weights from their files, as a runtime without shared ones must; return [ns]."""
        began_ns = HOST.now_ns()
        counts, fp16 = self.order.threads, self.order.fp16
        self._nets = {count: _load(*self._files, count, fp16) for count in counts}
        return HOST.now_ns() - began_ns

    def infer(self, threads: int) -> Output:
        """Run one inference on the golden input and return its output."""
        return self._run(threads, self.order.input, self._input, self.order.output).ravel()

    def head(self, threads: int, cut: str) -> Output:
        """Run one inference on the golden input as far as a cut; return the blob [c, h, w]."""
        return self._run(threads, self.order.input, self._input, cut)

    def tail(self, threads: int, cut: str, crossing: Output) -> Output:
        """Run what follows a blob, ours or a peer's, and return the output."""
        blob = ncnn.Mat(crossing).clone()  # a Mat keeps no array alive
        return self._run(threads, cut, blob, self.order.output).ravel()

    def _run(self, threads: int, source: str, blob: Any, wanted: str) -> Output:
        with self._nets[threads].create_extractor() as extractor:
            # A clone, because a first layer that works in place would write into our input.
            if extractor.input(source, blob.clone()) != 0:
                raise Refused("no_blob", f"{self.order.id} has no blob {source!r}")
            status, output = extractor.extract(wanted)
            if status != 0:
                raise Refused("infer", f"{self.order.id}: the library answers {status}")
            # The library pads channels; a copy of the view is compact.
            return np.array(output, dtype=np.float32, order="C")

    def compare(self, threads: int, reference: Output, tolerance: float) -> Mapping[str, Any]:
        """Compare the output with a reference; refuse another top-1 or a larger difference."""
        output = self.infer(threads)
        if output.shape != reference.shape:
            raise Refused("bad_shape", f"{output.size} outputs, the reference has {reference.size}")
        top, ref_top = int(output.argmax()), int(reference.argmax())
        difference = float(np.abs(output - reference).max())
        # Two outputs that are as good as equal may change places: it is no other answer.
        is_other = bool(reference[ref_top] - reference[top] > tolerance)
        if is_other or not difference <= tolerance:
            raise Refused(
                "golden",
                f"{self.order.id}: top-1 {top} and reference {ref_top}, outputs differ by up to "
                f"{difference:.2e}, at most {tolerance:.0e} is allowed",
            )
        return {
            "top": top,
            "ref_top": ref_top,
            "max_abs_e9": round(difference * 1e9),
            "fnv32": fnv32(output.tobytes()),
        }


def _checked(models: Path, path: str, digest: str, size: int | None = None) -> Path:
    file = models / path
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Refused("no_model", f"{path} was not pushed: {error.strerror}") from error
    if size is not None and len(data) != size:
        raise Refused("bad_digest", f"{path} has {len(data)} bytes, not {size}")
    if sha256(data).hexdigest() != digest:
        raise Refused("bad_digest", f"{path} is not the file with digest {digest[:12]}…")
    return file


def _refuse_hostile(order: ModelOrder, param: Path, weights: Path) -> None:
    """Let our own reader look first: the native one crashes on hostile files."""
    try:
        read_work(order.id, param.read_bytes(), weights.stat().st_size)
    except WorkloadRefused as error:
        raise Refused("load_param", str(error)) from error


def _load(param: Path, weights: Path, threads: int, fp16: bool) -> Any:
    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_vulkan_compute = False
    # On by default, and they change results on x86 too.
    net.opt.use_fp16_packed = fp16
    net.opt.use_fp16_storage = fp16
    net.opt.use_fp16_arithmetic = fp16
    if net.load_param(str(param)) != 0:
        raise Refused("load_param", "the library does not read this .param")
    if net.load_model(str(weights)) != 0:
        raise Refused("load_model", "the library does not read this .bin")
    return net


def golden_input(channels: int, height: int, width: int) -> Output:
    """Return the input that every implementation agrees on, channel by channel in [-1, 1)."""
    state = 12345
    values: list[int] = []
    for _ in range(channels * height * width):
        state = (state * 1664525 + 1013904223) & _MASK32
        values.append(state >> 8)
    numbers = np.array(values, dtype=np.float64) / (1 << 23) - 1.0
    return numbers.astype(np.float32).reshape(channels, height, width)


def fnv32(data: bytes) -> int:
    """Return the 32-bit FNV-1a hash of an output's bytes."""
    state = _FNV_OFFSET
    for byte in data:
        state = ((state ^ byte) * _FNV_PRIME) & _MASK32
    return state


def library_version() -> str:
    """Return the version of ncnn."""
    return str(ncnn.__version__)
