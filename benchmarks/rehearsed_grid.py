"""Which pairs of clocks a rehearsal measures on one phone, or which clusters without root."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.catalog.base import Grid
from benchmarks.objections import Lacking
from benchmarks.policies.dvfs.stage import Mode
from devices.agent.link import AgentLink
from devices.errors import StableDeviceError
from devices.profile import Cluster, DeviceProfile

ANY_CORE = "0"  # a mask: the phone's scheduler chooses


@dataclass(frozen=True, slots=True)
class Point:
    """One setting to measure."""

    mask: str  # hex
    knobs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Points:
    """All settings, the fastest first: a phone that grows warm slows the slow ones least."""

    mode: Mode
    cluster: str
    core_khz: tuple[int, ...]  # ascending
    memory: tuple[int, ...]  # ascending, in the unit of its knob
    core_knob: str
    memory_knob: str
    in_order: tuple[Point, ...]  # as the points of a table
    governors: dict[str, Any] = field(default_factory=dict)

    @property
    def points(self) -> tuple[Point, ...]:
        """The points in the order of measuring."""
        return tuple(reversed(self.in_order))


def mode_of(grid: Grid, profile: DeviceProfile) -> Mode:
    """Return how clocks are handled on this phone.

    Raises:
        Lacking: if the spec wants to write clocks and the phone gives no root rights.
    """
    if grid.mode == "advisory":
        return "advisory"
    if profile.is_rooted and profile.clusters:
        return "root"
    if grid.mode == "root":
        raise Lacking(
            "benchmark.mode",
            f"{profile.serial}: mode = 'root' writes clocks, and this phone gives no root rights; "
            "use mode = 'advisory', which sets cores and pace only, or a rooted phone",
        )
    return "advisory"


def refuse_grid(grid: Grid, profile: DeviceProfile, caps: Collection[str] | None = None) -> None:
    """Refuse what this phone, or its agent with these capabilities, cannot do.

    caps: what the agent can; None before anybody has asked one

    Raises:
        StableDeviceError: before anything is pushed, with what would do.
    """
    mode_of(grid, profile)
    if grid.processor == "cpu":
        cluster_of(grid, profile)
    elif caps is not None and "gpu" not in caps:
        raise StableDeviceError(
            f"{profile.serial}: its agent computes on no GPU; take processor = 'cpu', or a phone "
            "whose GPU is known"
        )


def cluster_of(grid: Grid, profile: DeviceProfile) -> Cluster:
    """Return the cluster that the lane is kept on: the named one, else the fastest that fits.

    Raises:
        Lacking: if there is none, with the ones that there are.
    """
    fitting = [cluster for cluster in profile.clusters if len(cluster.cpus) >= grid.threads]
    if grid.cluster:
        fitting = [cluster for cluster in fitting if cluster.name == grid.cluster]
    if not profile.clusters:
        raise Lacking(
            "benchmark",
            f"{profile.serial}: nothing tells the clocks of its cores, so none can be planned; "
            "dvfs needs a phone whose cpufreq can be read",
        )
    if not fitting:
        known = ", ".join(f"{c.name} ({len(c.cpus)} cores)" for c in profile.clusters)
        wanted = grid.cluster or "cluster"
        raise Lacking(
            f"benchmark.{'cluster' if grid.cluster else 'threads'}",
            f"{profile.serial}: no {wanted} with {grid.threads} cores; there are: {known}. "
            "Choose another `cluster` or fewer `threads`",
        )
    return max(fitting, key=lambda cluster: cluster.max_khz)


def mask_of(cluster: Cluster) -> str:
    """Return a cluster's cores as the agent wants them."""
    return f"{sum(1 << cpu for cpu in cluster.cpus):x}"


def grid_of(link: AgentLink, profile: DeviceProfile, grid: Grid) -> Points:
    """Return what is to be measured on this phone."""
    if mode_of(grid, profile) == "advisory":
        return _advisory(grid, profile)
    name, thing, mask = _computing(grid, profile)
    listed = {knob["k"]: knob["values"] for knob in link.request("sensors")["knobs"]}
    core_knob = f"{thing}.set_khz"
    if core_knob not in listed:
        raise StableDeviceError(f"{profile.serial}: the agent may not write {core_knob}")
    cores = _spread([int(value) for value in listed[core_knob]], grid.cores)
    memory_knob, memory = _memory(listed, grid.memory)
    governors = {f"{thing}.gov": "userspace"}
    governors |= {"mem.gov": "userspace"} if memory_knob else {}
    points = [
        Point(mask, {core_knob: core} | ({memory_knob: level} if memory_knob else {}))
        for core in cores
        for level in memory
    ]
    return Points("root", name, cores, memory, core_knob, memory_knob, tuple(points), governors)


def _computing(grid: Grid, profile: DeviceProfile) -> tuple[str, str, str]:
    """Return what computes: its name, the first word of its knobs, and the cores it may use."""
    if grid.processor == "gpu":
        return "gpu", "gpu", ANY_CORE
    cluster = cluster_of(grid, profile)
    return cluster.name, f"cluster{cluster.policy}", mask_of(cluster)


def _advisory(grid: Grid, profile: DeviceProfile) -> Points:
    """One point per cluster that has room, by its top clock; a GPU leaves nothing to choose."""
    if grid.processor == "gpu":
        return Points("advisory", "gpu", (1,), (1,), "", "", (Point(ANY_CORE),))
    fitting = sorted(
        (c for c in profile.clusters if len(c.cpus) >= grid.threads), key=lambda c: c.max_khz
    )
    if not fitting:
        cluster_of(grid, profile)  # says what there is
    points = tuple(Point(mask_of(cluster)) for cluster in fitting)
    clocks = tuple(range(1, len(fitting) + 1))  # a place in line, no clock
    return Points("advisory", "any", clocks, (1,), "", "", points)


def _memory(listed: Mapping[str, Sequence[str]], most: int | None) -> tuple[str, tuple[int, ...]]:
    for knob, values in listed.items():
        if knob.startswith("mem.set_") and values:
            return knob, _spread([int(value) for value in values], most)
    return "", (1,)


def _spread(values: Sequence[int], most: int | None) -> tuple[int, ...]:
    """Return at most so many of the values, evenly spread, both ends among them."""
    ordered = sorted(set(values))
    if most is None or len(ordered) <= most:
        return tuple(ordered)
    if most == 1:
        return (ordered[-1],)
    step = (len(ordered) - 1) / (most - 1)
    return tuple(ordered[round(k * step)] for k in range(most))
