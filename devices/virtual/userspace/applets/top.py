"""top: one picture of the process table."""

from devices.virtual.userspace.applets.call import Call, number
from devices.virtual.userspace.applets.owners import user_name

_TITLES = "  PID USER         PR  NI VIRT  RES  SHR S[%CPU] %MEM     TIME+ ARGS"
_INTERVAL_S = 3.0


async def top(call: Call) -> None:
    """Print pictures: -n says how many, -b without a terminal, -d how far apart.

    A virtual phone models the load of lanes, not that of processes: the whole CPU's share comes
    from /proc/stat, a process's own is shown as 0.0.
    """
    options = call.options("bHqn:d:m:o:p:s:k:u:O:")
    times = number(options.value("n") or "1")
    pause = float(options.value("d") or _INTERVAL_S)
    before = _ticks(call)
    for turn in range(times):
        if turn:
            await call.system.clock.wait_async(pause)
        now = _ticks(call)
        await call.write(_picture(call, _share(before, now), number(options.value("m") or "20")))
        before = now


def _ticks(call: Call) -> tuple[int, int]:
    """Return busy and all ticks of all CPUs since boot."""
    line = call.system.root_files.read("/proc/stat").decode().splitlines()[0]
    values = [int(word) for word in line.split()[1:]]
    idle = sum(values[3:5])
    return sum(values) - idle, sum(values)


def _share(before: tuple[int, int], now: tuple[int, int]) -> float:
    """Return how busy the CPUs were between two looks, or since boot at the first [1]."""
    busy, total = now[0] - before[0], now[1] - before[1]
    if total == 0:
        busy, total = now
    return busy / total if total else 0.0


def _picture(call: Call, share: float, rows: int) -> str:
    processes = list(call.system.processes)
    cores = call.system.cpu_count
    busy = round(100 * cores * share)
    facts = {}
    for line in call.system.root_files.read("/proc/meminfo").decode().splitlines():
        name, _, rest = line.partition(":")
        facts[name] = int(rest.split()[0])
    total, free = facts.get("MemTotal", 0), facts.get("MemFree", 0)
    lines = [
        f"Tasks: {len(processes)} total,   1 running, {len(processes) - 1:3} sleeping,"
        "   0 stopped,   0 zombie",
        f"  Mem: {total:8}K total, {total - free:8}K used, {free:8}K free,"
        f" {facts.get('Buffers', 0):8}K buffers",
        f" Swap: {facts.get('SwapTotal', 0):8}K total,        0K used,"
        f" {facts.get('SwapFree', 0):8}K free, {facts.get('Cached', 0):8}K cached",
        f"{100 * cores}%cpu {busy:3}%user   0%nice   0%sys {100 * cores - busy:3}%idle"
        "   0%iow   0%irq   0%sirq   0%host",
        _TITLES,
    ]
    for process in processes[-rows:]:
        share_of_memory = 100 * process.resident_kb / total if total else 0.0
        lines.append(
            f"{process.pid:5} {user_name(process.uid):<12} {20 + process.nice:2} {process.nice:3}"
            f" {process.virtual_kb // 1024:3}M {process.resident_kb // 1024:3}M   0M"
            f" S  0.0 {share_of_memory:6.1f}   0:00.00 {process.command_line}"
        )
    return "".join(f"{line}\n" for line in lines)
