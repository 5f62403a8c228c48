"""What the tables say, drawn: savings over the level, waits over phones, a network that changes."""

from collections.abc import Iterator, Mapping

import numpy as np

from benchmarks.families.regnet import block_ends
from benchmarks.policies.offload.choosing import Chooser
from benchmarks.policies.offload.cloud_only import CloudOnly
from benchmarks.policies.offload.local_only import LocalOnly
from benchmarks.policies.offload.sla_min_cloud import SlaMinCloud
from benchmarks.reproductions.cloud_mobile import diffusion, regnet_map, varying
from benchmarks.reproductions.svg import COLORS, Axis, Plot, axis_around
from benchmarks.reproductions.table import Figure

_LEVEL_S = 20.0  # of the figure of waits
_LONGEST_S = 120.0  # waits beyond it are not drawn


def of(seed: int, reference: Mapping[int, float]) -> Iterator[Figure]:
    """Yield the figures of one seed."""
    yield _savings(seed, reference)
    yield _waits(seed)
    yield _changing(seed)


def _savings(seed: int, reference: Mapping[int, float]) -> Figure:
    phones = diffusion.population(seed)
    levels = [float(s) for s in np.arange(3.0, 61.0, 1.0)]
    policy = SlaMinCloud(has_margin=False)
    cloud = diffusion.serve(CloudOnly(), phones, 1.0)
    saved = [100 * diffusion.serve(policy, phones, s).saved(cloud) for s in levels]
    chart = Plot(Axis(0.0, 61.0, "service level in s"), Axis(0.0, 100.0, "cloud time saved in %"))
    chart.line(levels, saved, COLORS[0])
    for level_s, percent in reference.items():
        chart.dot(level_s, percent, COLORS[1], 4.0)
    chart.name("sla_min_cloud", COLORS[0])
    chart.name("earlier seeds", COLORS[1])
    return Figure(
        "The more time users give, the less cloud they need",
        "400 phones of different speed. Reference points are our own earlier simulation; the"
        " paper's numbers are not known.",
        chart.svg(),
    )


def _waits(seed: int) -> Figure:
    """How long phones wait, as shares of all phones."""
    phones = diffusion.population(seed)
    shares = [100 * (n + 1) / len(phones) for n in range(len(phones))]
    chart = Plot(Axis(0.0, _LONGEST_S, "wait in s"), Axis(0.0, 100.0, "phones in %"))
    policies: tuple[tuple[str, Chooser, str], ...] = (
        ("local_only", LocalOnly(), COLORS[1]),
        ("cloud_only", CloudOnly(), COLORS[2]),
        ("sla_min_cloud", SlaMinCloud(has_margin=False), COLORS[0]),
    )
    for name, policy, color in policies:
        waits = np.sort(diffusion.serve(policy, phones, _LEVEL_S).latency_s)
        shown = [(w, s) for w, s in zip(waits.tolist(), shares, strict=True) if w <= _LONGEST_S]
        chart.line([w for w, _ in shown], [s for _, s in shown], color)
        chart.name(name, color)
    return Figure(
        f"Slow and fast phones wait alike (level {_LEVEL_S:g} s)",
        "Each line is the share of phones that have their picture by then; a steep line is a"
        " service that treats phones alike.",
        chart.svg(),
    )


def _changing(seed: int) -> Figure:
    gain = varying.follow(regnet_map.pipeline(block_ends()), seed)
    steps = [float(n) for n in range(len(gain.with_true_rates))]
    true, guessed = (
        [100 * float(value) for value in values]
        for values in (gain.with_true_rates, gain.with_estimates)
    )
    chart = Plot(axis_around("step", steps), axis_around("gain in %", [*true, *guessed]))
    for name, values, color in (
        ("estimated rates", guessed, COLORS[1]),
        ("true rates", true, COLORS[0]),
    ):
        chart.line(steps, values, color)
        chart.name(name, color)
    return Figure(
        "Choosing anew against the best fixed split",
        "Signed: below zero the changing network was misjudged, and the fixed split was faster.",
        chart.svg(),
    )
