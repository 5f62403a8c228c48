"""uname, hostname, nproc, free, and what is always true, false or the same."""

from devices.virtual.userspace.applets.call import AppletError, Call

_SDK_WITH_SYSTEM_NAME = 31  # `uname -a` of older ones ends with the machine
_KERNEL = "/proc/sys/kernel"


def kernel_fact(call: Call, name: str) -> str:
    """Return one line of /proc/sys/kernel."""
    return call.system.root_files.read(f"{_KERNEL}/{name}").decode().strip()


async def uname(call: Call) -> None:
    """Name the kernel."""
    options = call.options("asnrvmo", long={"all": "a", "machine": "m", "kernel-release": "r"})
    fields = {
        "s": kernel_fact(call, "ostype"),
        "n": kernel_fact(call, "hostname"),
        "r": kernel_fact(call, "osrelease"),
        "v": kernel_fact(call, "version"),
        "m": call.system.machine_name,
        "o": "Android",
    }
    everything = "snrvmo" if call.system.sdk >= _SDK_WITH_SYSTEM_NAME else "snrvm"
    letters = [letter for letter in "snrvmo" if letter in options] or ["s"]
    if "a" in options:
        letters = list(everything)
    await call.write(" ".join(fields[letter] for letter in letters) + "\n")


async def hostname(call: Call) -> None:
    """Print the phone's name in networks."""
    if call.options("sfdby").operands:
        raise AppletError("set failed: Operation not permitted")
    await call.write(f"{kernel_fact(call, 'hostname')}\n")


async def nproc(call: Call) -> None:
    """Count CPUs."""
    await call.write(f"{call.system.online_count}\n")


async def free(call: Call) -> None:
    """Show memory."""
    options = call.options("bkmgh")
    unit = next((size for letter, size in _UNITS.items() if letter in options), 1)
    facts = {}
    for line in call.system.root_files.read("/proc/meminfo").decode().splitlines():
        name, _, rest = line.partition(":")
        facts[name] = int(rest.split()[0]) * 1024 // unit
    total, unused = facts.get("MemTotal", 0), facts.get("MemFree", 0)
    buffers, cached = facts.get("Buffers", 0), facts.get("Cached", 0)
    used = total - unused
    swap, swap_free = facts.get("SwapTotal", 0), facts.get("SwapFree", 0)
    titles = ("total", "used", "free", "shared", "buffers")
    await call.write("\t" + "".join(f"{title:>16}" for title in titles) + "\n")
    rows = (
        ("Mem:", (total, used, unused, facts.get("Shmem", 0), buffers)),
        ("-/+ buffers/cache:", (used - buffers - cached, unused + buffers + cached)),
        ("Swap:", (swap, swap - swap_free, swap_free)),
    )
    for name, values in rows:
        await call.write(f"{name:<8}" + "".join(f"{value:>16}" for value in values) + "\n")


_UNITS = {"k": 1024, "m": 1 << 20, "g": 1 << 30}


async def true(_call: Call) -> int:
    """Succeed."""
    return 0


async def false(_call: Call) -> int:
    """Fail."""
    return 1


async def yes(call: Call) -> int:
    """Say the same until nobody listens any more."""
    line = (" ".join(call.args) or "y") + "\n"
    while True:
        await call.write(line * 512)


async def clear(call: Call) -> None:
    """Clear the screen."""
    await call.write("\x1b[2J\x1b[H")
