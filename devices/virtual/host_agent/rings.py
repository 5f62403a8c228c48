"""Rows on their way from the thread that makes them to the one that sends them."""

from collections import deque
from threading import Lock

from devices.agent.wire import Cell
from devices.virtual.agent.body import Happening, Harvest, Row

RING_ROWS = 8192


class Rings:
    """One bounded ring per clock group; a full ring drops rows and counts them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[int, deque[Row]] = {}
        self._lost: dict[int, int] = {}
        self._happenings: list[Happening] = []

    def put(self, group: int, row: Row) -> None:
        """Add one row, its clock first."""
        with self._lock:
            ring = self._rows.setdefault(group, deque())
            if len(ring) < RING_ROWS:
                ring.append(row)
            else:
                self._lost[group] = self._lost.get(group, 0) + 1

    def tell(self, happening: Happening) -> None:
        """Add one happening."""
        with self._lock:
            self._happenings.append(happening)

    def take(self) -> Harvest:
        """Return everything that waits, as columns."""
        with self._lock:
            rows, self._rows = self._rows, {}
            lost, self._lost = self._lost, {}
            happenings, self._happenings = self._happenings, []
        columns: dict[int, list[list[Cell]]] = {
            group: [list(column) for column in zip(*ring, strict=True)]
            for group, ring in rows.items()
        }
        return Harvest(columns, happenings, lost)
