"""The benchmark kinds there are: one explicit table."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from benchmarks.catalog.base import BenchmarkKind
from benchmarks.catalog.dvfs import WHY as WHY_DVFS
from benchmarks.catalog.dvfs import Dvfs
from benchmarks.catalog.dvfs_figures import dvfs_figures
from benchmarks.catalog.multi_tenant import MultiTenant
from benchmarks.catalog.offload import Offload
from benchmarks.catalog.offload_figures import offload_figures
from benchmarks.catalog.shifting import Shifting
from benchmarks.catalog.shifting_figures import shifting_figures
from benchmarks.catalog.soak_figures import soak_figures
from benchmarks.catalog.tenancy_figures import tenancy_figures
from benchmarks.catalog.thermal_soak import ThermalSoak

#: What a spec may hold. A new kind joins this union and the table below it.
Benchmark = Annotated[
    ThermalSoak | Shifting | Dvfs | Offload | MultiTenant, Field(discriminator="kind")
]

CATALOG: Mapping[str, BenchmarkKind] = {
    kind.name: kind
    for kind in (
        BenchmarkKind(
            name="thermal_soak",
            summary="Run flat out until the phone throttles, and see what it can sustain.",
            spec_model=ThermalSoak,
            why=(
                "A burst says what a phone can do for a minute. Heat moves from the chip into the "
                "case over ten minutes and more, and only then the kernel takes clocks away; so "
                "the number that an app lives with is the one at the end of a long load, and two "
                "phones can change places between minute 1 and minute 30."
            ),
            figures=soak_figures,
        ),
        BenchmarkKind(
            name="shifting",
            summary="Let a policy change the size of a network, so that the phone stays fast.",
            spec_model=Shifting,
            why=(
                "Some networks come in several widths that share their weights. Running the small "
                "one for a while is a way to rest without stopping: a little accuracy is given "
                "for a clock that is never capped. Compare each policy with `stock`, which runs "
                "the large variant alone on the same phone; the gain that theory allows stands "
                "beside the one that was measured."
            ),
            figures=shifting_figures,
        ),
        BenchmarkKind(
            name="dvfs",
            summary="Plan the clocks inside each inference, so that it ends just in time.",
            spec_model=Dvfs,
            why=WHY_DVFS,
            figures=dvfs_figures,
        ),
        BenchmarkKind(
            name="offload",
            summary="Answer requests in time, on the phone, in the cloud, or on both together.",
            spec_model=Offload,
            figures=offload_figures,
            why=(
                "A server next door answers faster than a phone until the network has a bad "
                "minute or the bill comes. What crosses decides: a blob in the middle of a network "
                "is often larger than the picture that came in, so many networks are best left "
                "whole, and the one question is where. An iterative network (`diffusion`) goes the "
                "other way: the server takes the first iterations, and the phone the others and "
                "the decoder. `stock` stays on the phone. Times of network and server are this "
                "run's own; on a virtual phone they come from its model of the radio, and the "
                "tensors that travel are synthetic."
            ),
        ),
        BenchmarkKind(
            name="multi_tenant",
            summary="Let applications come and go, and share one phone among them.",
            spec_model=MultiTenant,
            why=(
                "A phone is rarely alone with one network. Who gets how much of it, and which size "
                "of network each may use, decides more than the speed of any of them. Compare each "
                "policy with `status_quo`, where everybody keeps one model and nobody knows of the "
                "others, on the same coming and going; the time each gets is a share that the "
                "agent gives in turns."
            ),
            figures=tenancy_figures,
        ),
    )
}
