"""getprop and setprop."""

from devices.virtual.userspace.applets.call import AppletError, Call
from devices.virtual.userspace.properties import PropertyRefused


async def getprop(call: Call) -> None:
    """Print one property, or all as `[name]: [value]`."""
    operands = call.options("TZ").operands
    properties = call.system.properties
    if len(operands) > 2:
        raise AppletError('Max 2 arguments (see "getprop --help")')
    if not operands:
        await call.write("".join(f"[{name}]: [{value}]\n" for name, value in properties))
        return
    default = operands[1] if len(operands) == 2 else ""
    await call.write(f"{properties.get(operands[0]) or default}\n")


async def setprop(call: Call) -> None:
    """Set one property."""
    operands = call.options("").operands
    if len(operands) != 2:
        raise AppletError('Need 2 arguments (see "setprop --help")')
    try:
        call.system.properties.set(operands[0], operands[1], call.system.uid)
    except PropertyRefused as error:
        raise AppletError(str(error)) from None
