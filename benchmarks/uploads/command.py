"""`python -m benchmarks convert`: an ONNX file becomes a `.param` and a `.bin` on disk."""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.exit_codes import OK
from benchmarks.onnx import executable
from benchmarks.tables import tell
from benchmarks.uploads.checked import UploadError, check_onnx, shape_of


def add_parser(commands: Any) -> None:
    """Add the command to those of `python -m benchmarks`."""
    convert = commands.add_parser("convert", help="make a workload of an ONNX file")
    convert.add_argument("file", type=Path, nargs="?", metavar="FILE.onnx")
    convert.add_argument("--fetch", action="store_true", help="download the converter first")
    convert.add_argument(
        "--input-shape",
        default="",
        metavar="C,H,W",
        help="of a model that leaves it open: channels, height and width",
    )
    convert.add_argument("--out", type=Path, metavar="NAME.param", help="default: beside FILE.onnx")


def run(options: argparse.Namespace, console: Console) -> int:
    """Bring the converter here if asked to, then convert a file if one is named."""
    if options.fetch:
        path = executable.fetch()
        tell(f"pnnx {executable.version()} is {path}")
    if options.file is None:
        if not options.fetch:
            raise UploadError("name a FILE.onnx, or say --fetch", "onnx")
        return OK
    target = options.out or options.file.with_suffix(".param")
    try:
        data = options.file.read_bytes()
    except OSError as error:
        raise UploadError(f"{options.file} cannot be read: {error.strerror}", "onnx") from None
    made = check_onnx(target.stem, data, shape_of(options.input_shape))
    target.write_bytes(made.param)
    target.with_suffix(".bin").write_bytes(made.bin)
    console.print(
        f"{target}: {len(made.network.layers)} layers, {made.network.macs / 1e6:.4g} MMAC, "
        f"{len(made.bin) / 1e6:.3g} MB; run it with --param workload={target}",
        highlight=False,
    )
    return OK
