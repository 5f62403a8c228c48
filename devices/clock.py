"""Clocks: the only file that asks the machine what time it is, or sleeps."""

import asyncio
import time
from typing import Protocol

NS_PER_S = 1_000_000_000


class Clock(Protocol):
    """A clock that can be read and waited on."""

    def now_ns(self) -> int:
        """Return the monotonic time [ns]."""

    def wait(self, seconds: float) -> None:
        """Return when `seconds` of this clock have passed."""


#: Device seconds per host second. Beyond it, the few seconds in which a host prepares a run are so
#: long for a phone that runs give up.
FASTEST = 500.0


def refusal_of(speed: float) -> str:
    """Return why no phone can run at a speed, "" if one can as far as its machine holds it."""
    if 0 < speed <= FASTEST:
        return ""
    return f"--speed must be above 0 and at most {FASTEST:g}, not {speed:g}"


class HostClock:
    """The monotonic clock of this machine."""

    def now_ns(self) -> int:
        """Return this machine's CLOCK_MONOTONIC [ns]."""
        return time.monotonic_ns()

    def wall_s(self) -> int:
        """Return the time of day [s since the epoch]; informative, never for durations."""
        return int(time.time())

    def wait(self, seconds: float) -> None:
        """Block this thread for `seconds`."""
        time.sleep(max(0.0, seconds))

    async def wait_async(self, seconds: float) -> None:
        """Suspend this coroutine for `seconds`."""
        await asyncio.sleep(max(0.0, seconds))


class SimulatedClock:
    """A clock that moves only when somebody waits on it or advances it."""

    def __init__(self, start_ns: int = 0, wall_s: int = 0) -> None:
        self._now_ns = start_ns
        self._wall_s = wall_s

    def wall_s(self) -> int:
        """Return the simulated time of day [s since the epoch]."""
        return self._wall_s + self._now_ns // NS_PER_S

    async def wait_async(self, seconds: float) -> None:
        """Advance by `seconds` at once."""
        self.advance(max(0.0, seconds))

    def now_ns(self) -> int:
        """Return the simulated time [ns]."""
        return self._now_ns

    def wait(self, seconds: float) -> None:
        """Advance by `seconds` at once."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        if seconds < 0:
            raise ValueError(f"a clock cannot go back by {-seconds} s")
        self._now_ns += round(seconds * NS_PER_S)


class DeviceClock:
    """Device time: a monotonic clock that runs `speed` times as fast as its host's."""

    def __init__(self, speed: float, host: HostClock | SimulatedClock, start_ns: int = 0) -> None:
        self.speed = speed
        self._host = host
        self._host0_ns = host.now_ns()
        self._start_ns = start_ns
        self.slept_ns = 0  # by how much CLOCK_BOOTTIME is ahead, because the device slept
        self.stepped_ns = 0  # by how much somebody has set the time of day

    def now_ns(self) -> int:
        """Return device time [ns]."""
        return self._start_ns + round((self._host.now_ns() - self._host0_ns) * self.speed)

    def wait(self, seconds: float) -> None:
        """Block until `seconds` of device time have passed."""
        self._host.wait(seconds / self.speed)


HOST = HostClock()
