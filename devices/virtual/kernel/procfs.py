"""The files that the kernel shows under /proc: time, load, memory."""

from typing import TYPE_CHECKING

from devices.virtual.kernel.node import KernelFile

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

_TICK_NS = 10_000_000  # USER_HZ is 100


def proc_files(_like: "Machine") -> dict[str, KernelFile]:
    """Return /proc/stat, uptime, loadavg and meminfo."""
    return {
        "/proc/stat": KernelFile(lambda machine: _stat(machine).encode()),
        "/proc/uptime": KernelFile(lambda machine: _uptime(machine).encode()),
        "/proc/loadavg": KernelFile(lambda machine: _loadavg(machine).encode()),
        "/proc/meminfo": KernelFile(lambda machine: _meminfo(machine).encode()),
    }


def _stat(machine: "Machine") -> str:
    rows = [_cpu_row(f"cpu{cpu}", [busy], machine.now_ns) for cpu, busy in _busy(machine)]
    everyone = [busy for _, busy in _busy(machine)]
    switches = sum(tally.changes for tally in machine.counters.tallies)
    return "\n".join(
        [
            _cpu_row("cpu ", everyone, machine.now_ns),
            *rows,
            f"ctxt {machine.now_ns // 400_000 + switches}",
            "btime 1600000000",
            f"processes {2000 + machine.now_ns // 5_000_000_000}",
            "procs_running 1",
            "procs_blocked 0\n",
        ]
    )


def _busy(machine: "Machine") -> list[tuple[int, float]]:
    busy_ns = machine.counters.busy_ns
    return [(cpu, busy_ns[cpu]) for cpu in machine.chip.online]


def _cpu_row(name: str, busy_ns: list[float], now_ns: int) -> str:
    """user nice system idle iowait irq softirq steal guest guest_nice, in ticks."""
    busy = round(sum(busy_ns) / _TICK_NS)
    system = busy // 8
    idle = max(0, len(busy_ns) * now_ns // _TICK_NS - busy)
    return f"{name} {busy - system} 0 {system} {idle} 0 0 0 0 0 0"


def _uptime(machine: "Machine") -> str:
    busy_s = sum(machine.counters.busy_ns) / 1e9
    up_s = machine.now_ns / 1e9
    return f"{up_s:.2f} {max(0.0, up_s * machine.chip.cpu_count - busy_s):.2f}\n"


def _loadavg(machine: "Machine") -> str:
    one, five, fifteen = machine.counters.load
    running = 1 + len(machine.load.lanes)
    return f"{one:.2f} {five:.2f} {fifteen:.2f} {running}/1893 {4000 + running}\n"


def _meminfo(machine: "Machine") -> str:
    memory = machine.spec.memory
    available_kb = machine.moment.memory_kb
    rows = {
        "MemTotal": memory.total_kb,
        "MemFree": available_kb // 4,
        "MemAvailable": available_kb,
        "Buffers": memory.total_kb // 400,
        "Cached": available_kb * 3 // 5,
        "SwapCached": 0,
        "SwapTotal": memory.total_kb // 4,
        "SwapFree": memory.total_kb // 4,
    }
    return "".join(f"{name + ':':<15} {kb:>8} kB\n" for name, kb in rows.items())
