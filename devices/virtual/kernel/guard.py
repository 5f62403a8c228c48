"""Who watches the zones: the kernel's governors and the vendor's service, each at its own pace."""

from dataclasses import dataclass
from math import inf
from typing import Generic, NamedTuple

import numpy as np
from numpy.typing import NDArray

from devices.virtual.kernel.chip import Chip
from devices.virtual.kernel.cooling import actor_of
from devices.virtual.kernel.history import Moment
from devices.virtual.kernel.spec import PhoneSpec, Zone
from devices.virtual.kernel.thermal import Bound, CoolingDevice
from devices.virtual.kernel.vendor import Rule, rules_of
from devices.virtual.kernel.zone_governor import GovernedZone, PowerAllocator
from devices.virtual.kernel.zones import MS, Zones
from devices.virtual.physics.numbers import Many, N, least
from devices.virtual.physics.thermal import DIE, GPU, PerNode

_MARGIN_K = 15.0  # a zone this far below its lowest trip is not worth a look


@dataclass(slots=True)
class Watch:
    """One zone, what acts on it, and when it is looked at next."""

    zone: int
    rules: tuple[Rule | GovernedZone, ...]
    period_ns: int
    wake_c: float  # below this nothing can happen
    due_ns: int = 0

    def schedule(self, start_ns: int, step_ns: int) -> tuple[int, int]:
        """Return how many steps from `start_ns` on come before a look, and between two."""
        wait = max(0, -(-(self.due_ns - start_ns) // step_ns))
        return wait, -(-self.period_ns // step_ns)


class Looks(NamedTuple, Generic[N]):
    """When the vendor's service looks at its zone, and what it would do nothing about."""

    first: N  # after so many intervals …
    every: N  # … and then always after so many more
    shift_k: N  # its thresholds are moved up by this
    low_c: N  # from one of these readings to the other nothing is changed
    high_c: N


def room_k(limit_c: N, temps_c: PerNode[N]) -> N:
    """Return how far the chip is from a limit; at 0 or less somebody must look [K]."""
    return least(limit_c - temps_c[DIE], limit_c - temps_c[GPU])


class Guard:
    """Everything that caps clocks because of heat."""

    def __init__(
        self, spec: PhoneSpec, zones: Zones, cooling: tuple[CoolingDevice, ...], chip: Chip
    ) -> None:
        self.shift_k = 0.0  # all thresholds are moved up by this
        self._zones = zones
        names = [device.cluster for device in spec.cooling]
        devices = dict(zip(names, cooling, strict=True))
        self.governed: dict[int, GovernedZone] = {}  # by the index of the zone
        self._watches: list[Watch] = []
        self._vendor: Watch | None = None
        self._rules: tuple[Rule, ...] = ()  # the vendor's
        for i, zone in enumerate(spec.zones):
            if any(trip.cools for trip in zone.trips):
                self.governed[i] = _governed(zone, spec, chip, devices)
                self._watches.append(_kernel_watch(i, zone, self.governed[i]))
        if spec.vendor:
            self._rules = rules_of(spec.vendor, devices)
            zone_index, period_ns = zones.index(spec.vendor.zone), spec.vendor.poll_ms * MS
            self._vendor = Watch(zone_index, self._rules, period_ns, -273.0)
            self._watches.append(self._vendor)

    @property
    def is_active(self) -> bool:
        """True while anything is capped."""
        return any(rule.is_active for watch in self._watches for rule in watch.rules)

    def restart(self, now_ns: int) -> None:
        """Let every poll be due now, so that a run always meets the same phase."""
        for watch in self._watches:
            watch.due_ns = now_ns

    def keeps_time(self, stride_ns: int, moment: Moment) -> bool:
        """Whether every poll that may change something falls on a whole number of strides."""
        return not any(
            watch.period_ns % stride_ns and self._is_awake(watch, moment) for watch in self._watches
        )

    def _is_awake(self, watch: Watch, moment: Moment) -> bool:
        hottest_c = max(moment.temps_c[DIE], moment.temps_c[GPU])
        is_warm = hottest_c - self.shift_k >= watch.wake_c
        return is_warm or watch.rules[0].is_active

    @property
    def limit_c(self) -> float:
        """How warm the chip may become before a look of the kernel can change anything [°C]."""
        if self._zones.lost or self._zones.lies or self._is_governing:
            return -inf
        kernel = [watch.wake_c for watch in self._watches if watch is not self._vendor]
        return min(kernel, default=inf) + self.shift_k

    def looks(self, start_ns: int, step_ns: int) -> Looks[float] | None:
        """Return how the vendor's service looks, if there is one, at steps from `start_ns` on."""
        if self._vendor is None:
            return None
        first, every = self._vendor.schedule(start_ns, step_ns)
        low_c, high_c = self._quiet_c
        return Looks(float(first), float(every), self.shift_k, low_c, high_c)

    @property
    def _quiet_c(self) -> tuple[float, float]:
        bands = [rule.quiet_c for rule in self._rules]
        return max(low for low, _ in bands), min(high for _, high in bands)

    def is_stirred(self, now_ns: int, moment: Moment) -> bool:
        """Whether the vendor's service looks now, and may change something."""
        if self._vendor is None or now_ns < self._vendor.due_ns:
            return False
        read = self._zones.thermometers[self._vendor.zone]
        low_c, high_c = self._quiet_c
        return not low_c <= read(moment.temps_c, moment, now_ns) - self.shift_k <= high_c

    def readings(self, felt_c: Many, ages_ns: NDArray[np.int64], seeds: NDArray[np.uint64]) -> Many:
        """Return what the vendor's service would read on many phones of this type [°C]."""
        assert self._vendor is not None
        return self._zones.readings(self._vendor.zone, felt_c, ages_ns, seeds)

    @property
    def _is_governing(self) -> bool:
        return any(zone.is_active for zone in self.governed.values())

    def feels(self, temps_c: PerNode[N], part_w: tuple[N, ...]) -> N:
        """Return the true temperature where the vendor's service looks, the die's if there is
        none [°C].
        """
        if self._vendor is None:
            return temps_c[DIE]
        return self._zones.places[self._vendor.zone](temps_c, part_w)

    def sleep(self, start_ns: int, step_ns: int, count: int) -> None:
        """Go on as if polled at so many instants from `start_ns` on, in which all stayed calm."""
        for watch in self._watches:
            wait, every = watch.schedule(start_ns, step_ns)
            if wait < count:
                looked = wait + (count - 1 - wait) // every * every
                watch.due_ns = start_ns + looked * step_ns + watch.period_ns

    def poll(self, now_ns: int, moment: Moment) -> bool:
        """Let whatever is due look at its zone at the end of `moment`; return whether any did."""
        has_looked = False
        for watch in self._watches:
            if now_ns < watch.due_ns or watch.zone in self._zones.lost:
                continue
            watch.due_ns = now_ns + watch.period_ns
            if not self._is_awake(watch, moment):
                continue
            read = self._zones.thermometers[watch.zone]
            celsius = read(moment.temps_c, moment, now_ns) - self.shift_k
            for rule in watch.rules:
                rule.update(celsius)
            has_looked = True
        return has_looked


def _governed(
    zone: Zone, spec: PhoneSpec, chip: Chip, devices: dict[str, CoolingDevice]
) -> GovernedZone:
    """Return a zone with what may rule it: step_wise by all trips, power_allocator by two."""
    bounds = [
        Bound(trip.celsius, tuple(devices[name] for name in trip.cools))
        for trip in zone.trips
        if trip.cools
    ]
    passive = [trip for trip in zone.trips if trip.type == "passive"]
    control = passive[-1] if passive else next(trip for trip in zone.trips if trip.cools)
    actors = [actor_of(name, spec, chip, devices[name]) for name in control.cools]
    trips_c = [trip.celsius for trip in (passive or [control])]
    allocator = PowerAllocator(
        [trips_c[0], trips_c[-1]] if len(trips_c) > 1 else trips_c,
        actors,
        zone.sustainable_mw,
        zone.passive_ms,
    )
    return GovernedZone(zone.governor, bounds, allocator)


def _kernel_watch(index: int, zone: Zone, governed: GovernedZone) -> Watch:
    trips_c = [trip.celsius for trip in zone.trips if trip.cools or trip.type == "passive"]
    return Watch(index, (governed,), zone.passive_ms * MS, min(trips_c) - _MARGIN_K)
