"""A process that does not hold the speed it was asked for says so."""

import asyncio
import logging
import subprocess
import sys

import pytest

from devices.clock import HOST, NS_PER_S, refusal_of
from devices.virtual.pulse import Pulse
from tests.parts.adb import ROOT


async def _run(pulse: Pulse, blocked_s: float) -> None:
    beating = asyncio.create_task(pulse.beat())
    await HOST.wait_async(0.3)
    HOST.wait(blocked_s)  # stepping that takes longer than the device time it covers
    await HOST.wait_async(0.3)
    beating.cancel()


def test_a_blocked_process_is_behind_by_its_lateness_in_device_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pulse = Pulse(speed=100.0)
    began_ns = HOST.now_ns()
    with caplog.at_level(logging.WARNING):
        asyncio.run(_run(pulse, blocked_s=1.5))
    assert pulse.is_behind
    took_s = (HOST.now_ns() - began_ns) / NS_PER_S
    assert 100 < pulse.behind_s < took_s * 100
    assert len(caplog.messages) == 1
    assert "does not hold 100×" in caplog.messages[0]


def test_a_process_that_keeps_up_is_not_behind(caplog: pytest.LogCaptureFixture) -> None:
    pulse = Pulse(speed=1.0)
    asyncio.run(_run(pulse, blocked_s=0.0))
    assert pulse.standing()["behind"] is False
    assert not caplog.messages


@pytest.mark.parametrize("speed", [0.0, -1.0, 501.0, float("inf"), float("nan")])
def test_a_speed_that_nobody_holds_is_refused_before_anything_starts(speed: float) -> None:
    assert "at most 500" in refusal_of(speed)
    command = [
        sys.executable,
        "-m",
        "devices.virtual",
        "--phones",
        "pixel-6",
        "--speed",
        f"{speed}",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"--speed must be above 0 and at most 500, not {speed:g}\n"


@pytest.mark.parametrize("speed", [0.5, 1.0, 500.0])
def test_other_speeds_are_tried(speed: float) -> None:
    assert refusal_of(speed) == ""
