"""Whether the screen is lit, as `dumpsys power` tells; `parse` is pure, `read` asks a phone."""

import re

from devices.phone import Phone

_DISPLAY = re.compile(r"Display Power: state=(\w+)")
_WAKEFULNESS = re.compile(r"mWakefulness(?:Raw)?=(\w+)")
_LIT = frozenset(("ON", "Awake"))


def read(phone: Phone) -> bool | None:
    """Ask a phone; None where nobody tells, as on a device without a screen."""
    return parse(phone.run(["dumpsys", "power"]).stdout)


def parse(text: str) -> bool | None:
    """Return whether the screen is lit: by the display's own state, else by the phone's."""
    found = _DISPLAY.search(text) or _WAKEFULNESS.search(text)
    return found[1] in _LIT if found else None
