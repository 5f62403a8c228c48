"""Whether a run may be believed: a verdict with its reasons as data."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from benchmarks.analysis.energy import is_charging
from benchmarks.analysis.latency import inferences
from benchmarks.analysis.odd_sensors import odd_sensors
from benchmarks.trace import Signal, Trace
from devices.samples import Event
from devices.sysfs.thermal import is_skin

FEWEST_INFERENCES = 30
FAILED_SHARE = 0.01  # more failed inferences than this make a run invalid
LOST_SHARE = 0.01  # more missing rows than this make a run invalid
SENSOR_SHARE = 0.5  # a sensor that misses more readings than this is lost
SUSPEND_NS = 1_000_000  # BOOTTIME may run ahead of MONOTONIC by this much
UNSYNCED_NS = 20_000_000
PER_INFERENCE = ("inference.", "segment.")  # channels that have a row when something has run
HOST_DECISIONS = ("action", "planned", "too_late")  # events about what a policy told the phone
GAP_PERIODS = 5  # rows further apart than this many periods leave a gap


class Word(StrEnum):
    """The verdict of a run."""

    VALID = "valid"
    DEGRADED = "degraded"  #: stands, but read the reasons before comparing
    INVALID = "invalid"  #: the numbers mean something else, or nothing


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was not as it should be."""

    name: str
    effect: Word
    sentence: str
    metrics: tuple[str, ...] = ()  # which metrics it touches; empty = all
    share: float | None = None  # of the samples
    first_s: float | None = None  # since the load started [s]
    last_s: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what result documents hold."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a run may be believed, and why not."""

    word: Word
    reasons: tuple[Reason, ...] = ()


def judge(trace: Trace, more: Sequence[Reason] = ()) -> Verdict:
    """Return the verdict of a run, its settling included; `more` are reasons of its kind."""
    reasons = (*(reason for rule in _RULES for reason in rule(trace)), *more)
    # A reason that spoils some metrics only leaves the others standing.
    whole = [Word.DEGRADED if reason.metrics else reason.effect for reason in reasons]
    worst = max(whole, key=list(Word).index, default=Word.VALID)
    return Verdict(worst, reasons)


def _start(trace: Trace) -> Iterator[Reason]:
    baselines = trace.events_of("baseline")
    if not baselines:
        yield Reason("no_baseline", Word.DEGRADED, "The state at the start was not measured.")
    for baseline in baselines[-1:]:
        yield from _gate(baseline.data.get("gate", {}))
        for knob, told in baseline.data.get("knobs", {}).items():
            if told.get("want") != told.get("got"):
                sentence = f"{knob} was set to {told.get('want')} and is {told.get('got')}."
                yield Reason("knob_not_kept", Word.DEGRADED, sentence)
        for channel in baseline.data.get("capped", ()):
            sentence = f"{channel} was below its maximum before the load started."
            yield Reason("throttled_before_start", Word.DEGRADED, sentence)
        if baseline.data.get("screen_on"):
            sentence = "The screen was on before the load started: it draws power and gives heat."
            yield Reason("screen_on", Word.DEGRADED, sentence)
        # The limit is on the link's round trips: host time, whatever the speed of the phone.
        error_ns = (baseline.data.get("clock_error_ns") or 0) / baseline.data.get("clock_rate", 1)
        if error_ns > UNSYNCED_NS:
            sentence = f"The clocks of phone and host agree within {error_ns / 1e6:.0f} ms only."
            yield Reason("clock_unsynced", Word.DEGRADED, sentence)


def _drift(trace: Trace) -> Iterator[Reason]:
    """Settings that somebody on the phone has changed under the run."""
    reverted = trace.events_of("knob_reverted")
    if reverted:
        names = ", ".join(sorted({str(event.data.get("k")) for event in reverted}))
        sentence = f"{names} did not stay as set: put back {len(reverted)} times by the phone."
        yield Reason("setting_drift", Word.DEGRADED, sentence)
    moved = trace.events_of("cores")
    if moved:
        first_s, last_s = (trace.seconds(event.t_ns) for event in (moved[0], moved[-1]))
        steps = [str(moved[0].data.get("was")), *(str(event.data.get("now")) for event in moved)]
        sentence = f"CPUs came or went: {', then '.join(steps)} were online, from {first_s:.1f} s."
        yield Reason("setting_drift", Word.DEGRADED, sentence, first_s=first_s, last_s=last_s)


def _gate(gate: Mapping[str, Any]) -> Iterator[Reason]:
    match gate.get("outcome"):
        case "no_sensor":
            sentence = "No temperature sensor: nobody knows how warm the start was."
            yield Reason("no_sensor", Word.DEGRADED, sentence)
        case "timed_out":
            sentence = f"Not at rest after {gate['waited_s']:.0f} s: {gate['because']}."
            yield Reason("cooldown_timeout", Word.DEGRADED, sentence)
        case "off":
            sentence = "The start gate was switched off: the start may have been warm."
            yield Reason("start_unchecked", Word.DEGRADED, sentence)


def _few(trace: Trace) -> Iterator[Reason]:
    count = inferences(trace).t_s.size
    if count == 0:
        yield Reason("low_samples", Word.INVALID, "Not one inference was finished.")
    elif count < FEWEST_INFERENCES:
        sentence = f"{count} inferences; percentiles need {FEWEST_INFERENCES}."
        yield Reason("low_samples", Word.DEGRADED, sentence)


def _failed(trace: Trace) -> Iterator[Reason]:
    found = inferences(trace)
    share = found.failed / max(1, found.failed + found.t_s.size)
    if found.failed:
        effect = Word.INVALID if share > FAILED_SHARE else Word.DEGRADED
        sentence = f"{found.failed} inferences failed ({share:.2%})."
        yield Reason("failed_inferences", effect, sentence, share=share)


def _incomplete(trace: Trace) -> Iterator[Reason]:
    """Compare what the phone says it recorded with what arrived."""
    for event in trace.events_of("ended"):
        for group, total in event.data.get("rows", ()):
            missing = total - trace.rows.get((event.trial, group), 0)
            if missing:
                yield _gap(missing / max(1, total), f"{missing} of {total} rows are missing")
        for group, lost in event.data.get("lost", ()):
            kept = trace.rows.get((event.trial, group), 0)
            yield _gap(lost / max(1, lost + kept), f"The phone dropped {lost} rows")


def _gap(share: float, what: str) -> Reason:
    effect = Word.INVALID if share > LOST_SHARE else Word.DEGRADED
    return Reason("gaps", effect, f"{what} ({share:.2%}).", share=share)


def _gaps(trace: Trace) -> Iterator[Reason]:
    """Look for stretches of the soak without a sample."""
    sensors = [s for name, s in trace.signals.items() if not name.startswith(PER_INFERENCE)]
    clock = max((s.between(0.0, trace.duration_s).t_s for s in sensors), key=len, default=None)
    if clock is None or clock.size < 3:
        return
    steps = np.diff(clock)
    long = steps > GAP_PERIODS * float(np.median(steps))
    if long.any():
        share = float(steps[long].sum()) / max(trace.duration_s, 1e-9)
        yield _gap(share, f"{int(long.sum())} gaps in the sensor readings")


def _sensors(trace: Trace) -> Iterator[Reason]:
    for name, signal in sorted(trace.signals.items()):
        soak = signal.between(0.0, trace.duration_s)
        if name.startswith(PER_INFERENCE) or not soak.values.size:
            continue
        missing = float(np.isnan(soak.values).mean())
        if missing > SENSOR_SHARE:
            yield _lost(name, soak, missing)


def _lost(name: str, soak: Signal, missing: float) -> Reason:
    times = soak.t_s[np.isnan(soak.values)]
    return Reason(
        "sensor_lost",
        Word.INVALID,
        f"{name} could not be read {missing:.0%} of the time.",
        metrics=_needing(name),
        share=missing,
        first_s=float(times[0]),
        last_s=float(times[-1]),
    )


def _needing(channel: str) -> tuple[str, ...]:
    """Return the metrics that depend on a channel."""
    if channel.startswith(("battery.current", "battery.voltage", "system.power", "rail.")):
        return ("energy_mj",)
    if channel.startswith(("cpu.", "cooling.")):
        return ("first_throttle_s", "throttled_fraction", "k")
    if channel == "battery.temperature":
        return ("peak_battery_c",)
    return ("peak_temperature_c", "peak_skin_c") if is_skin(channel) else ("peak_temperature_c",)


def _odd(trace: Trace) -> Iterator[Reason]:
    for odd in odd_sensors(trace):
        yield Reason(
            f"sensor_{odd.kind}",
            Word.INVALID,
            odd.sentence,
            metrics=_needing(odd.channel),
            first_s=odd.first_s,
            last_s=odd.last_s,
        )


def _charging(trace: Trace) -> Iterator[Reason]:
    if is_charging(trace):
        sentence = "Current entered the battery: what the phone used is unknown."
        yield Reason("charge_during_run", Word.INVALID, sentence, metrics=("energy_mj",))


def _suspended(trace: Trace) -> Iterator[Reason]:
    ahead = [_boot_ahead_ns(event) for event in trace.events_of("clk")]
    if ahead and max(ahead) - min(ahead) > SUSPEND_NS:
        slept_s = (max(ahead) - min(ahead)) / 1e9
        yield Reason("suspended", Word.DEGRADED, f"The phone slept for {slept_s:.3f} s.")


def _boot_ahead_ns(event: Event) -> int:
    # A stored event's own time is BOOTTIME already; what the phone's MONOTONIC said is kept in it.
    return int(event.data.get("boot", event.t_ns)) - int(event.data.get("t", event.t_ns))


def _silent(trace: Trace) -> Iterator[Reason]:
    for event in trace.events_of("silent"):
        at_s = trace.seconds(event.t_ns)
        sentence = f"The phone heard nothing from its host and stopped the load at {at_s:.1f} s."
        yield Reason("host_silent", Word.INVALID, sentence, first_s=at_s)


def _late(trace: Trace) -> Iterator[Reason]:
    """A machine that did not hold the speed of its virtual phone.

    What the phone did was computed in its own time and is as true as ever; what the host decided
    reached it later than on a machine that keeps up.
    """
    behind = trace.events_of("behind")
    if not behind:
        return
    late_s = max(int(event.data["us"]) for event in behind) / 1e6
    times = "once" if len(behind) == 1 else f"{len(behind)} times"
    sentence = f"The machine did not hold the phone's speed: behind by {late_s:.1f} s, {times}; "
    if any(trace.events_of(kind) for kind in HOST_DECISIONS):
        effect, follows = Word.DEGRADED, "what the policy decided on the host came as late."
    else:
        effect, follows = (
            Word.VALID,
            "nothing was decided on the host, and what the phone told is as true as ever.",
        )
    yield Reason("behind", effect, sentence + follows)


_RULES: Sequence[Callable[[Trace], Iterator[Reason]]] = (
    _start,
    _drift,
    _few,
    _failed,
    _incomplete,
    _gaps,
    _sensors,
    _odd,
    _charging,
    _suspended,
    _silent,
    _late,
)
