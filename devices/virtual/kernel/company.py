"""Phones of one type at rest, moved on together: state in arrays, with the phones as last axis.

Each phone goes exactly where it would have gone alone, to the last bit, whoever is with it: all
formulas are elementwise, and whoever gets near a limit leaves before anything can happen.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from devices.virtual.kernel.grid import Grid
from devices.virtual.kernel.guard import room_k
from devices.virtual.kernel.lane import NS
from devices.virtual.kernel.rest import Outlook, Step, stepped
from devices.virtual.kernel.track import tracks_of
from devices.virtual.physics.numbers import Many

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
    return id(phone.spec), outlook.stride_ns, phone.gauge.is_plugged, is_hindered


def _march(members: Sequence[Member]) -> None:
    """Move phones on by intervals of the same length, each until it gets near a limit."""
    phones = [member.phone for member in members]
    outlooks = [member.outlook for member in members]
    first, stride_ns = phones[0], outlooks[0].stride_ns
    asked = _stacked([outlook.rest.asked for outlook in outlooks])
    calm = _stacked([outlook.calm for outlook in outlooks])
    warm = _stacked([phone.warmth.now for phone in phones])
    charge = _stacked([phone.gauge.charge for phone in phones])
    ambient_c = _stacked([phone.ambient_c for phone in phones])
    counts = np.array([min(outlook.most, _MOST) for outlook in outlooks])
    steps: list[Step[Many]] = []
    while len(steps) < counts.max():
        step = stepped(
            asked, first.gauge, charge, first.warmth.flow, warm, ambient_c, stride_ns / NS
        )
        warm, charge = step.warm, step.battery.charge
        steps.append(step)
        felt_c = first.guard.feels(warm.temps_c, step.part_w)
        is_near = room_k(calm, warm.temps_c, felt_c) <= 0.0
        counts[is_near] = np.minimum(counts[is_near], len(steps))
    tracks = tracks_of(steps, stride_ns)
    for member, track, count in zip(members, tracks, counts.tolist(), strict=True):
        member.phone.follow(track, count, member.to_ns)


def _stacked(items: Sequence[Any]) -> Any:
    """Return arrays with a place per phone, in the shape of one phone's tuples."""
    if not isinstance(items[0], tuple):
        return np.array(items, dtype=float)
    columns = [_stacked(column) for column in zip(*items, strict=True)]
    kind = type(items[0])
    return kind(columns) if kind is tuple else kind(*columns)
