"""Phones of one type at rest, moved on together.

Each phone goes exactly where it would have gone alone, to the last bit, whoever is with it: all
formulas are elementwise, and whoever is looked at with a consequence leaves before the look.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from devices.virtual.kernel.grid import Grid
from devices.virtual.kernel.march import March
from devices.virtual.kernel.rest import Outlook

FEW = 5  # fewer phones are faster one by one
_MOST = 256  # intervals computed before phones that left are asked again


class Member(NamedTuple):
    """One phone on its way."""

    phone: Grid
    to_ns: int
    outlook: Outlook


def advance_together(due: Sequence[tuple[Grid, int]]) -> None:
    """Move each phone on to its instant, as `phone.advance` does."""
    on_their_way = due
    while on_their_way:
        companies: dict[tuple[object, ...], list[Member]] = {}
        for phone, to_ns in on_their_way:
            outlook = phone.rest(to_ns)
            if outlook:
                member = Member(phone, to_ns, outlook)
                companies.setdefault(_kind(phone, outlook), []).append(member)
        for members in companies.values():
            if len(members) >= FEW:
                _march(members)
            else:
                for member in members:
                    member.phone.advance(min(member.outlook.end_ns, member.to_ns))
        on_their_way = [(m.phone, m.to_ns) for members in companies.values() for m in members]
    for phone, to_ns in due:
        phone.advance(to_ns)


def _kind(phone: Grid, outlook: Outlook) -> tuple[object, ...]:
    """Return what phones must have in common to be computed by the same formulas."""
    is_hindered = bool(outlook.rest.asked.kept_w)
    return id(phone.spec), phone.gauge.is_fed, phone.gauge.is_stopped, is_hindered


def _march(members: Sequence[Member]) -> None:
    """Move phones on by intervals, each in strides of its own and until somebody must look."""
    most = np.array([min(member.outlook.most, _MOST) for member in members])
    march = March([m.phone for m in members], [m.outlook for m in members], int(most.max()))
    counts = np.minimum(most, march.calm())
    for i, (member, count) in enumerate(zip(members, counts.tolist(), strict=True)):
        member.phone.follow(march.track(i), count, member.to_ns)
