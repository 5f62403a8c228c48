"""A person at a terminal, and a program at a pipe, can both talk to a shell without a command."""

import asyncio

from devices.clock import HOST
from devices.virtual.userspace.streams import BytesReader, BytesWriter, Pipe
from tests.parts.android import new_android, run


def _typed(keys: bytes) -> tuple[str, int]:
    """Return what the screen shows, without prompts' carriage returns, and the status."""

    async def story() -> tuple[str, int]:
        screen = BytesWriter()
        system = new_android()
        status = await system.shell("", BytesReader(keys), screen, screen, interactive=True)
        return screen.take().decode(), status

    return asyncio.run(story())


def test_commands_are_echoed_prompted_and_answered() -> None:
    shown, status = _typed(b"echo hi\rexit 4\r")
    assert status == 4
    assert "android:/ $ " in shown
    assert "echo hi\r\n" in shown
    assert "hi\r\n" in shown.replace("echo hi\r\n", "")


def test_a_command_may_take_several_lines() -> None:
    shown, _ = _typed(b"if true\rthen echo yes\rfi\r")
    assert "> " in shown
    assert "yes\r\n" in shown.replace("then echo yes\r\n", "")


def test_keys_can_be_taken_back() -> None:
    shown, _ = _typed("echo aö\x7fb\r".encode())
    assert "ab\r\n" in shown.replace("echo aö\b \bb\r\n", "")


def test_an_error_ends_only_its_command() -> None:
    shown, status = _typed(b"echo ${x?bad}\recho $?\r")
    assert "x: bad\r\n" in shown
    assert status == 0


def test_control_c_ends_what_runs_and_not_the_shell() -> None:
    async def story() -> str:
        keyboard, screen = Pipe(), BytesWriter()
        system = new_android()
        shell = asyncio.create_task(system.shell("", keyboard, screen, screen, interactive=True))
        await keyboard.write(b"logcat\r")
        while not any(p.name == "logcat" for p in system.processes):
            await HOST.wait_async(0)
        await keyboard.write(b"\x03echo status $?\r")
        keyboard.end()
        await shell
        return screen.take().decode()

    shown = asyncio.run(asyncio.wait_for(story(), 5))
    assert "status 130\r\n" in shown


def test_control_d_ends_input_for_a_program() -> None:
    shown, _ = _typed(b"cat\rabc\r\x04echo end\r")
    assert shown.count("abc\r\n") == 2
    assert "end\r\n" in shown.replace("echo end\r\n", "")


def test_a_pipe_without_a_terminal_is_a_script_run_line_by_line() -> None:
    script = b"echo a\nread x\nline\necho [$x]\nif true\nthen echo c\nfi\nfi\necho no\n"
    outcome = asyncio.run(run(new_android(), "", script))
    assert outcome.text == "a\n[line]\nc\n"
    assert outcome.complaint == "/system/bin/sh: syntax error: unexpected 'fi'\n"
    assert outcome.status == 1


def test_a_line_is_answered_before_the_next_one_comes() -> None:
    async def story() -> bytes:
        commands, answers = Pipe(), Pipe()
        shell = asyncio.create_task(new_android().shell("", commands, answers, answers))
        await commands.write(b"echo one\n")
        first = await answers.readline()
        commands.end()
        await shell
        return first

    assert asyncio.run(asyncio.wait_for(story(), 5)) == b"one\n"
