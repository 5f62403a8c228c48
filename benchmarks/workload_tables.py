"""`python -m benchmarks workloads`: the catalog, or one workload, for people or programs."""

import argparse
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.exit_codes import OK
from benchmarks.families.layer_rules import Shape
from benchmarks.portraits import UNTRAINED, Portrait, nested_families, portrait, portraits

_MOST = 0.9  # a cut behind it frees the phone of nothing


def add_parser(commands: Any) -> None:
    """Add the command to those of `python -m benchmarks`."""
    workloads = commands.add_parser("workloads", help="what can be run, and what it costs")
    workloads.add_argument("name", nargs="?", metavar="NAME")
    workloads.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace, console: Console) -> int:
    """Show the catalog, or the workload that is named."""
    if options.json:
        one = options.name and portrait(options.name).as_dict()
        console.print_json(data=one or [each.as_dict() for each in portraits()])
    elif options.name:
        show_workload(console, portrait(options.name))
    else:
        show_workloads(console)
    return OK


def show_workloads(console: Console) -> None:
    """Print the workload catalog."""
    columns = ("workload", "layers", "MMAC", "MB", "most of its arithmetic", "top-1 of", "")
    table = Table(*columns, box=None)
    for at in (1, 2, 3):
        table.columns[at].justify = "right"
    for one in portraits():
        most = max(one.parts, key=lambda part: part.macs)
        table.add_row(
            one.name,
            f"{one.layers}",
            f"{one.macs / 1e6:.0f}",
            f"{one.weight_bytes / 1e6:.1f}",
            f"{most.name} {100 * most.macs_share:.0f} %",
            *_published(one),
        )
    console.print(table)
    console.print()
    console.print(_families())
    console.print(f"\n{UNTRAINED}")


def _families() -> Table:
    """Return the families of nested networks that tenants and shifting may name, too."""
    title = "families of nested networks: NestDNN's applications, from smallest to largest"
    columns = ("family", "MMAC", "MB", "nested", "alone", "of")
    table = Table(*columns, box=None, title=title, title_justify="left")
    for one in nested_families():
        table.add_row(
            one.name,
            " – ".join(f"{macs / 1e6:.0f}" for macs in one.macs),
            " – ".join(f"{size / 1e6:.1f}" for size in one.weight_bytes),
            " – ".join(f"{100 * top1:.1f} %" for top1 in one.top1),
            f"{100 * one.alone_top1:.1f} %",
            f"{one.network}, {one.dataset}",
        )
    return table


def show_workload(console: Console, one: Portrait) -> None:
    """Print what there is to know of one workload."""
    console.print(f"{one.name}: {one.summary}", highlight=False)
    console.print(
        f"{Shape(*one.input)} → {Shape(*one.output)}, {one.layers} layers, "
        f"{one.macs:,} multiply-accumulates, {one.weight_bytes:,} bytes of weights, "
        f"{one.traffic_bytes:,} bytes moved",
        highlight=False,
    )
    if one.accuracy:
        of, top1 = _published(one)
        console.print(f"published: {of}: {top1} ({one.accuracy.source}). {UNTRAINED}")
    console.print(f"benchmarks: {', '.join(one.kinds)}", highlight=False)
    if one.variants:
        console.print(f"variants with shared weights: {', '.join(one.variants)}", highlight=False)
    table = Table("class", "layers", "MMAC", "share", "MB of weights", "MB moved", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for part in one.parts:
        table.add_row(
            part.name,
            f"{part.layers}",
            f"{part.macs / 1e6:.1f}",
            f"{100 * part.macs_share:.1f} %",
            f"{part.weight_bytes / 1e6:.2f}",
            f"{part.traffic_bytes / 1e6:.2f}",
        )
    console.print()
    console.print(table)
    inside = [cut for cut in one.cuts if 0 < cut.head_share < _MOST]
    if one.iterations:
        console.print(
            f"\n{one.iterations} iterations: a server takes the first ones, a phone the rest",
            highlight=False,
        )
    elif inside:
        least = min(inside, key=lambda cut: cut.bytes)
        console.print(
            f"\n{len(one.cuts)} cuts for offloading; before nine tenths of the arithmetic are "
            f"done, the least that crosses is {least.blob}: {Shape(*least.shape)}, "
            f"{least.bytes / 1e3:.1f} kB as float32, after {100 * least.head_share:.0f} %",
            highlight=False,
        )


def _published(one: Portrait) -> tuple[str, str]:
    """Return which network was measured, and its accuracy."""
    if one.accuracy is None:
        return "", ""
    top1 = one.accuracy.top1
    return one.accuracy.of, "–" if top1 is None else f"{100 * top1:.1f} %"
