"""`python -m devices.virtual validate [--fast] [--json] [--group NAME] [--break NAME]`."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext

from devices.virtual.catalog import names
from devices.virtual.validate import (
    energy,
    generated,
    governors,
    heat,
    honor,
    latency,
    power,
    skin_pid,
)
from devices.virtual.validate.broken import BREAKS, broken
from devices.virtual.validate.rows import Row, summary, table

_FAST_PHONES = ("honor-v30-pro",)

#: Every group, quick ones first; each says whether it is part of `--fast`.
GROUPS: dict[str, Callable[[bool], Iterator[Row]]] = {
    "power": lambda _: power.predicted(),
    "power, tables": lambda _: power.tables(),
    "latency": lambda _: latency.compare(),
    "latency, generated": lambda _: generated.compare(),
    "heat": lambda _: heat.compare(),
    "step_wise": lambda _: governors.step_wise(),
    "power_allocator": lambda _: governors.power_allocator(),
    "skin PID": lambda _: skin_pid.compare(),
    "honor, open loop": lambda _: honor.open_loop(),
    "honor, closed loop": lambda _: honor.closed_loop(),
    "energy": lambda fast: energy.balance(_FAST_PHONES if fast else names()),
    "half step": lambda fast: energy.half_step(_FAST_PHONES if fast else names()),
}


def main(words: Sequence[str]) -> int:
    """Print the rows; return 0 only if every row with a range is in it."""
    asked = _parser().parse_args(words)
    with broken(asked.broken) if asked.broken else nullcontext("") as sentence:
        if sentence:
            print(f"Broken on purpose: {sentence}.", file=sys.stderr)
        rows = rows_of(asked.group or tuple(GROUPS), fast=asked.fast)
    if asked.json:
        print(json.dumps([row.as_dict() for row in rows], indent=1))
    else:
        print(table(rows), summary(rows), sep="\n\n")
    return any(row.verdict == "OUT" for row in rows)


def rows_of(groups: Sequence[str], *, fast: bool) -> list[Row]:
    """Return the rows of some groups."""
    return [row for group in groups for row in GROUPS[group](fast)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devices.virtual validate")
    known = ", ".join(GROUPS)
    parser.add_argument("--fast", action="store_true", help="fewer phones where phones are alike")
    parser.add_argument("--json", action="store_true", help="rows for programs")
    parser.add_argument("--group", action="append", choices=GROUPS, metavar="GROUP", help=known)
    parser.add_argument(
        "--break", dest="broken", choices=BREAKS, metavar="GROUP",
        help="break the physics of a group on purpose: it must turn red",
    )  # fmt: skip
    return parser
