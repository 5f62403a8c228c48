"""The kernel's way to write down which CPUs are meant."""

from collections.abc import Iterable


def cpu_list(cpus: Iterable[int]) -> str:
    """Return CPUs in the kernel's list format: 0-3,8."""
    spans: list[list[int]] = []
    for cpu in sorted(cpus):
        if spans and spans[-1][1] == cpu - 1:
            spans[-1][1] = cpu
        else:
            spans.append([cpu, cpu])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in spans)
