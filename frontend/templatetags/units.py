"""How numbers, times and states look on a page: units, sensible digits, icons."""

import re
from datetime import datetime

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fleet.models import Metric

register = template.Library()

#: States that share a picture with another one; every other state has its own.
ICON_OF_STATE = {
    "cancelling": "cancelled",
    "measuring": "running",
    "leased": "reserved",
    "good": "idle",
    "valid": "idle",
    "degraded": "warning",
    "invalid": "failed",
    "aborted": "warning",
    "bad": "warning",
    "unknown": "probing",
    "looping": "restoring",
    "retired": "offline",
}
PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"))
#: Units that people do not put a prefix in front of.
PLAIN_UNITS = ("1", "°C", "%", "ms", "mJ", "")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the picture `name` of the sprite; it decorates, words say it too."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("frontend/icons.svg"),
        name,
    )


@register.filter
def state_icon(state: str) -> str:
    """Return the name of a state's picture."""
    return ICON_OF_STATE.get(state, state)


@register.filter
def number(value: float | None) -> str:
    """Return a number with the digits that its size deserves: 0.0123, 1.85, 41.3, 1234."""
    if value is None:
        return "–"
    size = abs(value)
    if float(value).is_integer() and size < 1e9:
        return f"{value:.0f}"
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.1 else f"{value:.3g}"


@register.filter
def quantity(value: float | None, unit: str) -> str:
    """Return a number with its unit; durations as people say them, big units with a prefix."""
    if value is None:
        return "–"
    if unit == "s":
        return duration(value) if abs(value) >= 1 else f"{number(value * 1000)} ms"
    if unit in PLAIN_UNITS:
        return f"{number(value)} {unit}".removesuffix(" 1").strip()
    for factor, prefix in PREFIXES:
        if abs(value) >= factor:
            return f"{number(value / factor)} {prefix}{unit}"
    return f"{number(value)} {unit}"


@register.filter
def css(value: float) -> str:
    """Return a number as style sheets take it, whatever the language of the page."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


@register.filter
def from_top(percent: float, height: float) -> str:
    """Return where a share counted from the bottom lies, counted from the top."""
    return css(height * (1 - percent / 100))


@register.filter
def percent(share: float) -> str:
    """Return a share as `3 %`."""
    return f"{number(share * 100)} %"


@register.filter
def share(value: float) -> str:
    """Return a share with one digit, as columns of shares want it: `0.0 %`, `65.0 %`."""
    return f"{value * 100:.1f} %"


#: What a verdict of a comparison looks like in one letter: `+` is always worse.
MARKS = {
    "better": "−",
    "worse": "+",
    "same": "~",
    "inconclusive": "?",
    "not_comparable": "×",
    "no_data": "!",
}


@register.filter
def mark(word: str) -> str:
    """Return the mark of a comparison's verdict."""
    return MARKS.get(word, "")


@register.filter
def duration(seconds: float | None) -> str:
    """Return a duration as `42 s`, `7 min 05 s` or `2 h 03 min`."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if abs(seconds) < 10:
        return f"{number(round(seconds, 1))} s"
    if abs(whole) < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d} min" if rest else f"{hours} h"


@register.filter
def ago(moment: datetime | None) -> str:
    """Return how long ago a moment was, in one unit."""
    if moment is None:
        return "never"
    seconds = max(0.0, (timezone.now() - moment).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


@register.filter
def actor(name: str) -> str:
    """Return who moved something without the process and thread numbers of a worker."""
    return name.partition(":")[0]


@register.filter
def words(name: str) -> str:
    """Return an identifier as words: `thermal_soak` is read as `thermal soak`."""
    return name.replace("_", " ")


#: Identifiers of metrics as people say them; others are read word by word.
METRIC_LABELS = {
    "first_throttle_s": "First throttle",
    "throttled_fraction": "Throttled",
    "k": "Slow-down k",
    "sustained_ratio": "Sustained ratio",
    "mean_ms": "Mean latency",
    "min_ms": "Shortest latency",
    "max_ms": "Longest latency",
    "load_ms": "Load time",
    "first_ms": "First inference",
    "steady_p50_ms": "Steady latency p50",
    "steady_p90_ms": "Steady latency p90",
    "cool_p50_ms": "Cool median latency",
    "hot_p50_ms": "Hot median latency",
    "energy_mj": "Energy per inference",
    "latency_cv": "Latency CV",
    "response_cv": "Response CV",
    "response_mean_ms": "Mean response",
    "accuracy_estimate": "Estimated accuracy",
    "possible_gain": "Gain that theory allows",
    "fraction_large": "Largest variant",
    "sla_hit": "Answers in time",
    "cloud_ms": "Cloud per request",
    "cloud_saved": "Cloud spared",
    "remote_share": "Answered by the server",
    "deadline_hit": "Deadlines met",
    "sent_kb": "Sent",
    "received_kb": "Received",
    "mean_fps": "Frames per second",
    "late_fraction": "Late frames",
    "churn_missed": "Others than drawn",
    "paged_in_mb": "Paged in",
    "paged_out_mb": "Paged out",
    "minute_30_ratio": "Minute 30 over minute 1",
}
_UNIT_SUFFIX = re.compile(r"_(s|ms|c|mj|w|hz)$")
_PERCENTILE = re.compile(r"^p(\d+)_ms$")
#: Shares are read as percentages.
_SHARES = (
    "throttled_fraction",
    "sustained_ratio",
    "accuracy_estimate",
    "mean_accuracy",
    "possible_gain",
    "fraction_large",
    "late_fraction",
    "churn_missed",
    "sla_hit",
    "deadline_hit",
    "cloud_saved",
    "remote_share",
    "prediction_error",
    "regret",
    "wrong_splits",
)


#: Units that the names of parameters end with.
_UNIT_OF_SUFFIX = {"s": "s", "ms": "ms", "hz": "Hz", "c": "°C", "mj": "mJ", "w": "W"}


@register.filter
def parameter(value: object, name: str) -> str:
    """Return a parameter's value with the unit that its name ends with; a list with commas."""
    if isinstance(value, list | tuple):
        return ", ".join(parameter(each, name) for each in value) or "none"
    found = _UNIT_SUFFIX.search(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return quantity(value, _UNIT_OF_SUFFIX[found[1]]) if found else number(value)
    return words(str(value))


@register.filter
def metric_label(name: str) -> str:
    """Return a metric's name as people say it: `p95_ms` is the latency p95."""
    if found := _PERCENTILE.match(name):
        return f"Latency p{found[1]}"
    return METRIC_LABELS.get(name) or words(_UNIT_SUFFIX.sub("", name)).capitalize()


@register.filter
def metric_number(metric: Metric) -> str:
    """Return a metric's value in the unit that `metric_unit` names."""
    if metric.value is None:
        return "–"
    if metric.name in _SHARES:
        return f"{metric.value * 100:.1f}"
    if metric.unit == "s" and metric.value >= 60:
        return f"{metric.value / 60:.1f}"
    return number(metric.value)


@register.filter
def metric_unit(metric: Metric) -> str:
    """Return the unit that a metric is shown in."""
    if metric.name in _SHARES:
        return "%"
    if metric.unit == "s" and (metric.value or 0) >= 60:
        return "min"
    return "×" if metric.name == "k" else metric.unit.removesuffix("1")
