"""The files under /sys/devices/system/cpu: clusters, their clocks and who chooses them."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.governors import GOVERNORS
from devices.virtual.kernel.node import Node, constant, text, whole, writable

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

CPU = "/sys/devices/system/cpu"
_WRITABLE = ("scaling_governor", "scaling_max_freq", "scaling_min_freq", "scaling_setspeed")


def cpu_list(cpus: Iterable[int]) -> str:
    """Return CPUs in the kernel's list format: 0-3,8."""
    spans: list[list[int]] = []
    for cpu in sorted(cpus):
        if spans and spans[-1][1] == cpu - 1:
            spans[-1][1] = cpu
        else:
            spans.append([cpu, cpu])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in spans)


def cpu_nodes(machine: "Machine") -> dict[str, Node]:
    """Return the files of all CPUs and policies."""
    everyone = cpu_list(range(machine.chip.cpu_count))
    nodes = {f"{CPU}/{name}": text(lambda: everyone) for name in ("possible", "present", "online")}
    nodes[f"{CPU}/kernel_max"] = text(lambda: machine.chip.cpu_count - 1)
    for i, policy in enumerate(machine.chip.policies):
        files = _policy_nodes(machine, i, policy)
        capacity = machine.spec.clusters[i].capacity
        for name, node in files.items():
            nodes[f"{CPU}/cpufreq/policy{policy.cpus[0]}/{name}"] = node
        for cpu in policy.cpus:
            nodes.update({f"{CPU}/cpu{cpu}/cpufreq/{name}": node for name, node in files.items()})
            nodes[f"{CPU}/cpu{cpu}/cpu_capacity"] = text(constant(capacity))
            nodes[f"{CPU}/cpu{cpu}/online"] = text(constant(1))
            nodes[f"{CPU}/cpu{cpu}/topology/core_id"] = text(constant(cpu))
            nodes[f"{CPU}/cpu{cpu}/topology/physical_package_id"] = text(constant(0))
    return nodes


def _policy_nodes(machine: "Machine", i: int, policy: Policy) -> dict[str, Node]:
    blanks = " ".join(map(str, policy.cpus))
    quirks = machine.spec.quirks
    listed = policy.khz[::-1] if quirks.descending else policy.khz
    reads: dict[str, Callable[[], object]] = {
        "affected_cpus": constant(blanks),
        "related_cpus": constant(blanks),
        "cpuinfo_min_freq": constant(policy.khz[0]),
        "cpuinfo_max_freq": constant(policy.khz[-1]),
        "cpuinfo_cur_freq": lambda: policy.khz[machine.moment.points[i]],
        "cpuinfo_transition_latency": constant(policy.delay_ns),
        "scaling_available_frequencies": constant("".join(f"{khz} " for khz in listed)),
        "scaling_available_governors": constant("".join(f"{name} " for name in GOVERNORS)),
        "scaling_boost_frequencies": constant(""),
        "scaling_cur_freq": lambda: policy.khz[machine.moment.points[i]],
        "scaling_driver": constant(quirks.cpufreq_driver),
        "scaling_governor": lambda: policy.wish.governor,
        "scaling_max_freq": lambda: policy.limit,
        "scaling_min_freq": lambda: policy.wish.low,
        "scaling_setspeed": partial(_setspeed, policy),
        "stats/total_trans": lambda: machine.counters.tallies[i].changes,
    }
    nodes = {name: text(read) for name, read in reads.items()}
    nodes["stats/time_in_state"] = Node(lambda: _time_in_state(machine, i, policy))
    for name in _WRITABLE:
        nodes[name] = writable(reads[name], partial(_write, machine, policy, name))
    for governor, its in policy.governors.items():
        for name in its.tunables:
            nodes[f"{governor}/{name}"] = _tunable(machine, policy, governor, name)
    return nodes


def _setspeed(policy: Policy) -> object:
    return policy.wish.setspeed if policy.wish.governor == "userspace" else "<unsupported>"


def _time_in_state(machine: "Machine", i: int, policy: Policy) -> bytes:
    """One row per clock: kHz and hundredths of a second, idle time included."""
    rows = zip(policy.khz, machine.counters.tallies[i].ns, strict=True)
    return "".join(f"{khz} {ns // 10_000_000}\n" for khz, ns in rows).encode()


def _write(machine: "Machine", policy: Policy, name: str, word: str) -> None:
    machine.actuate(policy, lambda now_ns: policy.write(name, word, now_ns))


def _tunable(machine: "Machine", policy: Policy, governor: str, name: str) -> Node:
    """Return a number of a governor, which is there only while the governor is."""
    tunables = policy.governors[governor].tunables

    def write(word: str) -> None:
        value = whole(word)
        machine.written()
        tunables[name] = value

    return writable(lambda: tunables[name], write, lambda: policy.wish.governor == governor)
