"""The files under /sys/class/devfreq: memory and GPU, each in its own unit."""

from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.devfreq import Domain
from devices.virtual.kernel.node import KernelFile, Read, constant, text, whole, writable

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

DEVFREQ = "/sys/class/devfreq"
_WRITABLE = ("governor", "min_freq", "max_freq")
_HWMON = ("guard_band_mbps", "decay_rate", "io_percent", "up_thres", "up_scale", "hist_memory")


def devfreq_files(like: "Machine") -> dict[str, KernelFile]:
    """Return the files of every devfreq device."""
    files: dict[str, KernelFile] = {}
    for i, domain in enumerate(like.chip.domains):
        its = domain_files(like, i)
        files.update({f"{DEVFREQ}/{domain.node}/{name}": file for name, file in its.items()})
    return files


def domain_files(like: "Machine", i: int) -> dict[str, KernelFile]:
    """Return the files of one device; `i` is its place among memory and GPU."""
    domain = like.chip.domains[i]
    steps = domain.steps
    listed = steps[::-1] if domain is _gpu(like) else steps
    reads: dict[str, Read] = {
        "name": constant(domain.node),
        "cur_freq": lambda machine: steps[machine.moment.domains[i]],
        "target_freq": lambda machine: steps[machine.chip.domains[i].point],
        "min_freq": lambda machine: machine.chip.domains[i].wish.low,
        "max_freq": lambda machine: machine.chip.domains[i].limit,
        "governor": lambda machine: machine.chip.domains[i].wish.governor,
        "available_governors": constant(" ".join(domain.governors)),
        "available_frequencies": constant("".join(f"{step} " for step in listed)),
    }
    files = {name: text(read) for name, read in reads.items()}
    files["trans_stat"] = KernelFile(partial(_trans_stat, i))
    for name in _WRITABLE:
        files[name] = writable(reads[name], partial(_write, i, name))
    files["userspace/set_freq"] = _set_freq(i)
    files["polling_interval"] = _number(partial(_tunables, i), "polling_interval")
    if "bw_hwmon" in domain.governors:
        files.update({f"bw_hwmon/{name}": _number(partial(_hwmon, i), name) for name in _HWMON})
    return files


def _gpu(like: "Machine") -> Domain | None:
    return like.chip.gpu.domain if like.chip.gpu else None


def _tunables(i: int, machine: "Machine") -> object:
    return machine.chip.domains[i].tunables


def _hwmon(i: int, machine: "Machine") -> object:
    return machine.chip.domains[i].tunables.hwmon


def _write(i: int, name: str, machine: "Machine", word: str) -> None:
    domain = machine.chip.domains[i]
    machine.actuate(domain, lambda now_ns: domain.write(name, word, now_ns))


def _set_freq(i: int) -> KernelFile:
    """Return the clock that userspace wants, a file that comes and goes with that governor."""

    return writable(
        lambda machine: machine.chip.domains[i].wish.setspeed,
        partial(_write, i, "set_freq"),
        lambda machine: machine.chip.domains[i].wish.governor == "userspace",
    )


def _number(owner: Read, name: str) -> KernelFile:
    """Return a number that something of a phone has under this name."""

    def write(machine: "Machine", word: str) -> None:
        value = whole(word)
        machine.written()
        setattr(owner(machine), name, max(value, 1))

    return writable(lambda machine: getattr(owner(machine), name), write)


def _trans_stat(i: int, machine: "Machine") -> bytes:
    """Print the kernel's table: from each row to each column, and the time there [ms]."""
    steps, present = machine.chip.domains[i].steps, machine.moment.domains[i]
    tally = machine.counters.tallies[len(machine.chip.policies) + i]
    head = "".join(f"{step:>10}" for step in steps)
    lines = ["     From  :   To", f"           :{head}   time(ms)"]
    for row, step in enumerate(steps):
        star = "*" if row == present else " "
        moves = "".join(f"{tally.moves.get((row, column), 0):>10}" for column in range(len(steps)))
        lines.append(f"{star}{step:>10}:{moves}{tally.ns[row] // 1_000_000:>10}")
    return "\n".join([*lines, f"Total transition : {tally.changes}\n"]).encode()
