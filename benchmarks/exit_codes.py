"""What an ending means to whoever reads the exit code of `python -m benchmarks`."""

from collections.abc import Iterable, Mapping

from benchmarks.imports.imported import NotImportable
from benchmarks.naming import UnknownName
from benchmarks.onnx.model import OnnxError
from benchmarks.preparation import NotSettled
from benchmarks.safety import SafetyStop
from benchmarks.specs import SpecError
from benchmarks.uploads.checked import UploadError
from devices.errors import DeviceError, StableDeviceError, TransientDeviceError, WorkloadError

OK, USAGE, INFRASTRUCTURE, INVALID, BENCHMARK, SAFETY = 0, 2, 3, 4, 5, 6
TIMEOUT, CANCELLED = 124, 130
_WORST_FIRST = (SAFETY, BENCHMARK, INFRASTRUCTURE, TIMEOUT, USAGE, INVALID)

#: The first match counts.
EXIT_CODES: Mapping[type[BaseException], int] = {
    SpecError: USAGE,
    UnknownName: USAGE,
    NotImportable: USAGE,
    UploadError: USAGE,
    OnnxError: USAGE,
    NotSettled: TIMEOUT,
    SafetyStop: SAFETY,
    WorkloadError: BENCHMARK,
    StableDeviceError: USAGE,
    TransientDeviceError: INFRASTRUCTURE,
    DeviceError: INFRASTRUCTURE,
    KeyboardInterrupt: CANCELLED,
}


def code_of(error: BaseException) -> int:
    """Return the exit code of one of `EXIT_CODES`."""
    return next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind))


def worst(codes: Iterable[int]) -> int:
    """Return the code that counts among those of many runs."""
    found = set(codes)
    return next((code for code in _WORST_FIRST if code in found), OK)
