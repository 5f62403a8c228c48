"""The ways in which one inference can be divided between a phone and a server; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.families.cuts import cuts_of
from benchmarks.families.param_file import ParamFile
from devices.agent.codecs import Codec

LOCAL = ""  # the name of the split that sends nothing
OUTPUT_BYTES_PER_NUMBER = 4  # answers travel as float32


@dataclass(frozen=True, slots=True)
class Split:
    """One way to divide an inference; work is counted in units of the whole pipeline's choice."""

    name: str  # the blob that crosses; "" = everything on the phone
    device_work: float
    server_work: float
    sent_bytes: int = 0
    received_bytes: int = 0
    shows_input: bool = False  # the server sees what the camera saw

    @property
    def is_local(self) -> bool:
        """Whether the phone does everything."""
        return self.server_work == 0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """All splits of one inference, the fully local one included."""

    splits: tuple[Split, ...]

    @property
    def local(self) -> Split:
        """Everything on the phone."""
        return next(split for split in self.splits if split.is_local)

    @property
    def cloud(self) -> Split:
        """The split that leaves the phone least to do."""
        return min(self.splits, key=lambda split: (split.device_work, split.name))

    def named(self, name: str) -> Split:
        """Return one split; ValueError with those that there are."""
        for split in self.splits:
            if split.name == name:
                return split
        known = ", ".join(split.name or "(local)" for split in self.splits)
        raise ValueError(f"no split {name!r}; there are: {known}")

    def compressive(self) -> tuple[Split, ...]:
        """Return the interior splits that send less than the input and than every split before.

        Those alone can win in the middle: the compressive natural bottlenecks of Bakhtiarnia et
        al. 2022. Bytes count as sent, so an input that travels as a small image beats most.
        """
        remote = [split for split in self.splits if not split.is_local]
        remote.sort(key=lambda split: split.device_work)
        least, found = remote[0].sent_bytes, []
        for split in remote[1:]:
            if split.sent_bytes < least:
                found.append(split)
                least = split.sent_bytes
        return tuple(found)

    def without_input(self) -> "Pipeline":
        """Return the pipeline of somebody whose pictures stay on the phone."""
        return Pipeline(tuple(split for split in self.splits if not split.shows_input))


def network_pipeline(
    network: ParamFile, codec: Codec, input_codec: Codec, only: Sequence[str] = ()
) -> Pipeline:
    """Return the splits of a network at its cuts, work counted as shares of its MACs.

    `only` restricts the interior cuts, for instance to the ends of residual blocks.
    """
    total = max(1, network.macs)
    answer = network.blobs[network.output].elements * OUTPUT_BYTES_PER_NUMBER
    image = network.inputs[0].outputs[0]
    splits = []
    for cut in cuts_of(network):
        is_input = cut.blob == image
        if only and not is_input and cut.blob not in only:
            continue
        writer = input_codec if is_input else codec
        splits.append(
            Split(
                cut.blob,
                cut.head_macs / total,
                cut.tail_macs / total,
                writer.bytes_of(cut.shape.elements),
                answer,
                shows_input=is_input,
            )
        )
    return Pipeline((*splits, Split(LOCAL, 1.0, 0.0)))


def iterative_pipeline(
    iterations: int,
    every: int,
    *,
    decoder_device: float,
    decoder_server: float,
    request_bytes: int,
    latent_bytes: int,
    image_bytes: int,
) -> Pipeline:
    """Return the splits of a diffusion-like model: the server does the first iterations.

    Work is counted in iterations of the phone and of the server. The decoder runs on the phone in
    every split but the last, in which the whole picture is made by the server and sent.
    """
    splits = [Split(LOCAL, iterations + decoder_device, 0.0)]
    for done in range(every, iterations + 1, every):
        left = iterations - done + decoder_device
        splits.append(Split(f"it{done}", left, float(done), request_bytes, latent_bytes, True))
    everything = iterations + decoder_server
    splits.append(Split("image", 0.0, everything, request_bytes, image_bytes, True))
    return Pipeline(tuple(splits))
