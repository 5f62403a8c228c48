"""df, du, mount and sync."""

import stat as modes

from devices.virtual.userspace.applets.call import Call
from devices.virtual.userspace.mounts import MOUNTS

_BLOCK = 1024


async def df(call: Call) -> None:
    """Show how full the file systems are; of /data, what is left of this phone's quota."""
    options = call.options("HhkPtai")
    volume = call.system.root_files.volume
    total = volume.quota // _BLOCK
    used = total - volume.room // _BLOCK
    rows = [
        ("/dev/block/dm-0", 3_900_000, 3_880_000, "/"),
        ("/dev/block/dm-5", total, used, "/data"),
    ]
    wanted = [_mount_of(call.path(path)) for path in options.operands]
    lines = ["Filesystem       1K-blocks     Used Available Use% Mounted on\n"]
    for device, size, taken, place in rows:
        if wanted and place not in wanted:
            continue
        share = -(-100 * taken // size)
        lines.append(f"{device:<16}{size:>10} {taken:>8} {size - taken:>9} {share:>3}% {place}\n")
    await call.write("".join(lines))


def _mount_of(path: str) -> str:
    return "/data" if path.startswith(("/data", "/sdcard", "/storage")) else "/"


async def du(call: Call) -> None:
    """Add up the sizes of files."""
    options = call.options("akhmscxd:")
    for path in options.operands or (".",):
        kilobytes = await _usage(call, path, shows="s" not in options, lists_files="a" in options)
        if "s" in options:
            await call.write(f"{kilobytes}\t{path}\n")


async def _usage(call: Call, path: str, *, shows: bool, lists_files: bool) -> int:
    files = call.system.files
    try:
        stat = files.lstat(call.path(path))
    except OSError as error:
        await call.complain(f"{path}: {error.strerror}")
        return 0
    kilobytes = -(-stat.size // 4096) * 4
    is_directory = modes.S_ISDIR(stat.mode)
    if is_directory:
        try:
            names = files.listdir(call.path(path))
        except OSError as error:
            await call.complain(f"{path}: {error.strerror}")
            names = []
        for name in names:
            inner = f"{path.rstrip('/')}/{name}"
            kilobytes += await _usage(call, inner, shows=shows, lists_files=lists_files)
    if shows and (is_directory or lists_files):
        await call.write(f"{kilobytes}\t{path}\n")
    return kilobytes


async def mount(call: Call) -> int:
    """List what is mounted where; nothing can be mounted here."""
    if call.args:
        await call.complain("Operation not permitted")
        return 1
    lines = [f"{device} on {place} type {kind} ({how})\n" for device, place, kind, how in MOUNTS]
    await call.write("".join(lines))
    return 0


async def sync(call: Call) -> None:
    """Do nothing: everything is written at once."""
