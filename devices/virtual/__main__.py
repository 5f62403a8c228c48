"""`python -m devices.virtual`: start, list, validate, compare or steer virtual phones."""

import argparse
import asyncio
import itertools
import json
import logging
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from devices import printing
from devices.clock import refusal_of
from devices.virtual.android import Android, Refused
from devices.virtual.catalog import BrokenPhone, PhoneSpec, load, names
from devices.virtual.catalog.door import described, table
from devices.virtual.clock import PhoneClock
from devices.virtual.control import Control, ask
from devices.virtual.faults.story import Happening, ScriptError, tell
from devices.virtual.host import HostDevice
from devices.virtual.phone import VirtualPhone
from devices.virtual.ports import NoPort, listen, remember, remembered
from devices.virtual.pulse import Pulse
from devices.virtual.records import Records
from devices.virtual.units import main as units
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.validate.command import main as validate

USAGE_ERROR = 2


def main() -> int:
    """Do what the command line says and return the exit status."""
    commands = {"ctl": _control, "validate": validate, "units": units}
    if sys.argv[1:] and sys.argv[1] in commands:
        return commands[sys.argv[1]](sys.argv[2:])
    arguments = _parser().parse_args()
    more = arguments.catalog
    if more and not more.is_dir():
        return _refuse(f"--catalog {more} is not a folder; it holds your own phone files")
    try:
        if arguments.list:
            return _list(more, as_json=arguments.json)
        wanted = _wanted(arguments.phones, more)
    except (BrokenPhone, KeyError) as wrong:
        return _refuse(wrong.args[0])
    if sentence := refusal_of(arguments.speed):
        return _refuse(sentence)
    if not wanted and not arguments.host_device:
        return _refuse(f"name phones with --phones; there are: {', '.join(names(more))}")
    return _run(arguments, wanted)


def _run(arguments: argparse.Namespace, wanted: list[PhoneSpec]) -> int:
    """Build the phones that were asked for, and run them or tell their story."""
    logging.basicConfig(format="%(levelname)s %(message)s")
    phones = _build(arguments, wanted)
    try:
        story = _story(arguments, phones)
    except (OSError, ScriptError) as error:
        return _refuse(f"{arguments.script}: {error}")
    if arguments.tell:
        print("\n".join(map(str, story)))
        return 0
    try:
        records = Records(arguments.record, phones) if arguments.record else None
    except OSError as error:
        return _refuse(f"--record {arguments.record}: nothing can be kept there: {error.strerror}")
    try:
        return asyncio.run(_serve(phones, story, arguments, records))
    except (NoPort, Refused) as error:
        return _refuse(str(error))


def _story(arguments: argparse.Namespace, phones: list[Android]) -> list[Happening]:
    """Return what the script says will happen; nothing without one."""
    if arguments.script is None:
        return []
    script = arguments.script.read_text(encoding="utf-8")
    return tell(script, [phone.serialno for phone in phones], arguments.seed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devices.virtual", description=__doc__)
    parser.add_argument("--phones", default="", help="names of the catalog, or how many")
    parser.add_argument("--port", type=int, default=6000, help="the first phone's; 0: any free")
    parser.add_argument("--ports", type=Path, help="file that keeps their ports for the next time")
    parser.add_argument("--speed", type=float, default=1.0, help="device seconds per host second")
    parser.add_argument("--seed", type=int, default=1, help="of everything that is random")
    parser.add_argument("--control", type=Path, help="unix socket for `ctl`")
    parser.add_argument("--script", type=Path, help="what happens to them, and when")
    parser.add_argument("--tell", action="store_true", help="with --script: print it and stop")
    parser.add_argument("--record", type=Path, help="folder for what happened and what was true")
    parser.add_argument("--host-device", action="store_true", help="show this machine too")
    parser.add_argument("--catalog", type=Path, help="a folder with more phone files")
    parser.add_argument("--list", action="store_true", help="show the catalog and stop")
    parser.add_argument("--json", action="store_true", help="with --list: as JSON")
    return parser


def _ctl_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devices.virtual ctl")
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("serial")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    return parser


def _wanted(phones: str, more: Path | None) -> list[PhoneSpec]:
    """Return phones for `a,b` or for a number, which takes the catalog round and round.

    Raises:
        KeyError: a name that the catalog does not have; its message says which ones it has.
        BrokenPhone: a file that is not right; its message names file and key.
    """
    if phones.isdecimal():
        catalog = itertools.cycle(names(more))
        return [load(name, more) for name in itertools.islice(catalog, int(phones))]
    return [load(name.strip(), more) for name in phones.split(",") if name.strip()]


def _build(arguments: argparse.Namespace, wanted: list[PhoneSpec]) -> list[Android]:
    """Put the phones together; equal models are numbered."""
    contents = ContentStore()
    numbers: Counter[str] = Counter()
    phones: list[Android] = []
    for spec in wanted:
        numbers[spec.name] += 1
        number = numbers[spec.name]
        clock = PhoneClock(arguments.speed)
        phones.append(VirtualPhone(spec, number, contents, clock, arguments.seed))
    if arguments.host_device:
        phones.append(HostDevice(_host_folder(arguments.control)))
    return phones


def _host_folder(door: Path | None) -> Path:
    """Return where the host device keeps what is pushed: beside the control door, if any."""
    return (door.parent if door else Path(tempfile.mkdtemp(prefix="simmer-"))) / "host-device"


async def _serve(
    phones: list[Android],
    story: list[Happening],
    arguments: argparse.Namespace,
    records: Records | None,
) -> int:
    """Run until SIGTERM or Ctrl-C."""
    pulse = Pulse(arguments.speed)
    control = Control(phones, pulse, records)
    beating = [asyncio.create_task(work) for work in (pulse.beat(), *(p.watch() for p in phones))]
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        await listen(phones, arguments.port, remembered(arguments.ports))
        remember(arguments.ports, phones)
        if arguments.control:
            await control.start(arguments.control)
        control.play(story)
        for phone in phones:
            print(phone.serial, phone.name, phone.adbd.port)
        print("ready", flush=True)
        await stopping.wait()
    finally:
        for task in beating:
            task.cancel()
        await control.stop()
        for phone in phones:
            await phone.stop()
    return 0


def _list(more: Path | None, *, as_json: bool) -> int:
    catalog = [load(name, more) for name in names(more)]
    if as_json:
        print(json.dumps([described(spec) for spec in catalog], indent=2, ensure_ascii=False))
        return 0
    for line in table(catalog):
        print(line)
    return 0


def _control(words: Sequence[str]) -> int:
    arguments = _ctl_parser().parse_args(words)
    try:
        answer = ask(arguments.control, arguments.serial, arguments.words)
    except Refused as reason:
        return _refuse(str(reason))
    if answer:
        print(answer)
    return 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return USAGE_ERROR


if __name__ == "__main__":
    sys.exit(printing.run(main))
