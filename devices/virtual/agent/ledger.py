"""What a phone itself recorded, for checking what arrived elsewhere against it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from devices.agent.digest import RowDigest
from devices.agent.wire import Cell

_KEPT_TRIALS = 256


@dataclass(slots=True)
class TrialLedger:
    """Rows and their digest per clock group of one trial."""

    trial: int
    digests: dict[int, RowDigest] = field(default_factory=dict)
    events: int = 0

    def record(self, group: int, columns: Sequence[Sequence[Cell]]) -> None:
        """Count rows that were given an index; column 0 is the clock."""
        self.digests.setdefault(group, RowDigest()).add_columns(columns[1:])

    def count_event(self) -> None:
        """Count one indexed event."""
        self.events += 1

    def summary(self) -> dict[str, Any]:
        """Return this trial as JSON data."""
        return {
            "trial": self.trial,
            "events": self.events,
            "groups": {
                str(group): {"rows": digest.rows, "sha256": digest.hexdigest()}
                for group, digest in sorted(self.digests.items())
            },
        }


class Ledger:
    """The last trials of one phone, the oldest first."""

    def __init__(self) -> None:
        self._trials: list[TrialLedger] = []

    def open(self, trial: int) -> TrialLedger:
        """Start a trial's account."""
        account = TrialLedger(trial)
        self._trials = [*self._trials[-_KEPT_TRIALS + 1 :], account]
        return account

    def entries(self) -> list[dict[str, Any]]:
        """Return every kept trial as JSON data."""
        return [account.summary() for account in self._trials]
