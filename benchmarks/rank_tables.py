"""Who was first at minute 1 and who is at minute 30, as the command line says it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.analysis.ranks import LATE


def show_rankings(console: Console, rankings: Sequence[Mapping[str, Any]]) -> None:
    """Print the ranks of a comparison's contenders in both minutes."""
    for ranking in rankings:
        late = ranking["minute"]
        table = Table(
            "", "rank at minute 1", f"at minute {late}", "minute 1", f"minute {late}", box=None
        )
        for one in sorted(ranking["contenders"], key=lambda one: one["late_ms"]):
            moved = one["first_rank"] != one["late_rank"]
            table.add_row(
                one["label"],
                str(one["first_rank"]),
                f"{one['late_rank']}{' *' if moved else ''}",
                f"{one['first_ms']:.4g} ms",
                f"{one['late_ms']:.4g} ms",
            )
        console.print(table)
        apart = ranking["minutes_apart"]
        stays = f"; {apart} of the minutes between had another" if apart else ""
        console.print(
            "* the order changes under heat"
            if ranking["has_changed"]
            else f"the order is that of minute 1{stays}",
            highlight=False,
        )


def show_paces(console: Console, details: Mapping[str, Any]) -> None:
    """Print what is left of each network's pace, where several ran side by side."""
    minutes = details.get("minutes_of_each_ms") or {}
    known = {name: own for name, own in minutes.items() if own and own[0]}
    if not known:
        return
    late = min(LATE, *(len(own) for own in known.values()))
    order = [name for name in details["ranks"]["by_slow_down"] if name in known]
    table = Table("network", "minute 1", f"minute {late}", "pace left", "rank", box=None)
    for rank, name in enumerate(order, start=1):
        early_ms, late_ms = known[name][0], known[name][late - 1]
        table.add_row(
            name, f"{early_ms:.4g} ms", f"{late_ms:.4g} ms", f"{early_ms / late_ms:.0%}", str(rank)
        )
    console.print(table)
