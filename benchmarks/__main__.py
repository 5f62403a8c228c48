"""Measure one phone from the command line: list, show, policies, run, reproduce; no Django."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import tables, workload_tables
from benchmarks.agenda import Planned
from benchmarks.agenda_file import read_agenda
from benchmarks.agenda_run import Done, Experiment, carry_out
from benchmarks.analysis.validity import Word
from benchmarks.catalog import CATALOG
from benchmarks.documentation import kind_page, policy_page
from benchmarks.exit_codes import EXIT_CODES, INVALID, OK, code_of, worst
from benchmarks.idle import keep_idle, load_idle
from benchmarks.imports import TOOLS
from benchmarks.imports import read as read_import
from benchmarks.naming import unknown
from benchmarks.policies import POLICIES
from benchmarks.reproductions.catalog import REPRODUCTIONS
from benchmarks.reproductions.options import Options
from benchmarks.reproductions.page import page_of
from benchmarks.reproductions.table import Report
from benchmarks.reproductions.table import show as show_report
from benchmarks.solo import Watcher, run_once
from benchmarks.specs import RunSpec, SpecError, parse
from benchmarks.uploads import command as convert_command
from benchmarks.uploads.library import files_on_disk
from devices.phone import connect

NOT_REPRODUCED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code."""
    options = _parser().parse_args(arguments)
    # Results have their own width: a pipe must not cut a table at 80 columns.
    is_terminal = sys.stdout.isatty()
    console = Console(width=None if is_terminal else 160, markup=False)
    try:
        with files_on_disk():
            return _COMMANDS[options.command](options, console)
    except tuple(EXIT_CODES) as error:
        print(_sentence(error), file=sys.stderr)
        return code_of(error)


def _sentence(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "Cancelled: the load is stopped and the phone is free."
    return f"{error}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="benchmarks and workloads")
    commands.add_parser("policies", help="run-time policies")
    workload_tables.add_parser(commands)
    show = commands.add_parser("show", help="a benchmark or a policy, and why")
    show.add_argument("kind", metavar="KIND")
    run = commands.add_parser("run", help="measure one phone")
    run.add_argument("kind", metavar="KIND|AGENDA.yaml")
    run.add_argument(
        "--serial",
        required=True,
        action="append",
        help="the phone, as `adb devices` lists it; an agenda takes several",
    )
    run.add_argument(
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of `show KIND`, or policy.NAME, or start_gate.NAME; @FILE reads it; "
        "a network may be a path to NAME.param with NAME.bin beside it",
    )
    run.add_argument("--policy", default="stock", help="see `policies` (default: stock)")
    run.add_argument("--seed", type=int, default=1, help="repeats what chance decides on a phone")
    run.add_argument("--json", type=_output, metavar="OUT", help="write the result document here")
    run.add_argument(
        "--data", type=Path, metavar="DIR", help="remember here what each phone's rest looks like"
    )
    again = commands.add_parser("reproduce", help="measure a paper again")
    again.add_argument("names", metavar="NAME", nargs="+", help="a name of `list`, or all")
    again.add_argument("--json", action="store_true", help="print the tables as JSON")
    again.add_argument("--fast", action="store_true", help="one seed, no figures; as in CI")
    again.add_argument("--seed", type=int, default=1, help="the first seed")
    again.add_argument("--adb", metavar="SERIAL", help="measure one row on this phone too")
    again.add_argument(
        "--html", type=_output, metavar="OUT", help="default: NAME.html, unless --fast"
    )
    convert_command.add_parser(commands)
    imports = commands.add_parser("import", help="read what another tool printed")
    imports.add_argument("file", type=Path, metavar="FILE")
    imports.add_argument("--tool", default="", help=f"one of {', '.join(TOOLS)}; found by itself")
    imports.add_argument("--json", type=_output, metavar="OUT", help="write the results here")
    return parser


def _import(options: argparse.Namespace, console: Console) -> int:
    found = read_import(_file_text(options.file), options.tool)
    if options.json:
        text = json.dumps([one.as_dict() for one in found], indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    for one in found:
        console.print(f"{one.name} ({one.tool}, imported: enters no verdict)", highlight=False)
        tables.show_metrics(console, one.metrics)
        for line in one.unknown:
            console.print(f"  kept, not understood: {line}", highlight=False)
    return OK


def _list(_: argparse.Namespace, console: Console) -> int:
    tables.show_catalog(console)
    return OK


def _policies(_: argparse.Namespace, console: Console) -> int:
    tables.show_policies(console)
    return OK


def _show(options: argparse.Namespace, console: Console) -> int:
    if options.kind in POLICIES:
        tables.show_page(console, policy_page(options.kind))
    elif options.kind in CATALOG:
        tables.show_page(console, kind_page(options.kind))
    else:
        raise unknown("benchmark or policy", options.kind, [*CATALOG, *POLICIES])
    return OK


def _output(text: str) -> Path:
    """Return a file that can be written: known before an hour of measuring, not after it."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{path}: there is no folder {path.parent}; make it first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{path} must not be written: choose another place")
    return path


def _run(options: argparse.Namespace, console: Console) -> int:
    if options.kind.endswith((".yaml", ".yml")):
        return _run_agenda(options, console)
    spec = spec_of(options)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    [serial] = options.serial
    phone = connect(serial)
    progress = tables.Progress(spec.planned_s)
    idle_c = load_idle(options.data, serial) if options.data else None
    try:
        outcome = run_once(phone, spec, progress.watch, idle_c)
    finally:
        progress.close()
    if options.data:
        keep_idle(options.data, serial, outcome.document["baseline"])
    if options.json:
        options.json.write_text(json.dumps(outcome.document, indent=2) + "\n", encoding="utf-8")
    document = outcome.document
    device = document["device"]
    console.print(
        f"{device['model'] or device['serial']} ({document['device_kind']}, "
        f"speed {document['speed']:g}), seed {document['seed']}",
        highlight=False,
    )
    tables.show_analysis(console, outcome.analysis)
    return INVALID if outcome.analysis.verdict.word is Word.INVALID else OK


def _run_agenda(options: argparse.Namespace, console: Console) -> int:
    """Carry out every run of an agenda on each phone, then compare them."""
    experiment = Experiment(read_agenda(_text_of(Path(options.kind), options)))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    phones = [connect(serial) for serial in options.serial]
    total = experiment.agenda.runs_per_device * len(phones)
    for done in carry_out(experiment.agenda, phones, _watch_run):
        experiment.done.append(done)
        seat = f"{done.planned.section}, repeat {done.planned.repeat + 1}, {done.serial}"
        came = done.outcome.analysis.verdict.word.value if done.outcome else f"{done.error}"
        print(f"{done.number} of {total}: {seat}: {came}", file=sys.stderr)
    if options.json:
        text = json.dumps(experiment.document, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    tables.show_comparison(console, experiment.comparison)
    return worst(_code_of(done) for done in experiment.done)


def _code_of(done: Done) -> int:
    if done.outcome is None:
        return code_of(done.error) if done.error else OK
    return INVALID if done.outcome.analysis.verdict.word is Word.INVALID else OK


def _text_of(path: Path, options: argparse.Namespace) -> str:
    if options.param:
        raise SpecError("an agenda says all parameters itself: take --param away")
    return _file_text(path)


def _file_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SpecError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SpecError(f"{path} is no UTF-8 text") from None


def _watch_run(planned: Planned) -> Watcher:
    return tables.Progress(planned.spec.planned_s).watch


def spec_of(options: argparse.Namespace) -> RunSpec:
    """Return the spec that a `run` command line asks for, or raise SpecError."""
    if len(options.serial) > 1:
        raise SpecError("one run is on one phone: give --serial once, or write an agenda")
    benchmark: dict[str, Any] = {"kind": options.kind}
    policy: dict[str, Any] = {"kind": options.policy}
    gate: dict[str, Any] = {}
    places = {"start_gate": gate, "policy": policy}
    for word in options.param:
        name, separator, value = word.partition("=")
        if not separator:
            raise SpecError(f"--param {word!r} must be NAME=VALUE")
        prefix, _, rest = name.partition(".")
        is_elsewhere = prefix in places and bool(rest)
        place, key = (places[prefix], rest) if is_elsewhere else (benchmark, name)
        place[key] = _value_of(name, value)
    return parse(
        {
            "benchmark": benchmark,
            "policy": policy,
            "preconditions": {"start_gate": gate},
            "seed": options.seed,
        }
    )


def _value_of(name: str, text: str) -> str:
    """Return a parameter as it was typed, or the content of the file that `@` names."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"--param {name}: {text[1:]} cannot be read: {error}") from error


def _reproduce(options: argparse.Namespace, console: Console) -> int:
    names = tuple(REPRODUCTIONS) if options.names == ["all"] else tuple(options.names)
    for name in names:
        if name not in REPRODUCTIONS:
            raise unknown("reproduction", name, REPRODUCTIONS)
    wanted = Options(seed=options.seed, fast=options.fast, adb=options.adb)
    reports = [REPRODUCTIONS[name].run(wanted, tables.tell) for name in names]
    for report in reports:
        _publish(report, options, console)
    return OK if all(report.is_good for report in reports) else NOT_REPRODUCED


def _publish(report: Report, options: argparse.Namespace, console: Console) -> None:
    """Print a report, and write its page where one is wanted."""
    if options.json:
        console.print_json(data=report.as_dict())
    else:
        show_report(console, report)
    target = options.html or (None if options.fast else Path(f"{report.name}.html"))
    if target is not None:
        target.write_text(page_of(report), encoding="utf-8")
        tables.tell(f"wrote {target}")


_COMMANDS = {
    "list": _list,
    "policies": _policies,
    "workloads": workload_tables.run,
    "show": _show,
    "run": _run,
    "reproduce": _reproduce,
    "import": _import,
    "convert": convert_command.run,
}

if __name__ == "__main__":
    sys.exit(main())
