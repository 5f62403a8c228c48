"""A process that does not hold the speed it was asked for says so."""

import asyncio
import logging

import pytest

from devices.clock import HOST
from devices.virtual.pulse import Pulse


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
    with caplog.at_level(logging.WARNING):
        asyncio.run(_run(pulse, blocked_s=1.5))
    assert pulse.is_behind
    assert 100 < pulse.behind_s < 400
    assert len(caplog.messages) == 1
    assert "does not hold 100×" in caplog.messages[0]


def test_a_process_that_keeps_up_is_not_behind(caplog: pytest.LogCaptureFixture) -> None:
    pulse = Pulse(speed=1.0)
    asyncio.run(_run(pulse, blocked_s=0.0))
    assert pulse.standing()["behind"] is False
    assert not caplog.messages
