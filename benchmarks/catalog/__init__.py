"""The benchmark kinds there are: one explicit table."""

from collections.abc import Mapping

from benchmarks.catalog.base import BenchmarkKind
from benchmarks.catalog.thermal_soak import ThermalSoak

CATALOG: Mapping[str, BenchmarkKind] = {
    kind.name: kind
    for kind in (
        BenchmarkKind(
            name="thermal_soak",
            summary="Run flat out until the phone throttles, and see what it can sustain.",
            spec_model=ThermalSoak,
        ),
    )
}

Benchmark = ThermalSoak  # becomes a union discriminated by `kind` with the second benchmark
