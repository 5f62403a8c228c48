"""The words of the agent protocol: limits, units, errors and the greeting."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devices.channels import Unit
from devices.errors import (
    DeviceError,
    LaneEndedError,
    StableDeviceError,
    TransientDeviceError,
    WorkloadError,
)

PROTOCOL = 1

MAX_COMMAND_BYTES = 16 * 1024  # host -> agent, one line; a security limit
MAX_LINE_BYTES = 64 * 1024  # agent -> host, one line; a security limit
DATA_LINE_BYTES = 16 * 1024  # the agent closes a data line here
MAX_BAD_FRAMES = 10  # so many unreadable lines close a connection
KEPT_ACKS = 64  # a repeated command is answered from these
DATA_INTERVAL_S = 0.2  # of host time: how long rows wait for company
LATE_S = 5 * DATA_INTERVAL_S  # of host time: an agent that late tells it

HELLO_TIMEOUT_S = 10.0  # host time; the end of the stream tells a missing agent earlier
ACK_TIMEOUT_S = 10.0  # host time; generous, because a busy machine is not a dead phone

FAST, SLOW, INFER, OPS = 0, 1, 2, 3  # numbers of the clock groups
GROUP_NAMES = {FAST: "fast", SLOW: "slow", INFER: "infer", OPS: "ops"}
ALL_CORES = 0  # a lane's `mask` that leaves the choice to the phone's scheduler

LOCKSTEP = "lockstep"  # capability: the phone's clock stands still while its owner thinks

FLAG_WARM_UP = 1
FLAG_FINISHED_LOCALLY = 2
FLAG_DEADLINE_MISSED = 4
FLAG_FIRST_AFTER_CHANGE = 8

#: How an integer on the wire becomes SI: value * 10**exp in the unit.
WIRE_UNITS: Mapping[str, tuple[Unit, int]] = {
    "ns": (Unit.SECOND, -9),
    "us": (Unit.SECOND, -6),
    "mC": (Unit.CELSIUS, -3),
    "kHz": (Unit.HERTZ, 3),
    "uA": (Unit.AMPERE, -6),
    "uV": (Unit.VOLT, -6),
    "mW": (Unit.WATT, -3),
    "uJ": (Unit.JOULE, -6),
    "kB": (Unit.BYTE, 3),
    "B": (Unit.BYTE, 0),
    "pm": (Unit.ONE, -3),
    "pct": (Unit.ONE, -2),
    "kbps": (Unit.BIT_PER_SECOND, 3),
    "1": (Unit.ONE, 0),
}

#: The columns of one inference after its start time: (name on the wire, unit on the wire).
INFER_COLUMNS: tuple[tuple[str, str], ...] = (
    ("lane", "1"),
    ("gen", "1"),
    ("mid", "1"),
    ("slot", "1"),
    ("q_us", "us"),
    ("lat_us", "us"),
    ("cpu_us", "us"),
    ("core", "1"),
    ("threads", "1"),
    ("top", "1"),
    ("err", "1"),
    ("flags", "1"),
    ("uj", "uJ"),
)
#: More of them in a trial with a peer; null where nothing was sent.
SPLIT_COLUMNS: tuple[tuple[str, str], ...] = (
    ("head_us", "us"),
    ("net_us", "us"),
    ("srv_us", "us"),
    ("srvq_us", "us"),
    ("tx", "B"),
    ("rx", "B"),
)

#: The columns of one segment of a planned inference after its start time. The clocks are those
#: that were asked for, each in the unit of its knob; -1 where the plan sets none.
OPS_COLUMNS: tuple[tuple[str, str], ...] = (
    ("op_lane", "1"),
    ("op_slot", "1"),
    ("op_seg", "1"),
    ("op_us", "us"),
    ("op_uj", "uJ"),
    ("op_core", "1"),
    ("op_mem", "1"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the error table: what an agent may answer, and what the host makes of it."""

    number: int
    code: str
    raises: type[DeviceError]


_PROBLEMS = (
    Problem(1, "bad_frame", TransientDeviceError),
    Problem(2, "unknown_cmd", StableDeviceError),
    Problem(3, "bad_arg", WorkloadError),
    Problem(4, "bad_seq", TransientDeviceError),
    Problem(5, "auth", StableDeviceError),
    Problem(6, "stale_fence", TransientDeviceError),
    Problem(7, "replaced", TransientDeviceError),
    Problem(8, "busy", TransientDeviceError),
    Problem(9, "no_model", WorkloadError),
    Problem(10, "no_blob", WorkloadError),
    Problem(11, "load_param", WorkloadError),
    Problem(12, "load_model", WorkloadError),
    Problem(13, "bad_digest", WorkloadError),
    Problem(14, "bad_shape", WorkloadError),
    Problem(15, "golden", WorkloadError),
    Problem(16, "affinity", StableDeviceError),
    Problem(17, "infer", WorkloadError),
    Problem(18, "connect", TransientDeviceError),
    Problem(19, "io", TransientDeviceError),
    Problem(20, "timeout", TransientDeviceError),
    Problem(21, "too_big", WorkloadError),
    Problem(22, "oom", WorkloadError),
    Problem(23, "no_space", TransientDeviceError),
    Problem(24, "thread", TransientDeviceError),
    Problem(25, "no_limits", StableDeviceError),
    Problem(26, "tripped", StableDeviceError),
    Problem(27, "host_silent", TransientDeviceError),
    Problem(28, "knob", StableDeviceError),
    Problem(29, "unsupported", StableDeviceError),
    Problem(30, "lane_ended", LaneEndedError),
)
PROBLEMS: Mapping[str, Problem] = {problem.code: problem for problem in _PROBLEMS}

EXIT_OK, EXIT_USAGE, EXIT_STDOUT_GONE, EXIT_NO_MEMORY, EXIT_SILENT, EXIT_TRIPPED = 0, 2, 3, 4, 5, 6


def refusal(code: str, message: str) -> DeviceError:
    """Return the exception that stands for an agent's error code; an unknown code is stable."""
    problem = PROBLEMS.get(code)
    raises = problem.raises if problem else StableDeviceError
    sentence = f"{message or 'the agent refused'} ({code})"
    if raises is WorkloadError:
        return WorkloadError(sentence, code=code)
    return raises(sentence, detail=code)


@dataclass(frozen=True, slots=True)
class Hello:
    """What an agent says first about itself."""

    kind: str
    build: str
    boot_id: str
    speed_pm: int  # device clock in ‰ of the host's
    caps: frozenset[str]
    state: str
    cpus: int
    ncnn: str
    isa: tuple[str, ...]
    sha256: str  # of the agent that runs

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> "Hello":
        """Read a `hello` line; another protocol version is a stable error."""
        if line.get("ev") != "hello" or line.get("proto") != PROTOCOL:
            raise StableDeviceError(
                f"expected an agent of protocol {PROTOCOL}, got {dict(line)!r:.200}"
            )
        return cls(
            kind=str(line.get("kind", "")),
            build=str(line.get("build", "")),
            boot_id=str(line.get("boot_id", "")),
            speed_pm=int(line.get("speed_pm", 1000)),
            caps=frozenset(line.get("caps", ())),
            state=str(line.get("state", "")),
            cpus=int(line.get("cpus", 0)),
            ncnn=str(line.get("ncnn", "")),
            isa=tuple(line.get("isa", ())),
            sha256=str(line.get("sha256", "")),
        )
