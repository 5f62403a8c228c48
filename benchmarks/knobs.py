"""The knobs that a run asks for: set before it settles, read back, and told in its record."""

from collections.abc import Mapping
from typing import Any

from devices import knobs
from devices.errors import StableDeviceError
from devices.phone import Phone
from devices.profile import DeviceProfile


def set_knobs(phone: Phone, profile: DeviceProfile, wanted: Mapping[str, str]) -> dict[str, Any]:
    """Set knobs and return what each was to be and what it is; `restore` puts all of them back.

    The old values are noted on the phone itself before the first write, so that whoever meets it
    after a crash can undo it.

    Raises:
        StableDeviceError: without root, or for a knob or value that this phone does not have.
    """
    if not wanted:
        return {}
    if not profile.is_rooted:
        raise StableDeviceError(
            f"{phone.serial} gives no root rights, so no knob can be set: "
            f"take `knobs` ({', '.join(wanted)}) away, or choose a phone with root"
        )
    settings = knobs.write(phone, knobs.knobs_of(phone, profile), wanted)
    return {setting.name: {"want": setting.want, "got": setting.got} for setting in settings}
