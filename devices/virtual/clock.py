"""The time of one virtual phone: monotonic and wall clock, both at its own speed."""

from devices.clock import HOST, NS_PER_S, DeviceClock, HostClock, SimulatedClock


class PhoneClock(DeviceClock):
    """Device time from `start_ns` on; the wall clock starts at the host's and then runs along."""

    def __init__(
        self, speed: float = 1.0, start_ns: int = 0, host: HostClock | SimulatedClock = HOST
    ) -> None:
        super().__init__(speed, host, start_ns)
        self._waiting = host
        self.boot_wall_ns = host.wall_s() * NS_PER_S - start_ns

    async def wait_async(self, seconds: float) -> None:
        """Suspend this coroutine for `seconds` of device time."""
        await self._waiting.wait_async(seconds / self.speed)

    def wall_s(self) -> int:
        """Return the phone's time of day [s since the epoch]."""
        return (self.boot_wall_ns + self.now_ns()) // NS_PER_S
