"""Android's users and groups by number, and `id` and `whoami`."""

from devices.virtual.userspace.applets.call import AppletError, Call

_NAMES = {
    0: "root",
    1000: "system",
    1001: "radio",
    1002: "bluetooth",
    1003: "graphics",
    1004: "input",
    1007: "log",
    1011: "adb",
    1013: "media",
    1015: "sdcard_rw",
    1028: "sdcard_r",
    1036: "logd",
    1078: "ext_data_rw",
    1079: "ext_obb_rw",
    2000: "shell",
    3001: "net_bt_admin",
    3002: "net_bt",
    3003: "inet",
    3006: "net_bw_stats",
    3009: "readproc",
    3011: "uhid",
}
_SHELL_GROUPS = (1004, 1007, 1011, 1015, 1028, 1078, 1079, 3001, 3002, 3003, 3006, 3009, 3011)
_FIRST_APP = 10_000


def user_name(uid: int) -> str:
    """Return a user's name; apps are `u0_aN`."""
    if uid >= _FIRST_APP:
        return f"u0_a{uid - _FIRST_APP}"
    return _NAMES.get(uid, str(uid))


def group_name(gid: int) -> str:
    """Return a group's name."""
    return user_name(gid)


def number_of(name: str) -> int:
    """Return the number of a user or group; AppletError if there is none."""
    if name.isdecimal() and name.isascii():
        return int(name)
    for number, known in _NAMES.items():
        if known == name:
            return number
    raise AppletError(f"bad user '{name}'")


async def whoami(call: Call) -> None:
    """Print the user's name."""
    await call.write(f"{user_name(call.system.uid)}\n")


async def id_(call: Call) -> None:
    """Print the user, its groups and its security context."""
    options = call.options("ugGnrZ")
    uid = call.system.uid
    groups = (uid, *_SHELL_GROUPS) if uid == 2000 else (uid,)
    context = "u:r:shell:s0" if uid == 2000 else "u:r:su:s0"
    shown = user_name if "n" in options else str
    if "u" in options or "g" in options:
        await call.write(f"{shown(uid)}\n")
    elif "G" in options:
        await call.write(" ".join(shown(group) for group in groups) + "\n")
    elif "Z" in options:
        await call.write(f"{context}\n")
    else:
        names = ",".join(f"{group}({group_name(group)})" for group in groups)
        name = user_name(uid)
        await call.write(f"uid={uid}({name}) gid={uid}({name}) groups={names} context={context}\n")
