"""Which sensors of a phone are read, and how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices.agent.link import AgentLink
from devices.agent.messages import FAST, SLOW
from devices.agent.naming import channel_of
from devices.profile import DeviceProfile

SLOW_READ_US = 2000  # a sensor that takes longer to read would delay the others
SLOW_HZ = 1.0
_SLOW_CLASSES = ("power:", "mem:")  # a fuel gauge refreshes about once per second


@dataclass(frozen=True, slots=True)
class Sensors:
    """What an agent can read, by the clock group that it belongs into."""

    groups: Mapping[int, tuple[str, ...]]
    values: Mapping[str, float]  # what they read just now, per channel, in SI

    @property
    def ids(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(sensor for group in self.groups.values() for sensor in group)

    @property
    def has_battery(self) -> bool:
        """Whether the battery's temperature is among them."""
        return "power:temp" in self.ids


def find_sensors(link: AgentLink, profile: DeviceProfile) -> Sensors:
    """Ask the agent what it can read; what cannot be read now is left out."""
    clusters = {cluster.policy: cluster.name for cluster in profile.clusters}
    groups: dict[int, list[str]] = {FAST: [], SLOW: []}
    values: dict[str, float] = {}
    for sensor in link.request("sensors")["sensors"]:
        name, raw = str(sensor["id"]), sensor.get("raw")
        if raw is None or sensor.get("quality") == "unreadable":
            continue
        groups[SLOW if _is_slow(name, int(sensor.get("read_us") or 0)) else FAST].append(name)
        channel = channel_of(name, str(sensor["unit"]), clusters)
        values[channel.name] = raw * sensor.get("mul", 1) * 10.0**channel.exp
    return Sensors({number: tuple(ids) for number, ids in groups.items()}, values)


def _is_slow(sensor: str, read_us: int) -> bool:
    return read_us > SLOW_READ_US or sensor.startswith(_SLOW_CLASSES)


def sample(link: AgentLink, sensors: Sensors, fast_hz: float) -> None:
    """Declare the clock groups of the trials to come."""
    for group, hertz in ((FAST, fast_hz), (SLOW, SLOW_HZ)):
        ids: Sequence[str] = sensors.groups[group]
        link.request("sample", g=group, period_us=round(1e6 / hertz), ids=list(ids))
