"""Processes come and go as on a phone: what ps shows, what signals do, what a hang-up ends."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from devices.clock import HOST
from devices.virtual.userspace.streams import BytesReader, BytesWriter
from devices.virtual.userspace.system import System
from tests.parts.android import new_android, run

_LIMIT_S = 10.0


def _do(story: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(story, _LIMIT_S))


def _text(command: str) -> str:
    return str(_do(run(new_android(), command)).text)


class Never:
    """Standard input that nobody writes to."""

    async def read(self, n: int = -1) -> bytes:
        """Wait for ever."""
        await asyncio.Event().wait()
        return b""

    async def readline(self) -> bytes:
        """Wait for ever."""
        return await self.read()


async def _started(system: System, command: str, mark: str) -> "asyncio.Task[int]":
    """Start a command and return once the table shows `mark` in some command line."""
    task = asyncio.create_task(system.shell(command, Never(), BytesWriter(), BytesWriter()))
    while not _running(system, mark):
        await HOST.wait_async(0)
    return task


def _running(system: System, mark: str) -> list[str]:
    lines = [p.command_line for p in system.processes if p.argv[0] != "/system/bin/sh"]
    return [line for line in lines if mark in line]


async def _hang_up(task: "asyncio.Task[int]") -> None:
    task.cancel()
    await asyncio.wait((task,))


def test_ps_has_the_columns_of_toybox_with_numbers_in_their_places() -> None:
    header, *rows = _text("ps -A").splitlines()
    assert header.split() == ["USER", "PID", "PPID", "VSZ", "RSS", "WCHAN", "ADDR", "S", "NAME"]
    assert all(word.isdecimal() for row in rows for word in row.split()[1:5])
    assert {"init", "zygote64", "adbd", "system_server"} <= {row.split()[-1] for row in rows}


def test_ps_shows_the_whole_command_line_of_a_shell_service() -> None:
    command = "MARK=0d9f true; ps -A -o pid,args | grep 0d9f"
    first = _text(command).splitlines()[0]
    assert first.split(None, 1)[1] == f"/system/bin/sh -c {command}"


def test_ps_takes_lists_of_columns_and_of_processes() -> None:
    assert _text("ps -p 1 -o PID,PPID,NAME").splitlines() == [
        "  PID  PPID NAME",
        "    1     0 init",
    ]
    assert "bad -o nothing" in _do(run(new_android(), "ps -o nothing")).complaint


def test_pidof_and_pgrep_find_processes() -> None:
    assert _text("pidof init zygote64").split() == ["498", "1"]
    assert _text("pgrep -f 'second_[s]tage'") == "1\n"
    assert _text("pidof nothing; echo $?") == "1\n"


def test_a_signal_ends_a_background_job_and_wait_tells_by_which() -> None:
    assert _text("sleep 1000000 & kill -9 $!; wait $!; echo $?") in ("137\n", "127\n")


def test_pkill_finds_whole_command_lines() -> None:
    async def story() -> None:
        system = new_android()
        system.clock = HOST_CLOCK
        task = await _started(system, "sleep 4242", "sleep 4242")
        assert (await run(system, "pkill -f '^sleep 42'")).status == 0
        assert await task == 143
        assert not _running(system, "sleep 4242")

    _do(story())


def test_a_signal_to_a_group_ends_all_that_a_service_runs() -> None:
    async def story() -> None:
        system = new_android()
        system.clock = HOST_CLOCK
        task = await _started(system, "sh -c 'sleep 4242; echo x' | cat", "sleep 4242")
        leader = next(p for p in system.processes if "sleep 4242" in p.command_line)
        await run(system, f"kill -15 -- -{leader.pid}")
        assert await task == 143
        assert not _running(system, "sleep 4242")

    _do(story())


def test_the_processes_of_others_cannot_be_killed() -> None:
    outcome = _do(run(new_android(), "kill 1; pidof init"))
    assert outcome.complaint == "/system/bin/sh: kill: 1: Operation not permitted\n"
    assert outcome.text == "1\n"


@pytest.mark.parametrize(
    "command",
    [
        "sleep 4242",
        "sleep 4242 | cat",
        "(sleep 4242)",
        "sh -c 'sleep 4242; echo x'",
        "for i in 1; do sleep 4242; done",
        "x=$(sleep 4242)",
        "sleep 4242 & wait",
        "timeout 5000 sleep 4242",
        "echo 4242 | xargs sleep",
    ],
)
def test_a_hang_up_ends_what_runs_in_the_foreground(command: str) -> None:
    async def story() -> None:
        system = new_android()
        system.clock = HOST_CLOCK
        task = await _started(system, command, "sleep 4242")
        await _hang_up(task)
        while _running(system, "sleep 4242"):
            await HOST.wait_async(0)

    _do(story())


@pytest.mark.parametrize(
    "command",
    [
        "nohup sleep 4242 >/dev/null 2>&1 & wait",
        "nohup sleep 4242 >/dev/null 2>&1",
        "setsid sleep 4242 >/dev/null 2>&1",
        "sleep 4242 >/dev/null 2>&1 </dev/null & wait",
        "(sleep 4242; echo x) >/dev/null 2>&1 & wait",
    ],
)
def test_a_hang_up_spares_what_got_away(command: str) -> None:
    async def story() -> list[str]:
        system = new_android()
        system.clock = HOST_CLOCK
        task = await _started(system, command, "sleep 4242")
        await _hang_up(task)
        for _ in range(50):
            await HOST.wait_async(0)
        left = _running(system, "sleep 4242")
        await run(system, "pkill -9 sleep")
        return left

    assert _do(story())


def test_a_shell_service_ends_when_nobody_writes_to_it_any_more() -> None:
    async def story() -> bytes:
        stdout = BytesWriter()
        await new_android().shell("(sleep 1; echo late) & echo soon", BytesReader(), stdout, stdout)
        return stdout.take()

    assert _do(story()) == b"soon\nlate\n"


def test_a_redirected_job_does_not_keep_a_shell_service_open() -> None:
    async def story() -> None:
        system = new_android()
        system.clock = HOST_CLOCK
        assert (await run(system, "sleep 4242 >/dev/null 2>&1 & echo $!")).text.strip().isdecimal()
        assert _running(system, "sleep 4242")
        await run(system, "pkill -9 sleep")

    _do(story())


def test_taskset_and_nice_are_kept_in_the_table() -> None:
    assert _text("taskset f sh -c 'taskset -p $$'").endswith("affinity mask: f\n")
    assert _text("taskset -p $$").endswith("affinity mask: ff\n")
    assert _text("nice -n 5 sh -c 'ps -p $$ -o NI'").split() == ["NI", "5"]


class _HostClock:
    """Device time that passes like the host's, so that a long sleep is still there."""

    def now_ns(self) -> int:
        """Return the host's time [ns]."""
        return HOST.now_ns()

    def wall_s(self) -> int:
        """Return the host's time of day [s]."""
        return HOST.wall_s()

    async def wait_async(self, seconds: float) -> None:
        """Wait for real."""
        await HOST.wait_async(seconds)


HOST_CLOCK = _HostClock()
