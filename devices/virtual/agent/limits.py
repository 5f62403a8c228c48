"""The agent's own safety rules, which hold whatever the host says; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from devices.virtual.agent.body import Refused

Reader = Callable[[str], int | None]

BATTERY = "power:temp"
CHECK_NS = 500_000_000  # limit sensors are looked at this often [ns of device time]
_NS_PER_MS = 1_000_000
_FEED_VALID_NS = 10_000_000_000
_VOLTAGE = "power:voltage"
_CELL_UV = 3_850_000  # of a cell that is neither full nor empty
_RELEASE_MC = 3_000  # so far below its limit a temperature must be before a trip is cleared
_FED_NAMES = {"feed:battery_temp": BATTERY}


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit: its source, which side is dangerous, and the value [wire unit of the source]."""

    id: str
    kind: str  # ge, le or blind
    src: str
    v: int


#: Compiled in; `limits` can tighten these and add others, never loosen them.
COMPILED = (
    Rule("bat", "ge", BATTERY, 48_000),
    Rule("skin", "ge", "thermal:skin", 48_000),
    Rule("level", "le", "power:level", 8),
    Rule("volt", "ge", _VOLTAGE, 4_450_001),
    Rule("blind", "blind", BATTERY, 10_000),
)


@dataclass(frozen=True, slots=True)
class Trip:
    """A limit that was hit, with the value that hit it."""

    rule: Rule
    value: int | None


class Guard:
    """Watches the limits of one phone."""

    def __init__(self, sensors: Sequence[str], *, may_loosen: bool = False) -> None:
        self._may_loosen = may_loosen
        self._has_battery = BATTERY in sensors
        skin = next((sensor for sensor in sensors if _is_skin(sensor)), "thermal:skin")
        self._rules = {rule.id: rule for rule in COMPILED}
        self._rules["skin"] = replace(self._rules["skin"], src=skin)
        self._fed: dict[str, tuple[int, int]] = {}
        self._seen_ns: int | None = None
        self._due_ns = 0
        self.trip: Trip | None = None

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules in force."""
        return [
            {"id": rule.id, "kind": rule.kind, "src": rule.src, "v": rule.v}
            for rule in self._rules.values()
        ]

    def feed(self, sensor: str, value: int, now_ns: int) -> None:
        """Take a value that the host has measured; it counts for 10 s."""
        self._fed[_FED_NAMES.get(sensor, sensor)] = (value, now_ns)

    def tighten(self, wanted: Sequence[Mapping[str, Any]]) -> None:
        """Add or tighten rules, all or none."""
        rules = dict(self._rules)
        for entry in wanted:
            rule = _rule(entry)
            present = rules.get(rule.id)
            if present and not self._may_loosen and _is_looser(rule, present):
                raise Refused("bad_arg", f"limit {rule.id} can only be tightened from {present.v}")
            rules[rule.id] = rule
        self._rules = rules

    def clear(self, read: Reader, now_ns: int) -> None:
        """Forget a trip once its value is well below the limit."""
        if self.trip is None:
            return
        rule = self.trip.rule
        value = self._value(rule.src, read, now_ns)
        margin = _RELEASE_MC if rule.src == BATTERY or rule.src.startswith("thermal:") else 0
        if rule.kind == "ge" and (value is None or value > rule.v - margin):
            raise Refused("tripped", f"{rule.src} is {value}, must be below {rule.v - margin}")
        self.trip = None

    def allow_start(self, read: Reader, now_ns: int, *, without_sensors: bool) -> None:
        """Refuse a start that nobody could watch over."""
        if self.trip is not None:
            raise Refused("tripped", f"limit {self.trip.rule.id} was hit; clear it first")
        if self._value(BATTERY, read, now_ns) is not None:
            self._seen_ns = now_ns
        elif self._has_battery or not without_sensors:
            raise Refused("no_limits", "no valid battery temperature, neither read nor fed")

    def check(self, read: Reader, now_ns: int, *, is_loaded: bool) -> Trip | None:
        """Return the limit that was hit since the last look, at most once per trip."""
        if not is_loaded or self.trip is not None or now_ns < self._due_ns:
            return None
        self._due_ns = now_ns + CHECK_NS
        for rule in self._rules.values():
            value = self._value(rule.src, read, now_ns)
            if self._is_hit(rule, value, now_ns):
                self.trip = Trip(rule, value)
                return self.trip
        return None

    def _is_hit(self, rule: Rule, value: int | None, now_ns: int) -> bool:
        if rule.kind == "blind":
            return self._is_blind(rule, value, now_ns)
        if value is None:
            return False
        return value >= rule.v if rule.kind == "ge" else value <= rule.v

    def _is_blind(self, rule: Rule, value: int | None, now_ns: int) -> bool:
        if value is not None:
            self._seen_ns = now_ns
        if self._seen_ns is None:  # started without sensors: there is nothing to go blind
            return False
        return now_ns - self._seen_ns > rule.v * _NS_PER_MS

    def _value(self, sensor: str, read: Reader, now_ns: int) -> int | None:
        fed = self._fed.get(sensor)
        value = fed[0] if fed and now_ns - fed[1] < _FEED_VALID_NS else read(sensor)
        is_temperature = sensor == BATTERY or sensor.startswith("thermal:")
        if is_temperature and value is not None and not _is_plausible(value):
            return None
        return _per_cell(value) if sensor == _VOLTAGE and value is not None else value


def _is_skin(sensor: str) -> bool:
    return sensor.startswith("thermal:") and "skin" in sensor


def _per_cell(pack_uv: int) -> int:
    """Return the voltage of one cell of a pack whose number of cells is not told."""
    return pack_uv // max(1, round(pack_uv / _CELL_UV))


def _is_plausible(value_mc: int) -> bool:
    return -40_000 < value_mc < 125_000 and value_mc != 0


def _is_looser(rule: Rule, present: Rule) -> bool:
    if (rule.kind, rule.src) != (present.kind, present.src):
        return True
    return rule.v < present.v if rule.kind == "le" else rule.v > present.v


def _rule(entry: Mapping[str, Any]) -> Rule:
    try:
        rule = Rule(str(entry["id"]), str(entry["kind"]), str(entry["src"]), entry["v"])
    except KeyError as error:
        raise Refused("bad_arg", f"a rule needs {error}") from error
    if rule.kind not in ("ge", "le", "blind") or type(rule.v) is not int:
        raise Refused("bad_arg", f"rule {rule.id} must be ge, le or blind with an integer v")
    return rule
