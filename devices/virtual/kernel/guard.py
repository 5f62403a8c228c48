"""Who watches the zones: the kernel's governors and the vendor's service, each at its own pace."""

from dataclasses import dataclass

from devices.virtual.kernel.chip import Chip
from devices.virtual.kernel.cooling import actor_of
from devices.virtual.kernel.history import Moment
from devices.virtual.kernel.spec import PhoneSpec, Zone
from devices.virtual.kernel.thermal import Bound, CoolingDevice
from devices.virtual.kernel.vendor import Rule, rules_of
from devices.virtual.kernel.zone_governor import GovernedZone, PowerAllocator
from devices.virtual.kernel.zones import MS, Zones
from devices.virtual.physics.thermal import DIE, GPU

_MARGIN_K = 15.0  # a zone this far below its lowest trip is not worth a look


@dataclass(slots=True)
class Watch:
    """One zone, what acts on it, and when it is looked at next."""

    zone: int
    rules: tuple[Rule, ...]
    period_ns: int
    wake_c: float  # below this nothing can happen
    due_ns: int = 0


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
        for i, zone in enumerate(spec.zones):
            if any(trip.cools for trip in zone.trips):
                self.governed[i] = _governed(zone, spec, chip, devices)
                self._watches.append(_kernel_watch(i, zone, self.governed[i]))
        if spec.vendor:
            rules = rules_of(spec.vendor, devices)
            zone_index = zones.index(spec.vendor.zone)
            self._watches.append(Watch(zone_index, rules, spec.vendor.poll_ms * MS, -273.0))

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
