"""Android's settings provider: three namespaces of names and texts."""

NAMESPACES = ("system", "secure", "global")
_DEFAULTS: dict[str, dict[str, str]] = {
    "system": {
        "screen_brightness": "102",
        "screen_brightness_mode": "0",
        "screen_off_timeout": "60000",
        "accelerometer_rotation": "0",
    },
    "secure": {"android_id": "5d1e0c2a9b7f4e63", "location_mode": "0"},
    "global": {
        "adb_enabled": "1",
        "airplane_mode_on": "0",
        "bluetooth_on": "0",
        "development_settings_enabled": "1",
        "low_power": "0",
        "stay_on_while_plugged_in": "0",
        "wifi_on": "1",
        "window_animation_scale": "1.0",
    },
}


class Settings:
    """One phone's settings."""

    def __init__(self) -> None:
        self._values = {namespace: dict(values) for namespace, values in _DEFAULTS.items()}

    def get(self, namespace: str, name: str) -> str | None:
        """Return a value, None if it is unset."""
        return self._values[namespace].get(name)

    def put(self, namespace: str, name: str, value: str) -> None:
        """Set a value."""
        self._values[namespace][name] = value

    def delete(self, namespace: str, name: str) -> bool:
        """Forget a value; return whether there was one."""
        return self._values[namespace].pop(name, None) is not None

    def items(self, namespace: str) -> list[tuple[str, str]]:
        """Return all values of a namespace by name."""
        return sorted(self._values[namespace].items())
