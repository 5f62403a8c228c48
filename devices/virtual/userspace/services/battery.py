"""The battery service: the fuel gauge in Android's words, unless a test froze it."""

from collections.abc import Callable

from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.system import System

_SUPPLIES = "/sys/class/power_supply"
_STATUS = {"Charging": 2, "Discharging": 3, "Not charging": 4, "Full": 5}
_HEALTH = {"Good": 2, "Overheat": 3, "Dead": 4, "Over voltage": 5, "Cold": 7}
_SETTABLE = ("ac", "usb", "wireless", "status", "level", "temp", "present", "counter", "invalid")
_USAGE = """Battery service (battery) commands:
  help
    Print this help text.
  set [-f] [ac|usb|wireless|status|level|temp|present|counter|invalid] <value>
    Force a battery property value, freezing battery state.
  unplug [-f]
    Force battery unplugged, freezing battery state.
  reset [-f]
    Unfreeze battery state, returning to current hardware values.
"""


class BatteryService:
    """Reads the gauge; values that `set` or `unplug` forced win until `reset`."""

    def __init__(self, system: System) -> None:
        self._forced = system.services.forced_battery
        self._files = system.root_files

    def report(self) -> str:
        """Return what `dumpsys battery` prints."""
        lines = ["Current Battery Service state:"]
        if self._forced:
            lines.append("  (UPDATES STOPPED -- use 'reset' to restart)")
        lines.extend(f"  {name}: {value}" for name, value in self._fields())
        return "".join(f"{line}\n" for line in lines)

    def command(self, args: list[str]) -> str:
        """Freeze or unfreeze values; return a complaint, "" if there is none."""
        words = [word for word in args if word != "-f"]
        match words:
            case ["reset"]:
                self._forced.clear()
            case ["unplug"]:
                self._forced.update({"ac": "0", "usb": "0", "wireless": "0"})
            case ["set", name, value] if name in _SETTABLE:
                if not value.lstrip("-").isdecimal():
                    return f"Bad value: {value}\n"
                self._forced[name] = value
            case ["set", name, _]:
                return f"Unknown set option: {name}\n"
            case ["get", name]:
                fields = {key.replace(" ", "_"): value for key, value in self._fields()}
                return f"{fields.get({'temp': 'temperature'}.get(name, name), '')}\n"
            case _:
                return _USAGE
        return ""

    def _fields(self) -> list[tuple[str, str]]:
        gauge = Supply(self._files, battery_folder(self._files))
        usb = Supply(self._files, f"{_SUPPLIES}/usb")
        return [
            ("AC powered", self._flag("ac", "0")),
            ("USB powered", self._flag("usb", usb.text("online", "0"))),
            ("Wireless powered", self._flag("wireless", "0")),
            ("Max charging current", "500000"),
            ("Max charging voltage", "5000000"),
            ("Charge counter", self._value("counter", lambda: gauge.text("charge_counter", "0"))),
            (
                "status",
                self._value("status", lambda: str(_STATUS.get(gauge.text("status", ""), 1))),
            ),
            ("health", str(_HEALTH.get(gauge.text("health", ""), 1))),
            ("present", self._flag("present", gauge.text("present", "0"))),
            ("level", self._value("level", lambda: gauge.text("capacity", "0"))),
            ("scale", "100"),
            ("voltage", str(gauge.millivolts())),
            ("temperature", self._value("temp", lambda: gauge.text("temp", "0"))),
            ("technology", gauge.text("technology", "")),
        ]

    def _value(self, name: str, read: Callable[[], str]) -> str:
        return self._forced[name] if name in self._forced else read()

    def _flag(self, name: str, real: str) -> str:
        return "true" if self._forced.get(name, real) == "1" else "false"


class Supply:
    """One folder of power_supply."""

    def __init__(self, files: FileTree, folder: str) -> None:
        self._files = files
        self._folder = folder

    def text(self, name: str, default: str) -> str:
        """Return one value, `default` if the file is missing or refuses."""
        try:
            return self._files.read(f"{self._folder}/{name}").decode().strip()
        except OSError:
            return default

    def millivolts(self) -> int:
        """Return the voltage [mV]; some gauges give it in µV, some in mV."""
        value = int(self.text("voltage_now", "0"))
        return value // 1000 if value > 100_000 else value


def battery_folder(files: FileTree) -> str:
    """Return the folder of the supply that is a battery; its name differs between models."""
    try:
        names = files.listdir(_SUPPLIES)
    except OSError:
        names = []
    for name in names:
        if Supply(files, f"{_SUPPLIES}/{name}").text("type", "") == "Battery":
            return f"{_SUPPLIES}/{name}"
    return f"{_SUPPLIES}/battery"
