"""The reproductions there are: one explicit table.

They are named here and imported when they run: a page that lists them must not load the phones that
they run on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from benchmarks.reproductions.options import Options, Say
from benchmarks.reproductions.table import Report


@dataclass(frozen=True, slots=True)
class Reproduction:
    """One paper."""

    name: str
    summary: str
    module: str  # of this package; its `reproduce` measures

    def run(self, options: Options, say: Say) -> Report:
        """Measure, and return the report."""
        report: Report = import_module(f"{__package__}.{self.module}").reproduce(options, say)
        return report


_ALL = (
    Reproduction(
        "play-it-cool",
        "A network that shrinks before the phone throttles, against one that does not.",
        "play_it_cool",
    ),
    Reproduction(
        "cloud-mobile",
        "Phones and a server share the work, and a service level is kept (reconstructed).",
        "cloud_mobile",
    ),
    Reproduction(
        "nestdnn",
        "Six applications share a phone: accuracy and frames against the status quo.",
        "nestdnn",
    ),
    Reproduction(
        "neurobalancer",
        "Clocks per operator, so that an inference ends just in time (reconstructed).",
        "neurobalancer",
    ),
)
REPRODUCTIONS: Mapping[str, Reproduction] = {entry.name: entry for entry in _ALL}
