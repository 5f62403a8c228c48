"""The power_allocator governor (Linux drivers/thermal/gov_power_allocator.c): a power budget.

A controller turns the distance to the control temperature into a budget, which is split over the
actors by what they ask for. Integers as in the kernel: mW, m°C, 10 bits behind the point, shifts
that round down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

FRACTION_BITS = 10
ONE = 1 << FRACTION_BITS  # also the weight of an actor for which none is given


@dataclass(frozen=True, slots=True)
class Gains:
    """Constants of the controller [mW/m°C, 10 bits behind the point]."""

    k_po: int  # above the control temperature
    k_pu: int  # below it
    k_i: int
    k_d: int = 0
    cutoff_mc: int = 0  # the integral grows only where the error is below this [m°C]


@dataclass(frozen=True, slots=True)
class Errors:
    """What the controller remembers [m°C, 10 bits behind the point]."""

    total: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What one actor asks for and can use."""

    request_mw: int
    max_mw: int
    weight: int = ONE


def default_gains(sustainable_mw: int, switch_on_mc: int, control_mc: int) -> Gains:
    """Return the constants that the kernel chooses where a zone gives none."""
    span_mc = control_mc - switch_on_mc
    k_pu = (2 * sustainable_mw << FRACTION_BITS) // span_mc
    return Gains((sustainable_mw << FRACTION_BITS) // span_mc, k_pu, max(k_pu // 10, 1))


def budget(
    celsius_mc: int,
    control_mc: int,
    sustainable_mw: int,
    max_mw: int,
    gains: Gains,
    errors: Errors,
    delay_ms: int = 100,
) -> tuple[int, Errors]:
    """Return the power that all actors may draw until the next poll [mW], and the new memory."""
    error = (control_mc - celsius_mc) << FRACTION_BITS
    proportional = _times(gains.k_po if error < 0 else gains.k_pu, error)
    integral, total = _times(gains.k_i, errors.total), errors.total
    if error < gains.cutoff_mc << FRACTION_BITS:
        grown = integral + _times(gains.k_i, error)
        if abs(grown) < max_mw << FRACTION_BITS:
            integral, total = grown, total + error
    derivative = _times(gains.k_d, error - errors.last)
    derivative = _toward_zero(derivative << FRACTION_BITS, delay_ms)
    power = sustainable_mw + ((proportional + integral + derivative) >> FRACTION_BITS)
    return min(max(power, 0), max_mw), Errors(total, error)


def divide(budget_mw: int, shares: Sequence[Share]) -> tuple[int, ...]:
    """Split a budget by weighted requests; what one cannot use goes to those with room [mW]."""
    asked = [share.weight * share.request_mw >> FRACTION_BITS for share in shares]
    total = sum(asked) or 1
    wanted = [(2 * mw * budget_mw + total) // (2 * total) for mw in asked]
    granted = [min(mw, share.max_mw) for mw, share in zip(wanted, shares, strict=True)]
    room = [share.max_mw - mw for mw, share in zip(granted, shares, strict=True)]
    spare = min(sum(wanted) - sum(granted), sum(room))
    if not spare:
        return tuple(granted)
    return tuple(mw + free * spare // sum(room) for mw, free in zip(granted, room, strict=True))


def _times(gain: int, error: int) -> int:
    return gain * error >> FRACTION_BITS


def _toward_zero(value: int, divisor: int) -> int:
    """Divide as C does."""
    return value // divisor if value >= 0 else -(-value // divisor)
