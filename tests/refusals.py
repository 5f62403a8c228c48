"""What no run may be, one row per rule; every door is asked for all of them."""

from dataclasses import dataclass, field
from typing import Any

GAPS = "0 20 20 30\n1 20 20 30\n5 20 20 30"


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish that is refused: where it is wrong, and words of the sentence with its way out."""

    name: str
    benchmark: str
    params: dict[str, Any]
    place: str  # section.name in a RunSpec
    words: tuple[str, ...]
    policy: dict[str, Any] = field(default_factory=lambda: {"kind": "stock"})


#: What can be known from the wish alone.
OF_THE_WISH = (
    Asked(
        "accuracies that do not fall",
        "shifting",
        {"accuracies": "0.6, 0.7"},
        "benchmark.accuracies",
        ("width 0.25 has 0.7, not less than the 0.6 of width 1", "drop the larger one"),
    ),
    Asked(
        "a service level below the fastest path",
        "offload",
        {"sla_ms": 0.01},
        "benchmark.sla_ms",
        ("sla_ms = 0.01 is below the fastest path", "raise it"),
    ),
    Asked(
        "an iterative network whose input stays on the phone",
        "offload",
        {"workload": "diffusion", "privacy": True},
        "benchmark.privacy",
        ("leaves nothing of diffusion to a server", "take privacy = false"),
    ),
    Asked(
        "a deadline below any race time",
        "dvfs",
        {"workload": "resnet50", "period_ms": 0.5},
        "benchmark.period_ms",
        ("is below the race time", "raise it, or write 0 and give `slack`"),
    ),
    Asked(
        "an advisory run that writes clocks",
        "dvfs",
        {"mode": "advisory"},
        "benchmark.mode",
        ("policy race_to_idle writes clocks", "use neurobalancer or static_pair"),
        {"kind": "race_to_idle"},
    ),
    Asked(
        "a network trace with gaps",
        "offload",
        {"network": GAPS},
        "benchmark.network",
        ("a gap of 4 s after 1 s (line 3)", "fill it in, or cut the trace there"),
    ),
    Asked(
        "more tenants than are named",
        "multi_tenant",
        {"most": 7},
        "benchmark.most",
        ("most 7 ≤ 5 tenants does not hold", "name more tenants or lower most"),
    ),
    Asked(
        "an application that cannot be read",
        "multi_tenant",
        {"tenants": "resnet50:74"},
        "benchmark.tenants.0",
        ("'resnet50:74' is not family:accuracy:latency", "such as resnet50:74:400"),
    ),
    Asked(
        "less memory than the smallest variants need",
        "multi_tenant",
        {"memory_mb": 3},
        "benchmark.memory_mb",
        ("policy min_total may need 35.9 MB at their smallest", "raise memory_mb or lower `most`"),
        {"kind": "min_total"},
    ),
    Asked(
        "more tenants than a policy can think of",
        "multi_tenant",
        {},
        "benchmark.most",
        ("policy exhaustive can think of 3 applications at one time", "lower `most` to 3"),
        {"kind": "exhaustive"},
    ),
    Asked(
        "a cut that the network does not have",
        "offload",
        {},
        "policy.cut",
        ("policy.cut = 'blk99'", "no split 'blk99'; there are: ", "blk15"),
        {"kind": "fixed_split", "cut": "blk99"},
    ),
    Asked(
        "thresholds in the wrong order",
        "shifting",
        {},
        "policy.t_lo_c",
        ("t_lo_c = 60 must be below t_hi_c = 50",),
        {"kind": "hysteresis_shift", "t_hi_c": 50, "t_lo_c": 60},
    ),
    Asked(
        "arrivals at times that are not given",
        "offload",
        {"arrivals": "trace"},
        "benchmark.arrival_times_s",
        ("arrivals = 'trace' needs arrival_times_s",),
    ),
    Asked(
        "a policy of another kind",
        "offload",
        {},
        "policy",
        ("policy race_to_idle is for dvfs, not for offload", "sla_min_cloud"),
        {"kind": "race_to_idle"},
    ),
)

#: What a phone's profile tells; the phone has no root and none of these sensors.
OF_THE_PHONE = (
    Asked(
        "no root for clocks",
        "dvfs",
        {"mode": "root"},
        "benchmark.mode",
        ("mode = 'root' writes clocks", "use mode = 'advisory'"),
    ),
    Asked(
        "no root for a policy that writes clocks",
        "dvfs",
        {},
        "policy",
        ("policy race_to_idle writes clocks", "or a rooted phone"),
        {"kind": "race_to_idle"},
    ),
    Asked(
        "no sensor of that name",
        "shifting",
        {},
        "policy.sensor",
        ("policy.sensor = '^nosuch$' fits no thermal zone of", "it has: "),
        {"kind": "dynamic_shifting", "sensor": "^nosuch$"},
    ),
)
