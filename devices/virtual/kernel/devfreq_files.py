"""The files under /sys/class/devfreq: memory and GPU, each in its own unit."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.bw_hwmon import BwHwmon
from devices.virtual.kernel.counters import Tally
from devices.virtual.kernel.devfreq import Domain
from devices.virtual.kernel.node import Node, constant, text, whole, writable

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

DEVFREQ = "/sys/class/devfreq"
_WRITABLE = ("governor", "min_freq", "max_freq")
_HWMON = ("guard_band_mbps", "decay_rate", "io_percent", "up_thres", "up_scale", "hist_memory")


def devfreq_nodes(machine: "Machine") -> dict[str, Node]:
    """Return the files of every devfreq device."""
    nodes: dict[str, Node] = {}
    for i, domain in enumerate(machine.chip.domains):
        files = domain_nodes(machine, i, domain)
        nodes.update({f"{DEVFREQ}/{domain.node}/{name}": node for name, node in files.items()})
    return nodes


def domain_nodes(machine: "Machine", i: int, domain: Domain) -> dict[str, Node]:
    """Return the files of one device; `i` is its place among memory and GPU."""
    listed = domain.steps[::-1] if domain is _gpu(machine) else domain.steps
    tally = len(machine.chip.policies) + i
    reads: dict[str, Callable[[], object]] = {
        "name": constant(domain.node),
        "cur_freq": lambda: domain.steps[machine.moment.domains[i]],
        "target_freq": lambda: domain.steps[domain.point],
        "min_freq": lambda: domain.wish.low,
        "max_freq": lambda: domain.limit,
        "governor": lambda: domain.wish.governor,
        "available_governors": constant(" ".join(domain.governors)),
        "available_frequencies": constant("".join(f"{step} " for step in listed)),
    }
    nodes = {name: text(read) for name, read in reads.items()}
    nodes["trans_stat"] = Node(
        lambda: _trans_stat(domain, machine.moment.domains[i], machine.counters.tallies[tally])
    )
    for name in _WRITABLE:
        nodes[name] = writable(reads[name], partial(_write, machine, domain, name))
    nodes["userspace/set_freq"] = _set_freq(machine, domain)
    nodes["polling_interval"] = _number(machine, domain.tunables, "polling_interval")
    if "bw_hwmon" in domain.governors:
        hwmon = domain.tunables.hwmon
        nodes.update({f"bw_hwmon/{name}": _number(machine, hwmon, name) for name in _HWMON})
    return nodes


def _gpu(machine: "Machine") -> Domain | None:
    return machine.chip.gpu.domain if machine.chip.gpu else None


def _write(machine: "Machine", domain: Domain, name: str, word: str) -> None:
    machine.actuate(domain, lambda now_ns: domain.write(name, word, now_ns))


def _set_freq(machine: "Machine", domain: Domain) -> Node:
    """Return the clock that userspace wants, a file that comes and goes with that governor."""

    return writable(
        lambda: domain.wish.setspeed,
        partial(_write, machine, domain, "set_freq"),
        lambda: domain.wish.governor == "userspace",
    )


def _number(machine: "Machine", owner: object | BwHwmon, name: str) -> Node:
    def write(word: str) -> None:
        value = whole(word)
        machine.written()
        setattr(owner, name, max(value, 1))

    return writable(lambda: getattr(owner, name), write)


def _trans_stat(domain: Domain, present: int, tally: Tally) -> bytes:
    """Print the kernel's table: from each row to each column, and the time there [ms]."""
    steps = domain.steps
    head = "".join(f"{step:>10}" for step in steps)
    lines = ["     From  :   To", f"           :{head}   time(ms)"]
    for row, step in enumerate(steps):
        star = "*" if row == present else " "
        moves = "".join(f"{tally.moves.get((row, column), 0):>10}" for column in range(len(steps)))
        lines.append(f"{star}{step:>10}:{moves}{tally.ns[row] // 1_000_000:>10}")
    return "\n".join([*lines, f"Total transition : {tally.changes}\n"]).encode()
