"""The reproductions there are: one explicit table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.reproductions import cloud_mobile, nestdnn, neurobalancer, play_it_cool
from benchmarks.reproductions.options import Options, Say
from benchmarks.reproductions.table import Report


@dataclass(frozen=True, slots=True)
class Reproduction:
    """One paper."""

    name: str
    summary: str
    run: Callable[[Options, Say], Report]


_ALL: tuple[Reproduction, ...] = (
    Reproduction(
        play_it_cool.NAME,
        "A network that shrinks before the phone throttles, against one that does not.",
        play_it_cool.reproduce,
    ),
    Reproduction(
        "cloud-mobile",
        "Phones and a server share the work, and a service level is kept (reconstructed).",
        cloud_mobile.reproduce,
    ),
    Reproduction(
        "nestdnn",
        "six applications share a phone: accuracy and frames against the status quo",
        nestdnn.reproduce,
    ),
    Reproduction(
        "neurobalancer",
        "Clocks per operator, so that an inference ends just in time (reconstructed).",
        neurobalancer.reproduce,
    ),
)
REPRODUCTIONS: Mapping[str, Reproduction] = {entry.name: entry for entry in _ALL}
