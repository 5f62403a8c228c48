"""The policies there are: one explicit table, stock first."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from benchmarks.policies.base import PolicySpec
from benchmarks.policies.dvfs.constant_policies import RaceToIdle, StaticPair, UserspaceFixed
from benchmarks.policies.dvfs.neurobalancer import NeuroBalancer
from benchmarks.policies.dvfs.predjoule import PredJoule
from benchmarks.policies.dvfs.ztt import Ztt
from benchmarks.policies.offload.table import OFFLOADING, Offloading
from benchmarks.policies.shifting.duty_cycle import DutyCycle
from benchmarks.policies.shifting.dynamic_shifting import DynamicShifting
from benchmarks.policies.shifting.headroom_shift import HeadroomShift
from benchmarks.policies.shifting.hysteresis_shift import HysteresisShift
from benchmarks.policies.shifting.ladder_shift import LadderShift
from benchmarks.policies.shifting.random_shift import RandomShift
from benchmarks.policies.shifting.small_alone import SmallAlone
from benchmarks.policies.stock import Stock

#: What a spec may hold. A new policy joins this union and the table below it.
Policy = Annotated[
    Stock
    | DynamicShifting
    | LadderShift
    | HysteresisShift
    | HeadroomShift
    | DutyCycle
    | RandomShift
    | SmallAlone
    | RaceToIdle
    | StaticPair
    | UserspaceFixed
    | PredJoule
    | NeuroBalancer
    | Ztt
    | Offloading,
    Field(discriminator="kind"),
]

_ALL: tuple[type[PolicySpec], ...] = (
    Stock,
    DynamicShifting,
    LadderShift,
    HysteresisShift,
    HeadroomShift,
    DutyCycle,
    RandomShift,
    SmallAlone,
    RaceToIdle,
    StaticPair,
    UserspaceFixed,
    PredJoule,
    NeuroBalancer,
    Ztt,
    *OFFLOADING,
)
POLICIES: Mapping[str, type[PolicySpec]] = {
    spec.model_fields["kind"].default: spec for spec in _ALL
}
