"""What a user's network must be before anything but our own reader touches it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from benchmarks.families.bin_file import BinFileError, as_float32
from benchmarks.families.param_file import (
    MAX_PARAM_BYTES,
    ParamFile,
    ParamFileError,
    read_layers,
)
from benchmarks.onnx import conversion
from benchmarks.onnx.model import OnnxError, read
from benchmarks.uploads.effort import most_live_bytes, moved_bytes

MAX_BIN_BYTES = 512 * 2**20  # limits of security and patience, all of them
MAX_MACS = 200 * 10**9  # of one inference: some ten seconds of a fast phone
MAX_INPUT_NUMBERS = 4 * 2**20
MAX_LIVE_BYTES = 512 * 2**20  # of blobs, and of what layers keep beside them, at one time
MAX_MOVED_BYTES = 64 * 10**9  # by one inference
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{1,46}[a-z0-9]")
_END = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # input and output, as the agents take them

Convert = Callable[[bytes, Sequence[int] | None], tuple[bytes, bytes]]


class UploadError(ValueError):
    """A network was refused; `field` is where: name, param, bin, onnx or input_shape."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Upload:
    """A network that may be stored and run."""

    name: str
    param: bytes
    bin: bytes  # float32, whatever was uploaded
    network: ParamFile
    source: str  # what was uploaded: param, onnx
    source_sha256: str  # of the uploaded .bin or .onnx
    note: str = ""  # what became of it on the way

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of the input."""
        channels, height, width = self.network.blobs[self.network.inputs[0].outputs[0]]
        return channels, height, width


def check_name(name: str) -> str:
    """Return the name of a new network, or raise UploadError."""
    if not _NAME.fullmatch(name):
        raise UploadError(
            f"name {name[:64]!r} must be 3 to 48 of a-z 0-9 _ . -, "
            "beginning and ending with a letter or digit, such as my-net-1",
            "name",
        )
    return name


def check_files(
    name: str, param: bytes, weights: bytes, shape: Sequence[int] | None = None
) -> Upload:
    """Return the network of a `.param` and its `.bin`, or raise UploadError.

    `shape` gives channels, height and width to a `.param` whose input has no size.
    """
    check_name(name)
    if len(param) > MAX_PARAM_BYTES:
        raise UploadError(f".param of {len(param)} bytes; at most {MAX_PARAM_BYTES}", "param")
    if len(weights) > MAX_BIN_BYTES:
        raise UploadError(f".bin of {len(weights)} bytes; at most {MAX_BIN_BYTES}", "bin")
    if shape is None and conversion.is_sizeless(param):
        raise UploadError(
            "its input has no size: say channels, height and width, such as 3,224,224",
            "input_shape",
        )
    sized = conversion.sized(param, shape) if shape else param
    try:
        network = read_layers(sized)
    except ParamFileError as error:
        raise UploadError(str(error), "param") from error
    _check_network(network)
    found = network.blobs[network.inputs[0].outputs[0]]
    if shape is not None and tuple(shape) != tuple(found):
        typed, own = (",".join(map(str, sides)) for sides in (shape, found))
        raise UploadError(f"{typed} does not fit the .param, whose input is {own}", "input_shape")
    try:
        wide = as_float32(network, weights)
    except BinFileError as error:
        raise UploadError(str(error), "bin") from error
    note = "" if wide == weights else "16-bit weights are kept as float32, digit for digit"
    return Upload(name, sized, wide, network, "param", sha256(weights).hexdigest(), note)


def check_onnx(
    name: str,
    data: bytes,
    shape: Sequence[int] | None = None,
    convert: Convert = conversion.convert,
) -> Upload:
    """Return the network of an ONNX file, or raise UploadError."""
    check_name(name)
    try:
        param, weights = convert(data, shape)
        conversion.refuse_unknown(param, read(data))
    except OnnxError as error:
        raise UploadError(str(error), error.field) from error
    except ParamFileError as error:
        raise UploadError(f"as the converter wrote it, {error}", "onnx") from error
    try:
        made = check_files(name, param, weights)
    except UploadError as error:
        raise UploadError(f"as the converter wrote it, {error}", "onnx") from error
    digest = sha256(data).hexdigest()
    return Upload(name, made.param, made.bin, made.network, "onnx", digest, "converted with pnnx")


def shape_of(text: str) -> tuple[int, int, int] | None:
    """Return what was typed as channels, height and width; None if nothing was."""
    if not text.strip():
        return None
    words = re.split(r"\s*[,x×\s]\s*", text.strip())
    if len(words) != 3 or not all(re.fullmatch(r"[0-9]{1,5}", word) for word in words):
        raise UploadError(
            f"{text[:64]!r} must be channels, height and width, such as 3,224,224", "input_shape"
        )
    channels, height, width = map(int, words)
    if not all(1 <= side <= conversion.MAX_SIDE for side in (channels, height, width)):
        raise UploadError(
            f"{text[:64]!r} has a side outside 1 to {conversion.MAX_SIDE}", "input_shape"
        )
    return channels, height, width


def _check_network(network: ParamFile) -> None:
    """Refuse what a phone cannot be asked to run, though its lines agree with each other."""
    _check_ends(network)
    if not network.weight_bytes:
        raise UploadError("no layer has weights: there is nothing to measure", "param")
    if network.weight_bytes > MAX_BIN_BYTES:
        raise UploadError(
            f"its weights are {network.weight_bytes} bytes as float32; at most {MAX_BIN_BYTES}",
            "bin",
        )
    if network.macs > MAX_MACS:
        raise UploadError(
            f"one inference is {network.macs / 1e9:.0f} GMAC; at most {MAX_MACS / 1e9:.0f} are "
            "accepted: make the input or the network smaller",
            "param",
        )
    live, moved = most_live_bytes(network), moved_bytes(network)
    if live > MAX_LIVE_BYTES:
        raise UploadError(
            f"its layers need {live / 2**20:.0f} MiB at one time beside the weights; at most "
            f"{MAX_LIVE_BYTES / 2**20:.0f} are accepted: make the input or the windows smaller",
            "param",
        )
    if moved > MAX_MOVED_BYTES:
        raise UploadError(
            f"one inference moves {moved / 1e9:.0f} GB; at most {MAX_MOVED_BYTES / 1e9:.0f} are "
            "accepted: make the input or the network smaller",
            "param",
        )


def _check_ends(network: ParamFile) -> None:
    """Refuse anything but one picture in and one blob out."""
    names = [layer.outputs[0] for layer in network.inputs]
    if len(names) != 1:
        raise UploadError(
            f"it has {len(names)} inputs ({', '.join(names) or 'no Input layer'}); "
            "exactly one can be measured",
            "param",
        )
    shape = network.blobs[names[0]]
    if len(shape) != 3 or max(shape) > conversion.MAX_SIDE or shape.elements > MAX_INPUT_NUMBERS:
        raise UploadError(
            f"its input is {' × '.join(map(str, shape))}; accepted are channels, height and width "
            f"of at most {conversion.MAX_SIDE} each and {MAX_INPUT_NUMBERS} numbers together",
            "input_shape",
        )
    used = {blob for layer in network.layers for blob in layer.inputs}
    loose = [blob for blob in network.blobs if blob not in used]
    if loose != [network.output]:
        raise UploadError(
            f"nobody uses the blobs {', '.join(loose[:5])}; exactly one, that of the last layer, "
            "can be the output: take the others away",
            "param",
        )
    for blob in (names[0], network.output):
        if not _END.fullmatch(blob):
            raise UploadError(
                f"input and output need names of 1 to 64 of A-Z a-z 0-9 _ . -, not {blob!r}",
                "param",
            )
