"""The battery service: the fuel gauge in Android's words, unless a test froze it."""

from collections.abc import Callable

from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.system import System

_SUPPLIES = "/sys/class/power_supply"
_JUNK = 220  # what some counters always show
_SURE_MICRO = 20_000  # no phone draws 20 A
_VENDOR_TAIL = (
    " mLastPlugType: 2",
    "  batterySWSelfDischarging: false",
    "  LED Charging: true",
    "  charge counter: 4711",
    "BatteryInfoBackUp",
    "  mSavedBatteryUsage: -1",
    "  event: level:72, status:3, temperature:345",
)
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
        self._shape = system.quirks.battery_dump

    def report(self) -> str:
        """Return what `dumpsys battery` prints."""
        lines = ["Current Battery Service state:"]
        if self._forced:
            lines.append("  (UPDATES STOPPED -- use 'reset' to restart)")
        lines.extend(f"  {name}: {value}" for name, value in self._fields())
        if self._shape.vendor_tail:
            lines.extend(_VENDOR_TAIL)
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
        shape = self._shape
        fields = [
            ("AC powered", self._flag("ac", "0")),
            ("USB powered", self._flag("usb", usb.text("online", "0"))),
            ("Wireless powered", self._flag("wireless", "0")),
            ("Max charging current", "500000"),
            ("Max charging voltage", "5000000"),
            ("Charge counter", self._value("counter", lambda: self._counter(gauge))),
            (
                "status",
                self._value("status", lambda: str(_STATUS.get(gauge.text("status", ""), 1))),
            ),
            ("health", str(_HEALTH.get(gauge.text("health", ""), 1))),
            ("present", self._flag("present", gauge.text("present", "0"))),
            ("level", self._value("level", lambda: self._level(gauge))),
            ("scale", str(shape.scale)),
            ("voltage", str(gauge.millivolts() // (1000 if shape.whole else 1))),
            ("temperature", self._value("temp", lambda: str(self._temperature(gauge)))),
            ("technology", gauge.text("technology", "")),
        ]
        if shape.says_current:
            fields.append(("current now", str(self._current(gauge))))
        return fields

    def _level(self, gauge: "Supply") -> str:
        return str(gauge.number("capacity") * self._shape.scale // 100)

    def _counter(self, gauge: "Supply") -> str:
        microampere_hours = gauge.number("charge_counter")
        counts = {"uAh": microampere_hours, "mAh": microampere_hours // 1000, "junk": _JUNK}
        return str(counts[self._shape.counter])

    def _current(self, gauge: "Supply") -> int:
        """Return the current [mA] with the sign that this model gives it."""
        value = gauge.milliamperes()
        return abs(value) if value < 0 and self._shape.current_sign > 0 else value

    def _temperature(self, gauge: "Supply") -> int:
        tenths = gauge.number("temp")
        return round(tenths / 10) if self._shape.whole else tenths

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

    def number(self, name: str) -> int:
        """Return one value as a number, 0 if the file is missing or holds none."""
        text = self.text(name, "0")
        return int(text) if text.removeprefix("-").isdecimal() else 0

    def milliamperes(self) -> int:
        """Return the current [mA], positive while charging, whatever unit and sign the file has."""
        value = abs(self.number("current_now"))
        value = value // 1000 if value > _SURE_MICRO else value
        return -value if self.text("status", "") == "Discharging" else value

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
