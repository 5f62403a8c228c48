"""Thermal zones: where a sensor sits, what it shows, and who looks at it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from devices.virtual.kernel.history import Moment
from devices.virtual.kernel.spec import PhoneSpec, Zone
from devices.virtual.physics.noise import normal, normals, seed_of
from devices.virtual.physics.numbers import Many, N, nearest, total
from devices.virtual.physics.thermal import NODES, PerNode, Temperatures

MS = 1_000_000
Lie = Callable[[float, int], float]  # (what it should show, t_ns) -> what it shows [°C]
NO_LIES: Mapping[str, Lie] = {}
Thermometer = Callable[[Temperatures, Moment, int], float]  # (nodes, interval, t_ns) -> [°C]


def thermometer(
    zone: Zone, clusters: Sequence[str], lies: Mapping[str, Lie] = NO_LIES
) -> Thermometer:
    """Return what a zone's sensor shows: place, offset, hot spot, noise and resolution.

    While `lies` holds something for this type, that is shown instead.
    """
    place = _place(zone, clusters)
    refresh_ns = zone.refresh_ms * MS
    salt = seed_of(zone.type)

    def read(temps: Temperatures, moment: Moment, t_ns: int) -> float:
        tick = (t_ns - moment.noise_ns) // refresh_ns
        draw = normal(moment.noise_seed ^ salt, tick) if zone.noise_c else 0.0
        shown_c = _shown(zone, place(temps, moment.part_w), draw)
        if lies and zone.type in lies:
            return lies[zone.type](shown_c, t_ns)
        return shown_c

    return read


def _shown(zone: Zone, true_c: N, draw: N) -> N:
    """Return what a sensor makes of the truth: noise and resolution [°C]."""
    return nearest((true_c + zone.noise_c * draw) / zone.step_c) * zone.step_c


class Place(Protocol):
    """The true temperature at a sensor."""

    def __call__(self, temps_c: PerNode[N], part_w: tuple[N, ...]) -> N:
        """Return it for these nodes and this power per cluster [°C]."""


def _place(zone: Zone, clusters: Sequence[str]) -> Place:
    weights = tuple((NODES.index(name), w) for name, w in zone.node.items())
    first, offset = weights[0][0], zone.offset_c
    k_w = zone.hot_k_w
    hot = None if zone.hot_part is None else clusters.index(zone.hot_part)

    def on_node(temps_c: PerNode[N], _part_w: tuple[N, ...]) -> N:
        return temps_c[first] + offset

    def at_cluster(temps_c: PerNode[N], part_w: tuple[N, ...]) -> N:
        assert hot is not None
        return temps_c[first] + offset + k_w * part_w[hot]

    def mixed(temps_c: PerNode[N], part_w: tuple[N, ...]) -> N:
        celsius = total([temps_c[i] * w for i, w in weights]) + offset
        return celsius if hot is None else celsius + k_w * part_w[hot]

    if len(weights) == 1 and weights[0][1] == 1.0:
        return cast(Place, on_node if hot is None else at_cluster)
    return mixed


class Zones:
    """All thermal zones of one phone, in the order of their indexes."""

    def __init__(self, spec: PhoneSpec) -> None:
        names = [cluster.name for cluster in spec.clusters]
        self.specs = spec.zones
        self.lies: dict[str, Lie] = {}  # what a broken sensor shows, by its zone's type
        self.thermometers = tuple(thermometer(zone, names, self.lies) for zone in spec.zones)
        self.places = tuple(_place(zone, names) for zone in spec.zones)
        self.lost: set[int] = set()

    def readings(
        self, index: int, true_c: Many, ages_ns: NDArray[np.int64], seeds: NDArray[np.uint64]
    ) -> Many:
        """Return what healthy sensors of many phones show, as their thermometers do [°C].

        Each phone's noise has a seed, and an age: how long ago its counting began.
        """
        zone = self.specs[index]
        ticks = (ages_ns // (zone.refresh_ms * MS)).astype(np.uint64)
        return _shown(zone, true_c, normals(seeds ^ np.uint64(seed_of(zone.type)), ticks))

    def index(self, kind: str) -> int:
        """Return the index of the first zone of a type; raises KeyError."""
        for i, zone in enumerate(self.specs):
            if zone.type == kind:
                return i
        raise KeyError(f"no thermal zone {kind!r}; there are: {', '.join(self.types())}")

    def types(self) -> tuple[str, ...]:
        """Return the types of all zones, in order."""
        return tuple(zone.type for zone in self.specs)

    def ids(self) -> tuple[str, ...]:
        """Return unique names: repeated types get #2, #3 in the order of their indexes."""
        seen: dict[str, int] = {}
        names = []
        for kind in self.types():
            name = kind.replace(" ", "_")
            seen[name] = seen.get(name, 0) + 1
            names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
        return tuple(names)
