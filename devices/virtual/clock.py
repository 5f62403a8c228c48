"""The time of one virtual phone: monotonic and wall clock, both at its own speed."""

import asyncio

from devices.clock import HOST, NS_PER_S, DeviceClock, HostClock, SimulatedClock

_PPM = 1e-6


class PhoneClock(DeviceClock):
    """Device time from `start_ns` on; the wall clock starts at the host's and then runs along."""

    def __init__(
        self, speed: float = 1.0, start_ns: int = 0, host: HostClock | SimulatedClock = HOST
    ) -> None:
        super().__init__(speed, host, start_ns)
        self._waiting = host
        self._rate = 1.0  # of its quartz, relative to the speed it should have; 0: it sleeps
        self.boot_wall_ns = host.wall_s() * NS_PER_S - start_ns

    def now_ns(self) -> int:
        """Return CLOCK_MONOTONIC [ns], which stands still while the phone sleeps."""
        passed_ns = (self._waiting.now_ns() - self._host0_ns) * self.speed * self._rate
        return self._start_ns + round(passed_ns)

    async def wait_async(self, seconds: float) -> None:
        """Suspend this coroutine for `seconds` of device time."""
        await self._waiting.wait_async(seconds / self.speed)

    def wall_s(self) -> int:
        """Return the phone's time of day [s since the epoch]."""
        ns = self.boot_wall_ns + self.now_ns() + self.slept_ns + self.stepped_ns
        return ns // NS_PER_S

    def step(self, seconds: float) -> None:
        """Set the time of day forward, or back."""
        self.stepped_ns += round(seconds * NS_PER_S)

    def skew(self, ppm: float) -> None:
        """Let the quartz run that much fast from now on; 0 heals it."""
        self._go_on(1.0 + ppm * _PPM)

    async def sleep(self, seconds: float) -> None:
        """Suspend the phone: CLOCK_MONOTONIC stands still, CLOCK_BOOTTIME goes on.

        Cancelling it wakes the phone.
        """
        rate, began_ns, slept_ns = self._rate, self._waiting.now_ns(), round(seconds * NS_PER_S)
        self._go_on(0.0)
        try:
            await self.wait_async(seconds)
        except asyncio.CancelledError:
            slept_ns = round((self._waiting.now_ns() - began_ns) * self.speed)
            raise
        finally:
            self.slept_ns += slept_ns
            self._go_on(rate or 1.0)

    def _go_on(self, rate: float) -> None:
        """Run at another rate from the present instant on."""
        self._start_ns, self._host0_ns = self.now_ns(), self._waiting.now_ns()
        self._rate = rate
