"""The ways in which one inference can be divided between a phone and a server; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.families.cuts import Cut, cuts_of, iteration_ends
from benchmarks.families.layer_rules import Shape
from benchmarks.families.param_file import ParamFile
from devices.agent.codecs import CODECS, Codec

LOCAL = ""  # the name of the split that sends nothing


def answer_codec(output: Shape) -> Codec:
    """Return how a network's output is sent: a picture has 8 bits per number, as it is looked at.

    Any other output is a few numbers, and which is the largest hangs on every digit.
    """
    return CODECS["int8" if len(output) > 1 else "fp32"]


@dataclass(frozen=True, slots=True)
class Split:
    """One way to divide an inference; work is counted in units of the whole pipeline's choice."""

    name: str  # the blob inside the network that crosses; "" = everything on the phone
    device_work: float
    server_work: float
    sent_bytes: int = 0
    received_bytes: int = 0
    shows_input: bool = False  # the server sees what the camera saw, or what was asked for
    source: str = ""  # where the server comes first: the blob that it starts from
    iterations: int | None = None  # of an iterative network's, those that the server does

    @property
    def cut(self) -> str:
        """The blob that the phone hands over."""
        return self.source or self.name

    @property
    def back(self) -> str:
        """The blob that the phone goes on from; "" = there is nothing more to do."""
        return self.name if self.source else ""

    @property
    def is_local(self) -> bool:
        """Whether the phone does everything."""
        return self.server_work == 0

    @property
    def words(self) -> str:
        """What it does, for a reader."""
        if self.is_local:
            return "all on the phone"
        if self.iterations:
            return f"first {self.iterations} iterations on the server"
        if not self.device_work:
            return "all on the server"
        return f"server as far as {self.name}" if self.source else f"cut at {self.name}"

    @property
    def moved_bytes(self) -> int:
        """What crosses, both ways together [B]."""
        return self.sent_bytes + self.received_bytes


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

    @property
    def iterative(self) -> tuple[Split, ...]:
        """The splits between iterations, the server doing ever more of them; none for most."""
        between = [(s.iterations, s) for s in self.splits if s.iterations is not None]
        return tuple(split for _, split in sorted(between, key=lambda pair: pair[0]))

    def compressive(self) -> tuple[Split, ...]:
        """Return the interior splits that move less than every split that leaves the phone less.

        Those alone can win in the middle: the compressive natural bottlenecks of Bakhtiarnia et
        al. 2022. Bytes count as sent, so an input that travels as a small image beats most; where
        the server comes first, the split before the decoder is the only one.
        """
        remote = [split for split in self.splits if not split.is_local]
        remote.sort(key=lambda split: split.device_work)
        least, found = remote[0].moved_bytes, []
        for split in remote[1:]:
            if split.moved_bytes < least:
                found.append(split)
                least = split.moved_bytes
        return tuple(found)

    def packed(self, sizes: Mapping[str, int]) -> "Pipeline":
        """Return the pipeline with what blobs really weigh; "" is the output, others are as said.

        What a packing saves depends on the numbers, and nobody knows it before it was tried.
        """
        return Pipeline(
            tuple(
                split
                if split.is_local
                else replace(
                    split,
                    sent_bytes=sizes.get(split.cut, split.sent_bytes),
                    received_bytes=sizes.get(split.back, split.received_bytes),
                )
                for split in self.splits
            )
        )

    def without_input(self) -> "Pipeline":
        """Return the pipeline of somebody whose pictures stay on the phone."""
        return Pipeline(tuple(split for split in self.splits if not split.shows_input))


def network_pipeline(
    network: ParamFile, codec: Codec, input_codec: Codec, only: Sequence[str] = ()
) -> Pipeline:
    """Return the splits of a network at its cuts, work counted as shares of its MACs.

    The phone comes first: it computes as far as a cut, and the server what is left. `only`
    restricts the interior cuts, for instance to the ends of residual blocks.
    """
    total, image = max(1, network.macs), network.inputs[0].outputs[0]
    output = network.blobs[network.output]
    answer = answer_codec(output).bytes_of(output.elements)
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


def server_first_pipeline(
    network: ParamFile,
    codec: Codec,
    input_codec: Codec,
    every: int = 1,
    *,
    inside: bool = False,
) -> Pipeline:
    """Return the splits of an iterative network: the server begins, the phone goes on.

    The first iterations are the server's, after each `every` of them and after the last the
    phone takes over with what is left and the decoder; or the server does everything and sends
    the picture. `inside` adds the cuts inside the decoder. Work is counted as shares of the MACs.
    """
    total, noise = max(1, network.macs), network.inputs[0].outputs[0]
    sent = input_codec.bytes_of(network.blobs[noise].elements)
    ends = {cut.blob: count for count, cut in enumerate(iteration_ends(network), start=1)}

    def at(cut: Cut) -> Split:
        return Split(
            cut.blob,
            cut.tail_macs / total,
            cut.head_macs / total,
            sent,
            codec.bytes_of(cut.shape.elements),
            shows_input=True,
            source=noise,
            iterations=ends.get(cut.blob),
        )

    def is_offered(cut: Cut) -> bool:
        count = ends.get(cut.blob)
        if count is None:
            return inside and cut.blob != noise
        return count % every == 0 or count == len(ends)

    output = network.blobs[network.output]
    picture = answer_codec(output).bytes_of(output.elements)
    everything = Split(noise, 0.0, 1.0, sent, picture, shows_input=True)
    between = (at(cut) for cut in cuts_of(network) if is_offered(cut))
    return Pipeline((everything, *between, Split(LOCAL, 1.0, 0.0)))


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
        split = Split(f"it{done}", left, float(done), request_bytes, latent_bytes, True)
        splits.append(replace(split, source="request", iterations=done))
    everything = iterations + decoder_server
    splits.append(Split("image", 0.0, everything, request_bytes, image_bytes, True))
    return Pipeline(tuple(splits))
