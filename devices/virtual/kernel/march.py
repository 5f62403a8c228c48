"""Intervals of many phones of one type at rest, as arrays with the phones as last axis."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.virtual.kernel.draw import Draw
from devices.virtual.kernel.grid import Grid
from devices.virtual.kernel.guard import Looks, room_k
from devices.virtual.kernel.lane import NS
from devices.virtual.kernel.rest import Outlook, moved
from devices.virtual.kernel.track import Track
from devices.virtual.kernel.warmth import gained_j, lost_j
from devices.virtual.physics.numbers import Many

Counts = NDArray[np.int64]


class March:
    """Where so many intervals lead phones, each in strides of its own."""

    def __init__(self, phones: Sequence[Grid], outlooks: Sequence[Outlook], count: int) -> None:
        self._phones, self._outlooks = phones, outlooks
        first = phones[0]
        asked = _stacked([outlook.rest.asked for outlook in outlooks])
        stride = first.warmth.flow.strides(np.array([o.stride_ns for o in outlooks]) / NS)
        charge = _stacked([phone.gauge.charge for phone in phones])
        self._ambient_c = _stacked([phone.ambient_c for phone in phones])
        temps_c = _stacked([phone.warmth.temps_c for phone in phones])
        path_c, draws = [temps_c], list[Draw[Many]]()
        for _ in range(count):
            temps_c, draw = moved(asked, first.gauge, charge, stride, temps_c, self._ambient_c)
            charge = draw.battery.charge
            path_c.append(temps_c)
            draws.append(draw)
        self._temps_c = np.array(path_c)  # [interval, node, phone], the start included
        self._part_w = np.array([draw.part_w for draw in draws])
        self._table = self._tabled(draws, stride.dt_s)

    def track(self, index: int) -> Track:
        """Return where one of the phones is led."""
        return Track(self._table[:, :, index], self._outlooks[index].stride_ns)

    def calm(self) -> Counts:
        """Return after how many intervals somebody must look at each phone."""
        count = len(self._part_w)
        limit_c = _stacked([outlook.limit_c for outlook in self._outlooks])
        is_near = room_k(limit_c, self._after_c) <= 0.0
        counts = _first(is_near, count) + 1
        if self._outlooks[0].looks:
            counts = np.minimum(counts, _first(self._stirs(), count))
        return np.minimum(counts, count)

    @property
    def _after_c(self) -> Any:
        """The temperatures after each interval: per node, [interval, phone]."""
        return self._temps_c[1:].transpose(1, 0, 2)

    def _stirs(self) -> NDArray[np.bool_]:
        """Whether a look of the vendor's service before each interval may change something.

        One before the first has changed nothing, or its phone would not be here.
        """
        guard = self._phones[0].guard
        looks: Looks[Many] = _stacked([outlook.looks for outlook in self._outlooks])
        lasts = [phone.history.last for phone in self._phones]
        seeds = np.array([last.noise_seed for last in lasts], dtype=np.uint64)
        counted_ns = np.array([last.end_ns - last.noise_ns for last in lasts])
        strides_ns = np.array([outlook.stride_ns for outlook in self._outlooks])
        number = np.arange(len(self._part_w))[:, np.newaxis]  # so many intervals have passed
        felt_c = guard.feels(self._after_c, tuple(self._part_w.transpose(1, 0, 2)))
        shown_c = guard.readings(
            np.roll(felt_c, 1, axis=0), counted_ns + number * strides_ns, seeds
        )
        shown_c -= looks.shift_k
        is_due = (number >= looks.first) & ((number - looks.first) % looks.every == 0.0)
        is_quiet = (looks.low_c <= shown_c) & (shown_c <= looks.high_c)
        stirs: NDArray[np.bool_] = is_due & ~is_quiet
        stirs[0] = False
        return stirs

    def _tabled(self, draws: Sequence[Draw[Many]], dt_s: Many) -> Many:
        """Return [interval, column, phone], with the columns of a track."""
        heat_w: Any = np.array([draw.heat_w for draw in draws]).transpose(1, 0, 2)
        before_c: Any = self._temps_c[:-1].transpose(1, 0, 2)
        network = self._phones[0].warmth.flow.network
        flows_j = (
            gained_j(heat_w, dt_s),
            lost_j(network, before_c, self._after_c, self._ambient_c, dt_s),
        )
        starts_j = np.array([phone.warmth.now[1:] for phone in self._phones]).T
        account_j = [
            np.add.accumulate(np.vstack([start_j, flow_j]))[1:]
            for start_j, flow_j in zip(starts_j, flows_j, strict=True)
        ]
        columns = (
            self._temps_c[1:],
            np.stack(account_j, axis=1),
            self._part_w,
            np.array([(draw.phone_w, *draw.battery) for draw in draws]),
        )
        return np.concatenate(columns, axis=1)


def _first(flags: NDArray[np.bool_], otherwise: int) -> Counts:
    """Return the first interval that is flagged, per phone."""
    return np.where(flags.any(axis=0), flags.argmax(axis=0), otherwise)


def _stacked(items: Sequence[Any]) -> Any:
    """Return numbers of phones as arrays with the phones as last axis, in the form they have."""
    kind = type(items[0])
    if not issubclass(kind, tuple) or kind is tuple:
        return np.ascontiguousarray(np.array(items, dtype=float).T)
    return kind(*[_stacked(column) for column in zip(*items, strict=True)])
