"""cmd: hands a command to one of Android's services."""

from devices.virtual.userspace.applets.android import am, pm
from devices.virtual.userspace.applets.call import Applet, AppletError, Call
from devices.virtual.userspace.applets.settings import settings
from devices.virtual.userspace.services.battery import BatteryService

_NO_SERVICE = 20
_USAGE_STATUS = 255


async def cmd(call: Call) -> int | None:
    """Hand a command over, or with -l list who takes one."""
    name, *call.args = call.args or [""]
    if name == "-l":
        names = "".join(f"  {service}\n" for service in sorted(_SERVICES))
        await call.write(f"Currently running services:\n{names}")
        return 0
    if not name:
        raise AppletError("No service specified; use -l to list all services", _NO_SERVICE)
    if name not in _SERVICES:
        await call.invocation.stderr.write(f"cmd: Can't find service: {name}\n".encode())
        return _NO_SERVICE
    return await _SERVICES[name](call)


async def _battery(call: Call) -> int:
    text = BatteryService(call.system).command(call.args)
    await call.write(text)
    return _USAGE_STATUS if text.startswith("Bad") else 0


async def _thermal(call: Call) -> int:
    match call.args:
        case ["override-status", status] if status.isdecimal():
            call.system.services.forced_thermal_status = int(status)
        case ["reset"]:
            call.system.services.forced_thermal_status = None
        case _:
            return await _unknown(call)
    return 0


async def _power(call: Call) -> int:
    match call.args:
        case ["set-mode", "0" | "1" as mode]:
            call.system.settings.put("global", "low_power", mode)
        case ["set-fixed-performance-mode-enabled", "true" | "false"]:
            return 0
        case _:
            return await _unknown(call)
    return 0


async def _doze(call: Call) -> int:
    """Tell whether the phone dozes, or make it."""
    services = call.system.services
    match call.args:
        case ["get", "deep" | "light"]:
            await call.write("IDLE\n" if services.is_dozing else "ACTIVE\n")
        case ["force-idle", *_]:
            services.is_dozing = True
            await call.write("Now forced in to deep idle mode\n")
        case ["unforce"]:
            services.is_dozing = False
            await call.write("Light state: ACTIVE, deep state: ACTIVE\n")
        case _:
            return await _unknown(call)
    return 0


async def _wifi(call: Call) -> int:
    match call.args:
        case ["set-wifi-enabled", "enabled" | "disabled" as state]:
            call.system.settings.put("global", "wifi_on", str(int(state == "enabled")))
        case _:
            return await _unknown(call)
    return 0


async def _connectivity(call: Call) -> int:
    store = call.system.settings
    match call.args:
        case ["airplane-mode"]:
            is_on = store.get("global", "airplane_mode_on") == "1"
            await call.write("enabled\n" if is_on else "disabled\n")
        case ["airplane-mode", "enable" | "disable" as verb]:
            store.put("global", "airplane_mode_on", str(int(verb == "enable")))
        case _:
            return await _unknown(call)
    return 0


async def _unknown(call: Call) -> int:
    await call.write(f"Unknown command: {' '.join(call.args[:1])}\n")
    return _USAGE_STATUS


_SERVICES: dict[str, Applet] = {
    "activity": am,
    "battery": _battery,
    "connectivity": _connectivity,
    "deviceidle": _doze,
    "package": pm,
    "power": _power,
    "settings": settings,
    "thermalservice": _thermal,
    "wifi": _wifi,
}
