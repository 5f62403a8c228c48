"""The screen of one phone: how bright it is, and what that draws."""

from typing import TYPE_CHECKING

from devices.virtual.kernel.blocks import Display
from devices.virtual.kernel.node import KernelFile, constant, text, whole, writable

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

BACKLIGHT = "/sys/class/backlight/panel0-backlight"
_TOP = 255  # of the levels that Android's light service writes


class Screen:
    """A panel that is dark at level 0."""

    def __init__(self, spec: Display | None) -> None:
        self._spec = spec
        self.level = 0  # of the backlight, up to 255

    @property
    def power_w(self) -> float:
        """What it draws beyond the base load [W]."""
        if not self.level or self._spec is None:
            return 0.0
        return self._spec.dim_w + (self._spec.full_w - self._spec.dim_w) * self.level / _TOP


def backlight_files(_like: "Machine") -> dict[str, KernelFile]:
    """Return the files under /sys/class/backlight; root alone may write them."""
    files = {
        "brightness": writable(_level, _set_level),
        "actual_brightness": text(_level),
        "max_brightness": text(constant(_TOP)),
        "type": text(constant("raw")),
    }
    return {f"{BACKLIGHT}/{name}": file for name, file in files.items()}


def _level(machine: "Machine") -> object:
    return machine.screen.level


def _set_level(machine: "Machine", word: str) -> None:
    machine.set_screen(min(whole(word), _TOP))
