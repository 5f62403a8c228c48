"""The files under /sys/devices/system/cpu: clusters, their clocks and who chooses them."""

from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.governors import GOVERNORS
from devices.virtual.kernel.node import KernelFile, Read, constant, text, whole, writable

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

CPU = "/sys/devices/system/cpu"
_WRITABLE = ("scaling_governor", "scaling_max_freq", "scaling_min_freq", "scaling_setspeed")


def cpu_files(like: "Machine") -> dict[str, KernelFile]:
    """Return the files of all CPUs and policies."""
    files: dict[str, KernelFile] = {}
    for i, policy in enumerate(like.chip.policies):
        its = _policy_files(like, i)
        capacity = like.spec.clusters[i].capacity
        for name, file in its.items():
            files[f"{CPU}/cpufreq/policy{policy.cpus[0]}/{name}"] = file
        for cpu in policy.cpus:
            files.update({f"{CPU}/cpu{cpu}/cpufreq/{name}": file for name, file in its.items()})
            files[f"{CPU}/cpu{cpu}/cpu_capacity"] = text(constant(capacity))
    return files


def _policy_files(like: "Machine", i: int) -> dict[str, KernelFile]:
    policy, quirks = like.chip.policies[i], like.spec.quirks
    blanks, khz = " ".join(map(str, policy.cpus)), policy.khz
    listed = khz[::-1] if quirks.descending else khz
    reads: dict[str, Read] = {
        "affected_cpus": lambda machine: " ".join(map(str, _online(machine, i))),
        "related_cpus": constant(blanks),
        "cpuinfo_min_freq": constant(khz[0]),
        "cpuinfo_max_freq": constant(khz[-1]),
        "cpuinfo_cur_freq": lambda machine: (
            khz[machine.moment.points[i]] if _online(machine, i) else "<unknown>"
        ),
        "cpuinfo_transition_latency": constant(policy.delay_ns),
        "scaling_available_frequencies": constant("".join(f"{step} " for step in listed)),
        "scaling_available_governors": constant("".join(f"{name} " for name in GOVERNORS)),
        "scaling_boost_frequencies": constant(""),
        "scaling_cur_freq": lambda machine: khz[machine.moment.points[i]],
        "scaling_driver": constant(quirks.cpufreq_driver),
        "scaling_governor": lambda machine: machine.chip.policies[i].wish.governor,
        "scaling_max_freq": lambda machine: machine.chip.policies[i].limit,
        "scaling_min_freq": lambda machine: machine.chip.policies[i].wish.low,
        "scaling_setspeed": lambda machine: _setspeed(machine.chip.policies[i]),
        "stats/total_trans": lambda machine: machine.counters.tallies[i].changes,
    }
    files = {name: text(read) for name, read in reads.items()}
    files["stats/time_in_state"] = KernelFile(partial(_time_in_state, i))
    for name in _WRITABLE:
        files[name] = writable(reads[name], partial(_write, i, name))
    for governor, its in policy.governors.items():
        for name in its.tunables:
            files[f"{governor}/{name}"] = _tunable(i, governor, name)
    return files


def _online(machine: "Machine", i: int) -> list[int]:
    chip = machine.chip
    return [cpu for cpu in chip.policies[i].cpus if cpu not in chip.offline]


def _setspeed(policy: Policy) -> object:
    return policy.wish.setspeed if policy.wish.governor == "userspace" else "<unsupported>"


def _time_in_state(i: int, machine: "Machine") -> bytes:
    """One row per clock: kHz and hundredths of a second, idle time included."""
    rows = zip(machine.chip.policies[i].khz, machine.counters.tallies[i].ns, strict=True)
    return "".join(f"{khz} {ns // 10_000_000}\n" for khz, ns in rows).encode()


def _write(i: int, name: str, machine: "Machine", word: str) -> None:
    policy = machine.chip.policies[i]
    machine.actuate(policy, lambda now_ns: policy.write(name, word, now_ns))


def _tunable(i: int, governor: str, name: str) -> KernelFile:
    """Return a number of a governor, which is there only while the governor is."""

    def read(machine: "Machine") -> object:
        return machine.chip.policies[i].governors[governor].tunables[name]

    def write(machine: "Machine", word: str) -> None:
        value = whole(word)
        machine.written()
        machine.chip.policies[i].governors[governor].tunables[name] = value

    return writable(read, write, lambda machine: machine.chip.policies[i].wish.governor == governor)
