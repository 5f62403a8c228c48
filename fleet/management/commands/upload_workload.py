"""`manage.py upload_workload`: a network on this machine becomes a workload of the farm."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from benchmarks.uploads.checked import UploadError
from fleet.workloads import take_in


class Command(BaseCommand):
    """Check and store a network, as the page and REST do."""

    help = "Upload NAME.param with its .bin beside it, or an .onnx, to the farm that runs."

    def add_arguments(self, parser: Any) -> None:
        """Take one file, and what it leaves open."""
        parser.add_argument("file", type=Path, metavar="FILE", help="a .param or an .onnx")
        parser.add_argument("--name", default="", help="what runs call it; default: FILE's name")
        parser.add_argument("--input-shape", default="", metavar="C,H,W")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the files and hand them in; one line says what came of it."""
        file: Path = options["file"]
        paths = [file, file.with_suffix(".bin")] if file.suffix == ".param" else [file]
        try:
            files = {path.suffix.lstrip("."): path.read_bytes() for path in paths}
            row, is_new = take_in(options["name"] or file.stem, files, options["input_shape"], None)
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}") from None
        except UploadError as error:
            raise CommandError(f"{error.field}: {error}") from None
        said = "stored" if is_new else "here already, the same byte for byte"
        self.stdout.write(f"{row.name} is {said}: {row.macs / 1e6:.4g} MMAC, .bin {row.bin_sha256}")
