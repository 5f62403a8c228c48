"""Whether a phone can do what a spec asks, told from its profile alone: nobody touches it."""

from benchmarks.knobs import refuse_knobs
from benchmarks.rehearsed_grid import refuse_grid
from benchmarks.specs import RunSpec
from devices.profile import DeviceProfile


def refuse_unfit(spec: RunSpec, profile: DeviceProfile) -> None:
    """Refuse a run that this phone can never do.

    What only a look at the phone itself can tell (how long an inference takes at its highest
    clocks, which knobs can be written) is refused by `prepare`.

    Raises:
        Lacking: naming the parameter, what the phone has, and the way out.
    """
    refuse_knobs(profile, spec.preconditions.knobs)
    spec.policy.refuse(profile)
    if (grid := spec.grid()) is not None:
        refuse_grid(grid, profile)
