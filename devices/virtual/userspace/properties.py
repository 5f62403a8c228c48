"""Android's system properties: names and texts, some of which can be set only once."""

from collections.abc import Iterator, Mapping

MAX_VALUE = 92  # [bytes] of a property that can change
_SHELL_MAY_SET = ("debug.", "log.", "persist.log.", "sys.usb.config", "vendor.debug.")
_ROOT = 0


class PropertyRefused(Exception):
    """A property that this user cannot set to this value."""


class Properties:
    """One phone's properties."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(sorted(self._values.items()))

    def get(self, name: str) -> str:
        """Return a value, "" if there is none, as getprop does."""
        return self._values.get(name, "")

    def put(self, name: str, value: str) -> None:
        """Set a value as the system itself does, at boot and whenever a service likes."""
        self._values[name] = value

    def set(self, name: str, value: str, uid: int) -> None:
        """Set a value as a user.

        Raises:
            PropertyRefused: for one that is read-only, too long or not this user's.
        """
        is_allowed = uid == _ROOT or name.startswith(_SHELL_MAY_SET)
        is_fixed = name.startswith("ro.") and name in self._values
        is_long = len(value.encode()) >= MAX_VALUE and not name.startswith("ro.")
        if not name or not is_allowed or is_fixed or is_long:
            raise PropertyRefused(f"failed to set property '{name}' to '{value}'")
        self._values[name] = value
