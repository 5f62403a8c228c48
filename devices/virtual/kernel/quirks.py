"""How a model's texts differ from what the plain kernel and plain Android print; no physics."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Su = Literal["by build", "none", "aosp", "magisk", "kernelsu", "restricted", "denied", "shell"]
Errno = Literal["EACCES", "EINVAL", "EIO", "ENODATA", "EPERM"]


class _Habit(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ThermalDump(_Habit):
    """What this model's `dumpsys thermalservice` looks like."""

    hal: str = "ThermalHAL 2.0 connected: yes"  # "": no such block
    is_ready: bool = True  # False: the HAL gives no readings at all
    indent: str = "\t"
    says_override: bool = True  # the line IsStatusOverride
    says_status: bool = True  # mStatus of each reading
    says_cold: bool = True  # the list of cold thresholds
    says_cooling: bool = True  # cooling devices
    old_thresholds: bool = False  # `{.type = SKIN, .name = …}` of the first HALs
    ghosts: tuple[str, ...] = ()  # sensors not fitted, always 0.0: "2/SUBBAT"
    battery_limits: bool = False  # battery voltage, current and percent stand among temperatures


class BatteryDump(_Habit):
    """What this model's `dumpsys battery` looks like."""

    counter: Literal["uAh", "mAh", "junk"] = "uAh"  # of `Charge counter`
    scale: int = 100  # what `level` counts up to
    whole: bool = False  # whole °C and whole V, as boxes without a gauge
    says_current: bool = False  # `current now` [mA]
    current_sign: Literal[-1, 1] = -1  # of it while discharging
    vendor_tail: bool = False  # a vendor's block and event log behind the report


class Quirks(_Habit):
    """What a naive reader of this model would stumble over."""

    source: str = "estimated: none are known"

    # files of the kernel; patterns are fnmatch's, in which * also matches /
    descending: bool = False  # frequency lists start at the top
    cpufreq_driver: str = "cpufreq-dt"
    boost_khz: tuple[int, ...] = ()  # clocks that only scaling_boost_frequencies lists
    battery_name: str = "battery"  # of its folder under power_supply
    supplies: tuple[str, ...] = ()  # more folders under power_supply: bms, maxfg, main, dc
    leaks: dict[str, int] = {}  # value of the battery's uevent -> the errno that stands there: -22
    limiters: tuple[str, ...] = ()  # zones that show mA, mV or percent: pm8150b-ibat-lvl0, soc
    missing: tuple[str, ...] = ()  # path patterns that do not exist
    denied: tuple[str, ...] = ()  # path patterns that answer "Permission denied"
    empty: tuple[str, ...] = ()  # path patterns that hold nothing
    failing: dict[str, Errno] = {}  # path pattern -> how a read of it fails
    texts: dict[str, str] = {}  # path pattern -> what the file says instead: <unknown>
    cpuinfo: Literal["per core", "one block", "32 bit"] = "per core"
    says_hardware: bool = True  # the line Hardware of /proc/cpuinfo

    # Android
    su: Su = "by build"  # aosp where the build is debuggable, else none
    guards_settings: bool = False  # adb may not write settings without a second switch
    market_name_property: str = "ro.config.marketing_name"  # "": nowhere
    chip_properties: tuple[str, ...] | None = None  # None: ro.soc.model since Android 12
    properties: dict[str, str] = {}  # more of them, whatever they hold
    thermal_dump: ThermalDump = ThermalDump()
    battery_dump: BatteryDump = BatteryDump()


PLAIN = Quirks()
