"""`manage.py up`: a whole farm on this machine, until Ctrl-C."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from devices.clock import refusal_of
from fleet.bootstrap import REPOSITORY
from fleet.local.adb import USERS_OWN_PORT, adb_binary, answers
from fleet.local.datadir import DataDir, locked, open_datadir, require_free_space
from fleet.local.errors import LocalFarmError
from fleet.local.farm import Farm, FarmOptions
from fleet.local.leftovers import Register
from fleet.local.phones import DEFAULT_PHONES
from fleet.local.ports import require_free
from fleet.local.postgres import binary
from fleet.local.valkey import server_binary


def main(arguments: Sequence[str]) -> int:
    """Run until Ctrl-C; return the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        data = _checked(chosen)
        with locked(data):
            for name in Register(data).end_leftovers():
                _say(f"ended {name}, left behind by a farm that was killed")
            asyncio.run(_up(data, _options(chosen)))
    except LocalFarmError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py up", description=__doc__)
    parser.add_argument("--data", type=Path, default=REPOSITORY / ".simmer", metavar="DIR")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--phones", default=DEFAULT_PHONES, metavar="N|LIST", help="how many, or which"
    )
    parser.add_argument("--speed", type=float, default=20.0, help="time factor of virtual phones")
    parser.add_argument("--no-demo", action="store_true", help="start no demo soak")
    return parser


def _checked(chosen: argparse.Namespace) -> DataDir:
    """Find everything that would stop a start before anything is started."""
    if sentence := refusal_of(chosen.speed):
        raise LocalFarmError(sentence)
    require_free(chosen.port)
    for found in (binary("postgres"), server_binary(), adb_binary()):
        assert found
    data = open_datadir(chosen.data)
    require_free_space(data)
    return data


def _options(chosen: argparse.Namespace) -> FarmOptions:
    return FarmOptions(
        port=chosen.port,
        phones=chosen.phones,
        speed=chosen.speed,
        demo=not chosen.no_demo,
        usb=not answers(USERS_OWN_PORT),
    )


async def _up(data: DataDir, options: FarmOptions) -> None:
    farm = Farm(data, options, _say)
    running = asyncio.create_task(_live(farm))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _interrupt, farm, running)
    try:
        await running
    except asyncio.CancelledError:
        _say("stopping")
    finally:
        await farm.stop()
        data.state.unlink(missing_ok=True)


def _interrupt(farm: Farm, running: "asyncio.Task[None]") -> None:
    if running.cancelling():
        farm.supervisor.hurry.set()
    running.cancel()


async def _live(farm: Farm) -> None:
    await farm.start()
    farm.write_state()
    assert farm.first_login is not None
    print(f"Simmer  {farm.url}")
    print(f"login   {farm.first_login.login} / {farm.first_login.password}")
    print(f"token   {farm.first_login.token}", flush=True)
    await farm.live()


def _say(text: str) -> None:
    print(f"simmer: {text}", file=sys.stderr, flush=True)
