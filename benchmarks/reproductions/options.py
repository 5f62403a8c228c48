"""What a reproduction is asked for, and whom it tells what it is doing."""

from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], None]  # told what is being measured, for people who wait


@dataclass(frozen=True, slots=True)
class Options:
    """How much to measure, and where."""

    seed: int = 1
    fast: bool = False  # one seed, no figures; never a shorter experiment
    adb: str | None = None  # also measure one row on the phone with this serial
