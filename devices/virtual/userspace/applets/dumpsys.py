"""dumpsys: what Android's services say about themselves, out of the kernel's files."""

from collections.abc import Awaitable, Callable

from devices.virtual.userspace.applets.call import Call
from devices.virtual.userspace.services.battery import BatteryService
from devices.virtual.userspace.services.power import power_report
from devices.virtual.userspace.services.thermal import thermal_report

_FIRST_SDK_WITH_THERMAL = 29  # Android 10
Report = Callable[[Call, list[str]], Awaitable[None]]


async def dumpsys(call: Call) -> int:
    """Print one service's report, or with -l the names of all."""
    words = [word for word in call.args if word not in ("-t", "--pid")]
    if not words or words[0] == "-l":
        names = "".join(f"  {name}\n" for name in _names(call))
        await call.write(f"Currently running services:\n{names}")
        return 0
    name, *rest = words
    if name not in _names(call):
        await call.invocation.stderr.write(f"Can't find service: {name}\n".encode())
        return 0
    await _REPORTS[name](call, rest)
    return 0


def _names(call: Call) -> list[str]:
    has_thermal = call.system.sdk >= _FIRST_SDK_WITH_THERMAL
    return [name for name in sorted(_REPORTS) if name != "thermalservice" or has_thermal]


async def _battery(call: Call, args: list[str]) -> None:
    service = BatteryService(call.system)
    if not args or args[0] in ("-a", "--proto"):
        await call.write(service.report())
        return
    complaint = service.command(args)
    if complaint:
        await call.write(complaint)


async def _thermal(call: Call, _args: list[str]) -> None:
    await call.write(thermal_report(call.system))


async def _power(call: Call, _args: list[str]) -> None:
    await call.write(power_report(call.system))


async def _memory(call: Call, _args: list[str]) -> None:
    text = call.system.root_files.read("/proc/meminfo").decode()
    facts = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    total, free = facts["MemTotal"].strip(), facts["MemFree"].strip()
    now_ms = call.system.clock.now_ns() // 1_000_000
    await call.write(
        f"Applications Memory Usage (in Kilobytes):\nUptime: {now_ms} Realtime: {now_ms}\n\n"
        f"Total RAM: {total}\n Free RAM: {free}\n"
    )


async def _window(call: Call, _args: list[str]) -> None:
    display = call.system.services.display
    size = f"{display.width}x{display.height}"
    await call.write(
        "WINDOW MANAGER POLICY STATE (dumpsys window policy)\n"
        f"    screenState=SCREEN_STATE_{'ON' if display.is_on else 'OFF'}\n"
        "WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)\n"
        f"  Display: mDisplayId=0\n    init={size} {display.density}dpi cur={size} app={size}\n"
        "    orientation=0\n"
    )


async def _deviceidle(call: Call, args: list[str]) -> None:
    is_dozing = call.system.services.is_dozing
    if args[:1] == ["get"]:
        await call.write("IDLE\n" if is_dozing else "ACTIVE\n")
        return
    is_on = str(call.system.services.display.is_on).lower()
    state = "IDLE" if is_dozing else "ACTIVE"
    await call.write(
        "  Settings:\n    light_after_inactive_to=+4m0s0ms\n"
        f"  mLightEnabled=true  mDeepEnabled=true\n  mScreenOn={is_on}\n"
        f"  mState={state} mLightState={state}\n"
    )


async def _cpuinfo(call: Call, _args: list[str]) -> None:
    load = call.system.root_files.read("/proc/loadavg").decode().split()[:3]
    await call.write(f"Load: {' / '.join(load)}\n")


async def _batterystats(call: Call, args: list[str]) -> None:
    reset = "--reset" in args
    await call.write("Battery stats reset.\n" if reset else "Battery History (0% used, 0KB):\n")


_REPORTS: dict[str, Report] = {
    "battery": _battery,
    "batterystats": _batterystats,
    "cpuinfo": _cpuinfo,
    "deviceidle": _deviceidle,
    "meminfo": _memory,
    "power": _power,
    "thermalservice": _thermal,
    "window": _window,
}
