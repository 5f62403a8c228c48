"""What can go wrong with a phone, and whether trying again can help.

- DeviceError
  - TransientDeviceError: cable, adb, reboot; the same run may work later
    - LaneEndedError: a command came too late; the run itself is well
  - StableDeviceError: this phone lacks something; it will lack it tomorrow
  - WorkloadError: the phone is fine, the workload is not
"""


class DeviceError(Exception):
    """Something about a phone; the message names the thing, the value and the way out."""

    def __init__(self, message: str = "", *, detail: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())
        self.detail = detail


class TransientDeviceError(DeviceError):
    """The phone or its link went away; the same run may work later."""


class LaneEndedError(TransientDeviceError):
    """What was to be changed on the phone had ended by itself a moment before."""


class StableDeviceError(DeviceError):
    """The phone lacks something that this run needs."""


class WorkloadError(DeviceError):
    """The workload failed on a phone that is well."""

    def __init__(self, message: str = "", *, code: str = "", detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.code = code
