"""Runs on virtual phones in this process: the one door of the reproductions to them."""

from benchmarks.solo import Outcome, measure
from benchmarks.specs import RunSpec
from devices.probe import probe
from devices.virtual import inprocess


def run_near(phone: str, spec: RunSpec, *, ambient_c: float = 22.0) -> Outcome:
    """Measure a phone of the catalog, from a fresh boot at rest; a pure function of its arguments.

    The spec's seed is the phone's seed too.
    """
    near = inprocess.start(phone, seed=spec.seed, ambient_c=ambient_c, sets_knobs=spec.sets_knobs)
    with near.link as link:
        return measure(link, near.phone, probe(near.phone), spec, lambda _phase, _item: None)
