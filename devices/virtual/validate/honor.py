"""The published hour of ResNet50 on a Honor V30 Pro, with and without the paper's throttling."""

import math
from collections.abc import Iterator
from typing import Any

from devices.virtual.catalog import load as load_phone
from devices.virtual.kernel.machine import Machine
from devices.virtual.validate.published import load
from devices.virtual.validate.rows import Kind, Row
from devices.virtual.validate.soaks import soak

_HOUR_S = 3600
_OUT_OF_REACH_K = 200.0  # moves the phone's own limits away
_KINDS: dict[str, Kind] = {
    "first_throttle_s": "fitted",
    "throttled_fraction": "fitted",
    "k": "predicted",
    "mean_over_cool": "fitted",
}


def open_loop() -> Iterator[Row]:
    """Yield the die's temperature when the clock falls exactly when the paper's did."""
    facts = load("honor.toml")
    first_s = facts["throttled_s"][0][0]
    points = [(f"{t} s", t, celsius) for t, celsius in facts["before"]]
    points += [(f"+{t} s", first_s + t, celsius) for t, celsius in facts["after"]]
    die_c = _imposed(facts, max(t for _, t, _ in points) + 1)
    squares = []
    for name, second, published in points:
        ours = die_c[second - 1]
        if name not in facts["not_judged"]:
            squares.append((ours - published) ** 2)
        yield Row("honor, open loop", f"die at {name}", published, ours, "°C", None, "fitted",
                  facts["source"])  # fmt: skip
    rms_k = math.sqrt(sum(squares) / len(squares))
    yield Row(
        "honor, open loop", f"rms of the {len(squares)} points off the edges", None, rms_k, "K",
        (0.0, facts["accept_rms_k"]), "fitted", facts["source"],
    )  # fmt: skip


def closed_loop() -> Iterator[Row]:
    """Yield when and how much the phone throttles by its own rules."""
    facts = load("honor.toml")
    hour = soak(load_phone(facts["phone"]), seconds=_HOUR_S)
    cool_s = hour.latency_s(throttled=False)
    hot_s = hour.latency_s(throttled=True) if any(hour.throttled) else cool_s
    first_s = hour.first_throttle_s
    ours = {
        "first_throttle_s": math.inf if first_s is None else first_s,
        "throttled_fraction": hour.throttled_fraction,
        "k": hot_s / cool_s,
        "mean_over_cool": hour.mean_s / cool_s,
    }
    for key, row in facts["closed"].items():
        low, high = row["accept"]
        yield Row("honor, closed loop", key, row["published"], ours[key],
                  "s" if key.endswith("_s") else "", (low, high), _KINDS[key],
                  facts["source"])  # fmt: skip


def _imposed(facts: dict[str, Any], seconds: int) -> list[float]:
    """Return the die temperature at each second with the big cores held down in the intervals."""
    spec = load_phone(facts["phone"])
    fastest = spec.clusters[-1]
    path = f"/sys/devices/system/cpu/cpufreq/policy{fastest.policy}/scaling_max_freq"
    free_khz, held_khz = fastest.opps[-1][0], facts["throttled_khz"]

    def hold(machine: Machine, second: int) -> None:
        wanted = held_khz if _is_throttled(facts, second) else free_khz
        if wanted != machine.chip.policies[-1].max_khz:
            write = machine.nodes[path].write
            assert write is not None
            write(str(wanted).encode())

    return list(
        soak(
            spec,
            seconds=seconds,
            before=lambda machine: machine.shift_trips(_OUT_OF_REACH_K),
            each_second=hold,
        ).die_c
    )


def _is_throttled(facts: dict[str, Any], second: int) -> bool:
    return any(start <= second < end for start, end in facts["throttled_s"])
