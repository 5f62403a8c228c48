"""How hot it got: the peak of the hottest zone, of the skin and of the battery."""

from collections.abc import Sequence

from benchmarks.analysis.metrics import Metric
from benchmarks.safety import PLAUSIBLE_C
from benchmarks.trace import Floats, Signal, Trace
from devices.sysfs.thermal import is_skin


def temperature_metrics(trace: Trace) -> Sequence[Metric]:
    """Return peak temperatures over the soak [°C]; the source names the zone."""
    zones = trace.matching("zone.", ".temperature")
    skins = _skins(trace, zones)
    batteries = trace.matching("battery.temperature", "")
    return (
        _peak("peak_temperature_c", zones, trace),
        _peak("peak_skin_c", skins, trace),
        _peak("peak_battery_c", batteries, trace),
    )


def _skins(trace: Trace, zones: Sequence[Signal]) -> tuple[Signal, ...]:
    """Return the zones named after the skin; where there is none, what Android takes for it."""
    named = tuple(zone for zone in zones if is_skin(zone.channel.name))
    told = {name for event in trace.events_of("baseline") for name in event.data.get("skins", ())}
    return named or tuple(zone for zone in zones if zone.channel.source in told)


def _peak(name: str, signals: Sequence[Signal], trace: Trace) -> Metric:
    peaks = [
        (float(values.max()), signal.channel.source)
        for signal in signals
        if (values := _plausible(signal.between(0.0, trace.duration_s))).size
    ]
    if not peaks:
        return Metric(name, None, "°C", "lower", "none", "no sensor")
    value, source = max(peaks)
    return Metric(name, value, "°C", "lower", source)


def _plausible(signal: Signal) -> Floats:
    values = signal.readings.values
    low, high = PLAUSIBLE_C
    plausible: Floats = values[(values > low) & (values < high) & (values != 0.0)]
    return plausible
