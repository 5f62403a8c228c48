"""What blobs weigh once they are packed: nobody knows before it was tried, so the server tries."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import repeat

import ncnn
import numpy as np

from benchmarks.cloud.segments import SegmentRefused, Tensor, load_network
from benchmarks.families.cuts import cuts_of
from benchmarks.families.layer_rules import NUMBER_BYTES
from benchmarks.families.reference import golden_input
from benchmarks.workloads import WorkloadFiles
from devices.agent.codecs import CODECS, encode_tensor

_MOST_KEPT_BYTES = 1 << 30  # of all blobs of a network at once; a security limit


@lru_cache(maxsize=4)
def packed_sizes(files: WorkloadFiles, codecs: tuple[str, str, str]) -> Mapping[str, int]:
    """Return what each blob that may cross weighs on the golden input [B]; "" is the output.

    `codecs` are those of the first blob, of the others and of the output. Nothing is told of
    what is not packed, nor of a network whose blobs are too many to be kept.
    """
    network = files.network
    kept = sum(shape.elements for shape in network.blobs.values()) * NUMBER_BYTES
    if kept > _MOST_KEPT_BYTES or not any(CODECS[name].is_packed for name in codecs):
        return {}
    cuts = [cut.blob for cut in cuts_of(network)]
    first, between, last = (CODECS[name] for name in codecs)
    writers = (first, *repeat(between, len(cuts) - 1), last)
    blobs = _blobs(files, [*cuts, files.output])
    return {
        name: len(encode_tensor(blob, codec, 0).payload)
        for name, blob, codec in zip((*cuts, ""), blobs, writers, strict=True)
        if codec.is_packed
    }


def _blobs(files: WorkloadFiles, names: Sequence[str]) -> Iterator[Tensor]:
    """Yield blobs of a network that runs on the golden input, in the order of the network."""
    network = load_network(files.param, files.bin, keeps_blobs=True)
    image = golden_input(files.shape)  # a Mat keeps no array alive
    with network.create_extractor() as extractor:
        extractor.input(files.input, ncnn.Mat(image).clone())
        for name in names:
            status, blob = extractor.extract(name)
            if status != 0:
                raise SegmentRefused("infer", f"the library answers {status}")
            yield np.array(blob, np.float32, order="C")
