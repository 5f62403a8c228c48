"""root, unroot, remount and reboot: one line, and adbd or the phone starts again."""

from devices.virtual.adbd.socket import AdbSocket
from devices.virtual.adbd.target import Target


async def serve(target: Target, kind: str, socket: AdbSocket) -> None:
    """Answer `kind` as adbd does."""
    match kind:
        case "root" | "unroot":
            await socket.write(target.set_root(kind == "root").encode())
        case "remount":
            await socket.write(b"remount failed\n")
        case _:
            target.reboot()
