"""The supervisor: what dies is restarted, what stops stops in order, nothing is orphaned."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from devices.clock import HOST
from fleet.local.child import Part
from fleet.local.datadir import DataDir, open_datadir
from fleet.local.errors import LocalFarmError
from fleet.local.supervisor import Patience, Supervisor, together

PATIENCE_S = 10.0
HURRIED = Patience(first_pause_s=0.01, feel_pulse_every_s=0.01, silent_s=0.2)


@pytest.fixture
def data(tmp_path: Path) -> DataDir:
    return open_datadir(tmp_path / "data")


SAY = "print('up', flush=True)"
WAIT = f"{SAY}\nwhile True: signal.pause()"


def program(name: str, code: str, **more: object) -> Part:
    """A part that runs `code`, which is ready when it has said `up`."""
    argv = (sys.executable, "-I", "-S", "-c", f"import signal\n{code}")
    part = Part(name=name, argv=argv, ready=lambda child: "up" in child.output())
    return Part(**{**part.__dict__, **more})


def sleeper(name: str, **more: object) -> Part:
    return program(name, WAIT, **more)


def supervised(
    data: DataDir,
    story: Callable[[Supervisor], Awaitable[None]],
    said: list[str] | None = None,
    patience: Patience = HURRIED,
) -> None:
    """Tell `story` about a supervisor and stop it at the end."""

    async def tell() -> None:
        say = (said if said is not None else []).append
        supervisor = Supervisor(data, say, patience=patience)
        try:
            await story(supervisor)
        finally:
            await supervisor.stop()

    asyncio.run(tell())


async def until(fact: Callable[[], bool]) -> None:
    for _ in range(round(PATIENCE_S / 0.02)):
        if fact():
            return
        await HOST.wait_async(0.02)
    raise AssertionError("it never became true")


def test_a_dead_child_is_started_again(data: DataDir) -> None:
    said: list[str] = []

    async def story(supervisor: Supervisor) -> None:
        await supervisor.start(sleeper("kettle"))
        watching = asyncio.create_task(supervisor.watch())
        first = supervisor.children["kettle"].pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.children["kettle"].pid != first)
        assert psutil.pid_exists(supervisor.children["kettle"].pid)
        watching.cancel()

    supervised(data, story, said)
    assert said == ["kettle ended with -9; starting it again in 0.01 s"]


def test_what_lives_without_a_sign_of_life_is_ended_and_started_again(data: DataDir) -> None:
    said: list[str] = []

    async def story(supervisor: Supervisor) -> None:
        idle = sleeper("idle", pulse=lambda: 31.0)
        await supervisor.start(idle, sleeper("busy", pulse=lambda: 0.1))
        before = {name: child.pid for name, child in supervisor.children.items()}
        watching = asyncio.create_task(supervisor.watch())
        await until(lambda: supervisor.children["idle"].pid != before["idle"])
        assert supervisor.children["busy"].pid == before["busy"]
        watching.cancel()

    supervised(data, story, said)
    assert said[0] == "idle has shown no sign of life for 31 s; ending it"


def test_what_keeps_dying_ends_the_farm_with_its_last_lines(data: DataDir) -> None:
    async def story(supervisor: Supervisor) -> None:
        await supervisor.start(program("kettle", f"{SAY}\nraise SystemExit('the fuse')"))
        await supervisor.watch()

    with pytest.raises(LocalFarmError, match=r"(?s)5 times in a minute: kettle.*the fuse"):
        supervised(data, story)


def test_what_stands_on_a_part_is_gone_before_it(data: DataDir, tmp_path: Path) -> None:
    ends = tmp_path / "ends"

    def noting(name: str, layer: int) -> Part:
        note = f"open({str(ends)!r}, 'a').write('{name} ')"
        code = f"def end(*_):\n {note}\n raise SystemExit\nsignal.signal(15, end)\n{WAIT}"
        return program(name, code, layer=layer)

    async def story(supervisor: Supervisor) -> None:
        await supervisor.start(noting("ground", 0), noting("roof", 2), noting("wall", 1))

    supervised(data, story)
    assert ends.read_text().split() == ["roof", "wall", "ground"]


def test_one_part_that_cannot_start_is_one_sentence_and_nothing_stays(data: DataDir) -> None:
    pids: list[int] = []

    async def story(supervisor: Supervisor) -> None:
        broken = program("broken", "raise SystemExit('no water')", ready=lambda _: False)
        try:
            await together(supervisor.start(sleeper("kettle"), broken), until(lambda: False))
        finally:
            pids.extend(child.pid for child in supervisor.children.values())

    with pytest.raises(LocalFarmError, match=r"(?s)broken ended with 1:.*no water"):
        supervised(data, story)
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_second_interrupt_skips_the_graces(data: DataDir) -> None:
    deaf = program("deaf", f"signal.signal(15, 1)\n{WAIT}")

    async def story(supervisor: Supervisor) -> None:
        await supervisor.start(deaf)
        supervisor.hurry.set()

    began = HOST.now_ns()
    supervised(data, story)
    assert HOST.now_ns() - began < 3e9  # its grace alone is 5 s


KILLED = """
import asyncio, sys
from pathlib import Path
from fleet.local.child import Part
from fleet.local.datadir import open_datadir
from fleet.local.supervisor import Supervisor

PARENT = "import subprocess; subprocess.run(['sleep', '99'])"
DEAF = "import signal; signal.signal(15, 1)\\nwhile 1: signal.pause()"

async def main():
    supervisor = Supervisor(open_datadir(Path(sys.argv[1])), print)
    await supervisor.start(*(Part(name, (sys.executable, "-c", code)) for name, code in
                             (("parent", PARENT), ("deaf", DEAF))))
    print("up", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_two_seconds_after_sigkill_nothing_is_left_not_even_grandchildren(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "data")], stdout=subprocess.PIPE, text=True
    ) as farm:
        assert farm.stdout is not None
        assert farm.stdout.readline() == "up\n"
        family = psutil.Process(farm.pid)
        _wait(lambda: len(family.children(recursive=True)) >= 4)
        everybody = family.children(recursive=True)
        farm.kill()
    _wait(lambda: not any(_lives(process) for process in everybody), limit_s=2)


def _lives(process: psutil.Process) -> bool:
    # Where nobody reaps orphans, a dead one stays listed.
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _wait(fact: Callable[[], bool], limit_s: float = PATIENCE_S) -> None:
    for _ in range(round(limit_s / 0.02)):
        if fact():
            return
        HOST.wait(0.02)
    raise AssertionError(f"it was not true within {limit_s:g} s")
