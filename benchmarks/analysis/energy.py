"""Energy per inference, with a label that says how far to trust it.

Notes:
    physics  the modelled power of a virtual phone, integrated over the soak
    rails    power meters on the phone's own rails, integrated
    gauge    current × voltage of the battery's fuel gauge, integrated; coarse, and only when the
             battery discharges (a negative current, as Android defines its sign)
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.analysis.latency import inferences
from benchmarks.analysis.metrics import Metric
from benchmarks.trace import Floats, Signal, Trace

CHARGING_A = 0.01  # a current above this enters the battery
_RAILS = ("rail.", ".power")


@dataclass(frozen=True, slots=True, eq=False)
class Power:
    """What the phone drew over time, and whose word that is."""

    source: str
    t_s: Floats
    watts: Floats


def energy_metric(trace: Trace) -> Metric:
    """Return `energy_mj`: energy of the whole phone over the soak ÷ its inferences."""
    count = inferences(trace).t_s.size
    if is_charging(trace):
        return _none("the battery was charging")
    power = _power(trace)
    if power is None or power.t_s.size < 2:
        return _none("no power meter, rail or fuel gauge")
    if not count:
        return _none("no inference", power.source)
    joules = float(np.trapezoid(power.watts, power.t_s))
    # Samples end up to one period before the soak does: scale to its full length.
    joules *= trace.duration_s / float(power.t_s[-1] - power.t_s[0])
    note = "whole phone, idle power included"
    return Metric("energy_mj", joules / count * 1000, "mJ", "lower", power.source, note)


def is_charging(trace: Trace) -> bool:
    """Return whether current entered the battery during the soak."""
    current = _soak(trace, "battery.current")
    if current is None:
        return False
    values = current.readings.values
    return bool(values.size) and float(np.median(values)) > CHARGING_A


def _none(why: str, source: str = "none") -> Metric:
    return Metric("energy_mj", None, "mJ", "lower", source, why)


def _soak(trace: Trace, name: str) -> Signal | None:
    signal = trace.get(name)
    return None if signal is None else signal.between(0.0, trace.duration_s)


def _power(trace: Trace) -> Power | None:
    """Return the most trusted power there is."""
    return _modelled(trace) or _rails(trace) or _gauge(trace)


def _modelled(trace: Trace) -> Power | None:
    signal = _soak(trace, "system.power")
    return None if signal is None else _of("physics", signal.readings)


def _of(source: str, known: Signal) -> Power | None:
    return Power(source, known.t_s, known.values) if known.t_s.size else None


def _rails(trace: Trace) -> Power | None:
    rails = [s.between(0.0, trace.duration_s).readings for s in trace.matching(*_RAILS)]
    rails = [rail for rail in rails if rail.t_s.size]
    if not rails:
        return None
    clock = rails[0].t_s
    watts = np.sum([np.interp(clock, rail.t_s, rail.values) for rail in rails], axis=0)
    return Power("rails", clock, watts)


def _gauge(trace: Trace) -> Power | None:
    current, voltage = _soak(trace, "battery.current"), _soak(trace, "battery.voltage")
    if current is None or voltage is None:
        return None
    drawn, volts = current.readings, voltage.readings
    if not drawn.t_s.size or not volts.t_s.size:
        return None
    watts = -drawn.values * np.interp(drawn.t_s, volts.t_s, volts.values)
    return Power("gauge", drawn.t_s, watts)
