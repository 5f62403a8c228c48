"""The policies there are: one explicit table, stock first."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from benchmarks.policies.base import PolicySpec
from benchmarks.policies.shifting.dynamic_shifting import DynamicShifting
from benchmarks.policies.stock import Stock

#: What a spec may hold. A new policy joins this union and the table below it.
Policy = Annotated[Stock | DynamicShifting, Field(discriminator="kind")]

POLICIES: Mapping[str, type[PolicySpec]] = {
    spec.model_fields["kind"].default: spec for spec in (Stock, DynamicShifting)
}
