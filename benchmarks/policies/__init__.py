"""The policies there are: one explicit table, stock first."""

from collections.abc import Mapping

from benchmarks.policies.base import PolicySpec
from benchmarks.policies.stock import Stock

POLICIES: Mapping[str, type[PolicySpec]] = {"stock": Stock}

Policy = Stock  # becomes a union discriminated by `kind` with the second policy
