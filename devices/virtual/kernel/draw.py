"""Where the electrical power of one grid interval goes."""

from typing import NamedTuple

from devices.virtual.kernel.chip import Chip
from devices.virtual.kernel.gauge import Gauge
from devices.virtual.kernel.load import Usage
from devices.virtual.kernel.spec import Base
from devices.virtual.physics.thermal import Heat

NO_HEAT: Heat = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class Draw(NamedTuple):
    """Power in one interval [W]."""

    part_w: tuple[float, ...]  # per cluster
    heat_w: Heat  # per heated node of the case
    phone_w: float  # everything, losses of battery and charger included


def draw_of(
    chip: Chip,
    base: Base,
    gauge: Gauge,
    usage: Usage,
    die_c: float,
    dt_s: float,
    radio_w: Heat = NO_HEAT,
    screen_w: float = 0.0,
) -> Draw:
    """Add up what the phone draws, and take it from its battery or charger for `dt_s`."""
    cluster_w = tuple(
        [
            power.power_w(policy.point, load, awake, die_c)
            for power, policy, load, awake in zip(
                chip.power, chip.policies, usage.load, usage.awake, strict=True
            )
        ]
    )
    if chip.idle.is_hindered:
        cluster_w = tuple(
            watts + chip.idle.extra_w(i, chip.power[i].leak_w[policy.point], awake, die_c)
            for i, (watts, policy, awake) in enumerate(
                zip(cluster_w, chip.policies, usage.awake, strict=True)
            )
        )
    gpu_w = chip.gpu.power_w(usage.gpu) + usage.gpu_more_w if chip.gpu else 0.0
    die_w = sum(cluster_w)
    memory_w = chip.dram.idle_w[chip.dram.point] + usage.bytes_per_s * chip.joule_per_byte
    soc_w = base.soc_w + memory_w
    display_w = base.display_w + screen_w
    phone_w = die_w + gpu_w + soc_w + base.board_w + display_w + sum(radio_w)
    battery_w, charger_w = gauge.run(phone_w, dt_s)
    board_w = base.board_w + charger_w
    heat_w = (die_w, soc_w, board_w, battery_w, display_w, gpu_w, 0.0)
    heat_w = _added(heat_w, radio_w)
    return Draw(cluster_w, heat_w, phone_w + battery_w + charger_w)


def _added(one: Heat, other: Heat) -> Heat:
    return tuple([a + b for a, b in zip(one, other, strict=True)])  # type: ignore[return-value]
