"""Where the electrical power of one grid interval goes."""

from typing import Generic, NamedTuple

from devices.virtual.kernel.chip import Chip
from devices.virtual.kernel.gauge import Gauge, Reading
from devices.virtual.kernel.load import Usage
from devices.virtual.kernel.spec import Base
from devices.virtual.physics.numbers import Each, N, most, total
from devices.virtual.physics.power import LEAK_PER_K, clusters_w, excess_k
from devices.virtual.physics.thermal import Heat, PerHeated

NO_HEAT: Heat = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class Asked(NamedTuple, Generic[N]):
    """What an interval asks of every part, as far as it does not depend on how warm they are."""

    busy_w: Each[N]  # per cluster: its work
    awake_w: Each[N]  # its floor
    leak_w: Each[N]  # its leakage at the reference temperature
    awake: Each[N]  # share of time with any core awake
    kept_w: Each[N]  # leakage kept by forbidden idle states; empty if none is forbidden
    gpu_w: N
    soc_w: N  # memory, and what is always on
    board_w: N
    display_w: N
    radio_w: PerHeated[N]


class Draw(NamedTuple, Generic[N]):
    """Power in one interval [W], and the battery at its end."""

    part_w: Each[N]  # per cluster
    heat_w: PerHeated[N]
    phone_w: N  # everything, losses of battery and charger included
    battery: Reading[N]


def asked_of(
    chip: Chip, base: Base, usage: Usage, screen_w: float, radio_w: Heat = NO_HEAT
) -> Asked[float]:
    """Return what the present clocks, this usage, screen and radio ask for."""
    points = [policy.point for policy in chip.policies]
    leak_w = tuple([power.leak_w[i] for power, i in zip(chip.power, points, strict=True)])
    kept_w: tuple[float, ...] = ()
    if chip.idle.is_hindered:
        kept_w = tuple(
            chip.idle.kept_share(i) * watts * (1.0 - awake)
            for i, (watts, awake) in enumerate(zip(leak_w, usage.awake, strict=True))
        )
    each = zip(chip.power, points, usage.load, strict=True)
    memory_w = chip.dram.idle_w[chip.dram.point] + usage.bytes_per_s * chip.joule_per_byte
    return Asked(
        tuple([power.core_w[i] * load for power, i, load in each]),
        chip.awake_w,
        leak_w,
        usage.awake,
        kept_w,
        chip.gpu.power_w(usage.gpu) + usage.gpu_more_w if chip.gpu else 0.0,
        base.soc_w + memory_w,
        base.board_w,
        base.display_w + screen_w,
        radio_w,
    )


def draw_of(asked: Asked[N], gauge: Gauge, charge: N, die_c: N, dt_s: N) -> Draw[N]:
    """Add up what a phone draws at this temperature of its die, for `dt_s` from this charge on."""
    warmer_k = excess_k(die_c)
    part_w = clusters_w(asked.busy_w, asked.awake_w, asked.leak_w, asked.awake, warmer_k)
    if len(asked.kept_w):
        grown = most(1.0 + LEAK_PER_K * warmer_k, 0.0)
        each = zip(part_w, asked.kept_w, strict=True)
        part_w = tuple([watts + kept * grown for watts, kept in each])
    die_w = total(part_w)
    phone_w = die_w + asked.gpu_w + asked.soc_w + asked.board_w + asked.display_w
    phone_w = phone_w + total(asked.radio_w)
    battery_w, charger_w, battery = gauge.feed(charge, phone_w, dt_s)
    die, soc, board, cell, display, gpu, modem = asked.radio_w
    heat_w = (
        die_w + die,
        asked.soc_w + soc,
        asked.board_w + charger_w + board,
        battery_w + cell,
        asked.display_w + display,
        asked.gpu_w + gpu,
        modem,
    )
    return Draw(part_w, heat_w, phone_w + battery_w + charger_w, battery)
