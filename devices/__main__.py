"""`python -m devices probe --serial S` and `python -m devices parse KIND`."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from devices import properties
from devices.dumpsys import battery, thermalservice
from devices.errors import DeviceError
from devices.phone import connect
from devices.probe import probe
from devices.reports import ReportRefused
from devices.sysfs import cpufreq, devfreq, power_supply, thermal

PARSERS: Mapping[str, Callable[[str], Any]] = {
    "getprop": properties.parse,
    "cpufreq": cpufreq.parse,
    "thermal_zones": thermal.parse_zones,
    "devfreq": devfreq.parse,
    "power_supply": power_supply.parse,
    "dumpsys_battery": battery.parse,
    "dumpsys_thermalservice": thermalservice.parse,
}


def main() -> int:
    """Do what the first word says; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m devices", description=__doc__)
    commands = parser.add_subparsers(required=True)
    probing = commands.add_parser("probe", help="ask a phone what it is")
    probing.add_argument("--serial", required=True)
    probing.add_argument("--json", action="store_true", help="one JSON object")
    probing.set_defaults(run=_probe)
    parsing = commands.add_parser("parse", help="read a phone's answer from stdin")
    parsing.add_argument("kind", choices=sorted(PARSERS))
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
    for name, value in profile.model_dump(mode="json").items():
        print(f"{name:14} {value}")
    return 0


def _parse(arguments: argparse.Namespace) -> int:
    result = parsed(arguments.kind, sys.stdin.buffer.read().decode("utf-8", "replace"))
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["ok"] else 2


def parsed(kind: str, text: str) -> dict[str, Any]:
    """Return one report as JSON data: its fields, or the word of its refusal."""
    try:
        return {"ok": True, **asdict(PARSERS[kind](text))}
    except ReportRefused as refusal:
        return {"ok": False, "error": refusal.word, **refusal.details}


if __name__ == "__main__":
    sys.exit(main())
