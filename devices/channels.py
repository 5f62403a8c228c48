"""A channel is one named signal with a unit; raw integers travel, SI is what people see."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """The SI units that a channel may be in once its exponent is applied."""

    CELSIUS = "°C"
    HERTZ = "Hz"
    WATT = "W"
    VOLT = "V"
    AMPERE = "A"
    JOULE = "J"
    SECOND = "s"
    BYTE = "B"
    BIT_PER_SECOND = "bit/s"
    ONE = "1"  #: counts, indexes, states, shares


@dataclass(frozen=True, slots=True)
class Channel:
    """One named signal of a trial; `raw * 10**exp` is its value in `unit`."""

    name: str  # cpu.big.frequency, zone.skin.temperature, battery.current, inference.latency
    unit: Unit
    exp: int  # -3 for m°C, 3 for kHz, -6 for µs
    source: str = ""  # what the agent calls it: thermal:skin, cluster4.cur_khz
