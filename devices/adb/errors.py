"""What adb's error texts mean: one table from words to our errors, each with a way out."""

from devices.errors import DeviceError, StableDeviceError, TransientDeviceError

# words in the server's text, whose fault, what a person can do
_MEANINGS: tuple[tuple[str, type[DeviceError], str], ...] = (
    ("unauthorized", TransientDeviceError, "accept this computer on the phone's screen"),
    ("authenticate", TransientDeviceError, "accept this computer on the phone's screen"),
    ("offline", TransientDeviceError, "replug the phone, or wait until it is back"),
    ("no permissions", StableDeviceError, "install this computer's udev rules for Android"),
    ("not found", TransientDeviceError, "plug it in, or connect it again"),
    ("no such device", TransientDeviceError, "plug it in, or connect it again"),
    ("no devices", TransientDeviceError, "plug a phone in"),
    ("failed to connect", TransientDeviceError, "check that it listens there"),
    ("cannot connect", TransientDeviceError, "check that it listens there"),
    ("closed", TransientDeviceError, "the phone refused this service, or its link broke"),
)


def failure(text: str, asked: str) -> DeviceError:
    """Return the error for a text that an adb server gave when it was `asked` for something."""
    words = text.strip()
    lowered = words.lower()
    for mark, kind, remedy in _MEANINGS:
        if mark in lowered:
            return kind(f"adb says “{words}” to {asked}: {remedy}.", detail=words)
    return TransientDeviceError(f"adb says “{words}” to {asked}.", detail=words)


def unreachable(server: str, error: OSError) -> TransientDeviceError:
    """Return the error for an adb server that cannot be reached or keeps silent."""
    reason = "did not answer in time" if isinstance(error, TimeoutError) else str(error)
    return TransientDeviceError(f"adb server {server}: {reason}; is it running?", detail=reason)
