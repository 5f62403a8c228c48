"""`python -m devices probe --serial S` and `python -m devices parse KIND`."""

import argparse
import json
import sys
from pathlib import Path

from devices import printing
from devices.errors import DeviceError
from devices.facts import NOTHING_KNOWN, load
from devices.parsing import KINDS, parsed
from devices.phone import connect
from devices.portrait import portrait
from devices.probe import probe

_USAGE_ERROR = 2


def main() -> int:
    """Do what the first word says; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m devices", description=__doc__)
    commands = parser.add_subparsers(required=True)
    probing = commands.add_parser("probe", help="ask a phone what it is")
    probing.add_argument("--serial", required=True)
    probing.add_argument("--json", action="store_true", help="one JSON object")
    probing.set_defaults(run=_probe)
    parsing = commands.add_parser("parse", help="read a phone's answer from stdin")
    parsing.add_argument("kind", choices=KINDS)
    parsing.add_argument(
        "--phone", type=Path, metavar="FACTS.json", help="what `probe --json` said"
    )
    parsing.set_defaults(run=_parse)
    arguments = parser.parse_args()
    return int(arguments.run(arguments))


def _probe(arguments: argparse.Namespace) -> int:
    try:
        with connect(arguments.serial) as phone:
            profile = probe(phone)
    except DeviceError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.json:
        print(profile.model_dump_json(indent=2))
        return 0
    print(portrait(profile), end="")
    return 0


def _parse(arguments: argparse.Namespace) -> int:
    try:
        facts = load(arguments.phone) if arguments.phone else NOTHING_KNOWN
    except DeviceError as error:
        print(error, file=sys.stderr)
        return _USAGE_ERROR
    result = parsed(arguments.kind, sys.stdin.buffer.read().decode("utf-8", "replace"), facts)
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["ok"] else _USAGE_ERROR


if __name__ == "__main__":
    sys.exit(printing.run(main))
