"""The policies there are: one explicit table, stock first."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from benchmarks.policies.base import PolicySpec
from benchmarks.policies.dvfs.constant_policies import RaceToIdle, StaticPair, UserspaceFixed
from benchmarks.policies.dvfs.neurobalancer import NeuroBalancer
from benchmarks.policies.dvfs.oracle import Oracle
from benchmarks.policies.dvfs.predjoule import PredJoule
from benchmarks.policies.dvfs.sysscale import SysScale
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
from benchmarks.policies.tenancy.cached import Cached
from benchmarks.policies.tenancy.equal_shares import EqualShares
from benchmarks.policies.tenancy.exhaustive import Exhaustive
from benchmarks.policies.tenancy.greedy_fps import GreedyFps
from benchmarks.policies.tenancy.min_max import MinMax
from benchmarks.policies.tenancy.min_total import MinTotal
from benchmarks.policies.tenancy.status_quo import StatusQuo

_Shifting = (
    DynamicShifting
    | LadderShift
    | HysteresisShift
    | HeadroomShift
    | DutyCycle
    | RandomShift
    | SmallAlone
)
_Dvfs = (
    RaceToIdle | StaticPair | UserspaceFixed | SysScale | PredJoule | NeuroBalancer | Ztt | Oracle
)
_Tenancy = StatusQuo | MinTotal | MinMax | Cached | Exhaustive | EqualShares | GreedyFps
#: What a spec may hold. A new policy joins its family above and the table below.
Policy = Annotated[Stock | _Shifting | _Dvfs | Offloading | _Tenancy, Field(discriminator="kind")]

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
    SysScale,
    PredJoule,
    NeuroBalancer,
    Ztt,
    Oracle,
    *OFFLOADING,
    *(StatusQuo, MinTotal, MinMax, Cached, Exhaustive, EqualShares, GreedyFps),
)
POLICIES: Mapping[str, type[PolicySpec]] = {
    spec.model_fields["kind"].default: spec for spec in _ALL
}
