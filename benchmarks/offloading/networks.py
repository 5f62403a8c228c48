"""The ways in which a network can be divided between a phone and a server; pure."""

from collections.abc import Sequence

from benchmarks.families.cuts import Cut, cuts_of, iteration_ends
from benchmarks.families.layer_rules import Shape
from benchmarks.families.param_file import ParamFile
from benchmarks.offloading.pipeline import LOCAL, Pipeline, Split
from devices.agent.codecs import CODECS, Codec


def answer_codec(output: Shape) -> Codec:
    """Return how a network's output is sent: a picture has 8 bits per number, as it is looked at.

    Any other output is a few numbers, and which is the largest hangs on every digit.
    """
    return CODECS["int8" if len(output) > 1 else "fp32"]


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
