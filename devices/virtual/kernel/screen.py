"""The screen of one phone: how bright it is, and what that draws."""

from typing import TYPE_CHECKING

from devices.virtual.kernel.blocks import Display
from devices.virtual.kernel.node import Node, constant, text, whole, writable

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


def backlight_nodes(machine: "Machine") -> dict[str, Node]:
    """Return the files under /sys/class/backlight; root alone may write them."""

    def write(word: str) -> None:
        machine.set_screen(min(whole(word), _TOP))

    files = {
        "brightness": writable(lambda: machine.screen.level, write),
        "actual_brightness": text(lambda: machine.screen.level),
        "max_brightness": text(constant(_TOP)),
        "type": text(constant("raw")),
    }
    return {f"{BACKLIGHT}/{name}": node for name, node in files.items()}
