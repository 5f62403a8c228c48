"""The display's power and brightness: what Android writes into the backlight's file, and when."""

from devices.virtual.userspace.system import System

_BACKLIGHT = "/sys/class/backlight/panel0-backlight/brightness"
_LEVEL = "screen_brightness"  # its name among the settings of `system`


def switch(system: System, *, is_on: bool) -> None:
    """Switch the screen on or off."""
    system.services.display.is_on = is_on
    shine(system)


def shine(system: System) -> None:
    """Let a lit screen be as bright as the settings say; a device without a screen has no file."""
    level = system.settings.get("system", _LEVEL) or ""
    is_lit = system.services.display.is_on and level.isdecimal()
    if system.root_files.exists(_BACKLIGHT):
        system.root_files.write(_BACKLIGHT, f"{int(level) if is_lit else 0}\n".encode())
