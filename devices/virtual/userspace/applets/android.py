"""am, pm, wm, input, svc, logcat and dmesg."""

import asyncio

from devices.virtual.userspace.applets.call import Call
from devices.virtual.userspace.services.display import switch

_PACKAGES = (
    "android",
    "com.android.phone",
    "com.android.providers.settings",
    "com.android.settings",
    "com.android.shell",
    "com.android.systemui",
)
_WAKE_KEYS = {"224": True, "KEYCODE_WAKEUP": True, "223": False, "KEYCODE_SLEEP": False}
_POWER_KEYS = ("26", "KEYCODE_POWER")
_USAGE_STATUS = 255


async def am(call: Call) -> int:
    """Accept the orders to apps that change nothing here; there are no apps to start."""
    match call.args:
        case ["force-stop" | "kill", _] | ["kill-all"] | ["broadcast", *_]:
            return 0
        case ["get-current-user"]:
            await call.write("0\n")
        case ["start" | "start-activity", *rest]:
            target = rest[-1] if rest else ""
            await call.write(f"Starting: Intent {{ cmp={target} }}\n")
            await call.write(f"Error type 3\nError: Activity class {{{target}}} does not exist.\n")
            return 1
        case _:
            await call.invocation.stderr.write(b"Error: unknown command\n")
            return _USAGE_STATUS
    return 0


async def pm(call: Call) -> int:
    """Answer about the few packages that every phone has."""
    match call.args:
        case ["list", "packages", *rest]:
            words = [word for word in rest if not word.startswith("-")]
            ours = () if "-3" in rest or "-d" in rest else _PACKAGES  # nobody installed anything
            names = [name for name in ours if all(word in name for word in words)]
            await call.write("".join(f"package:{name}\n" for name in names))
        case ["path", name]:
            if name not in _PACKAGES:
                return 1
            await call.write(f"package:/system/app/{name}/{name}.apk\n")
        case ["list", "features"]:
            await call.write(
                "feature:android.hardware.touchscreen\nfeature:android.hardware.wifi\n"
            )
        case ["install" | "uninstall", *_]:
            await call.write("Failure [INSTALL_FAILED_UNSUPPORTED: this phone runs no apps]\n")
            return 1
        case _:
            await call.write("Error: unknown command\n")
            return _USAGE_STATUS
    return 0


async def wm(call: Call) -> int:
    """Tell the display's size and density."""
    display = call.system.services.display
    match call.args:
        case ["size"]:
            await call.write(f"Physical size: {display.width}x{display.height}\n")
        case ["density"]:
            await call.write(f"Physical density: {display.density}\n")
        case ["dismiss-keyguard"]:
            return 0
        case _:
            await call.write("usage: wm [subcommand] [options]\n")
            return _USAGE_STATUS
    return 0


async def input_(call: Call) -> int:
    """Press keys; of all of them only power, sleep and wake-up do something here."""
    words = call.args
    if not words or words[0] not in ("keyevent", "tap", "swipe", "text"):
        await call.write("Usage: input [<source>] <command> [<arg>...]\n")
        return 1
    if words[0] == "keyevent":
        for key in words[1:]:
            is_on = call.system.services.display.is_on
            if key in _POWER_KEYS or key in _WAKE_KEYS:
                switch(call.system, is_on=_WAKE_KEYS.get(key, not is_on))
    return 0


async def svc(call: Call) -> int:
    """Switch radios and whether the screen stays on."""
    settings = call.system.settings
    match call.args:
        case ["wifi", "enable" | "disable" as verb]:
            settings.put("global", "wifi_on", str(int(verb == "enable")))
        case ["bluetooth", "enable" | "disable" as verb]:
            settings.put("global", "bluetooth_on", str(int(verb == "enable")))
        case ["data" | "nfc" | "usb", *_]:
            return 0
        case ["power", "stayon", "true" | "usb" | "ac" | "wireless" | "false" as how]:
            bits = {"true": 7, "ac": 1, "usb": 2, "wireless": 4, "false": 0}[how]
            settings.put("global", "stay_on_while_plugged_in", str(bits))
        case _:
            await call.write("Available commands:\n    power\n    data\n    wifi\n    usb\n")
            return 1
    return 0


async def logcat(call: Call) -> int:
    """Print the log; without -d wait for more of it, which never comes."""
    options = call.options("dcgb:v:t:T:s:e:G:pSf:DL")
    log = call.system.services.log
    if "c" in options:
        log.clear()
        return 0
    if "g" in options:
        await call.write("main: ring buffer is 256 KiB (0 B consumed), max entry is 5120 B\n")
        return 0
    lines = list(log)
    most = options.value("t")
    if most and most.isdecimal():
        lines = lines[-int(most) :]
    await call.write("--------- beginning of main\n" + "".join(f"{line}\n" for line in lines))
    if "d" not in options and not most:
        await asyncio.Event().wait()
    return 0


async def log(call: Call) -> int:
    """Write a line into the log."""
    options = call.options("p:t:")
    level = (options.value("p") or "i").upper()[:1]
    tag = options.value("t") or "log"
    pid = call.invocation.process.pid
    seconds = call.system.clock.now_ns() / 1e9
    text = f"{seconds:12.3f} {pid:5} {pid:5} {level} {tag:<8}: {' '.join(options.operands)}"
    call.system.services.log.append(text)
    return 0


async def dmesg(call: Call) -> int:
    """Refuse: the kernel's log is not for adb's shell."""
    await call.complain("klogctl: Permission denied")
    return 1
