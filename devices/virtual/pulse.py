"""Whether this process keeps up with the speed of its phones, or falls behind."""

import logging
from collections import deque

from devices.agent.messages import LATE_S
from devices.clock import HOST, NS_PER_S

_BEAT_S = 0.2
_WINDOW_BEATS = 50

_log = logging.getLogger(__name__)


class Pulse:
    """Looks again and again how late the event loop is.

    Nothing that a phone shows is wrong when it is late: device time was computed, not measured.
    But what the host decides reaches the phone later, in device time, by lateness × speed.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._late_s: deque[float] = deque(maxlen=_WINDOW_BEATS)
        self._warned = False

    @property
    def behind_s(self) -> float:
        """By how much the phones were late at worst in the last seconds [s of device time]."""
        return max(self._late_s, default=0.0) * self._speed

    @property
    def is_behind(self) -> bool:
        """Whether this machine does not hold the speed that was asked for."""
        return max(self._late_s, default=0.0) > LATE_S

    def standing(self) -> dict[str, object]:
        """Return what `ctl truth` says about it."""
        return {"behind": self.is_behind, "behind_s": round(self.behind_s, 3)}

    async def beat(self) -> None:
        """Measure until cancelled; warn once per stretch of lateness."""
        while True:
            due_ns = HOST.now_ns() + round(_BEAT_S * NS_PER_S)
            await HOST.wait_async(_BEAT_S)
            self._late_s.append(max(0.0, (HOST.now_ns() - due_ns) / NS_PER_S))
            if self.is_behind and not self._warned:
                _log.warning(
                    "behind by %.1f s of device time: this machine does not hold %g× for these"
                    " phones; lower --speed or start fewer",
                    self.behind_s,
                    self._speed,
                )
            self._warned = self.is_behind
