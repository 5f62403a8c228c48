"""The power service: whether the phone is awake, and what feeds it."""

from devices.virtual.userspace.services.battery import BatteryService
from devices.virtual.userspace.system import System


def power_report(system: System) -> str:
    """Return what `dumpsys power` prints of interest."""
    awake = "Awake" if system.services.display.is_on else "Asleep"
    fields = dict(
        line.strip().partition(": ")[::2] for line in BatteryService(system).report().splitlines()
    )
    is_plugged = fields.get("USB powered") == "true"
    stays_on = system.settings.get("global", "stay_on_while_plugged_in") or "0"
    state = "ON" if system.services.display.is_on else "OFF"
    return (
        "POWER MANAGER (dumpsys power)\n\n"
        "Power Manager State:\n"
        f"  mWakefulness={awake}\n"
        "  mWakefulnessChanging=false\n"
        f"  mIsPowered={str(is_plugged).lower()}\n"
        f"  mPlugType={2 if is_plugged else 0}\n"
        f"  mBatteryLevel={fields.get('level', '0')}\n"
        f"  mStayOn={str(stays_on != '0').lower()}\n"
        f"  mLowPowerModeEnabled={str(system.settings.get('global', 'low_power') == '1').lower()}\n"
        "  mHoldingDisplaySuspendBlocker="
        f"{str(system.services.display.is_on).lower()}\n\n"
        f"Display Power: state={state}\n"
    )
