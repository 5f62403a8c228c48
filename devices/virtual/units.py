"""`python -m devices.virtual units PHONE`: how much units of one model differ in a soak."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from devices.virtual.catalog import load, names
from devices.virtual.kernel.company import advance_together
from devices.virtual.kernel.lane import NS, LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50

_LOOK_S = 10  # device time between two looks at the caps


@dataclass
class Unit:
    """One soaking phone, and what was seen of it."""

    machine: Machine
    capped_s: list[int] = field(default_factory=list)  # looks at which anything was capped [s]
    latencies_us: int = 0
    inferences: int = 0

    def look(self, second: int) -> None:
        """Note what has happened since the last look."""
        if any(self.machine.moment.states):
            self.capped_s.append(second)
        done = self.machine.take_inferences()
        self.latencies_us += sum(inference.lat_us for inference in done)
        self.inferences += len(done)


def main(words: Sequence[str]) -> int:
    """Print the spread over units; a phone that there is not is refused."""
    parser = _parser()
    asked = parser.parse_args(words)
    if asked.phone not in names():
        parser.error(f"no phone {asked.phone!r} in the catalog; there are: {', '.join(names())}")
    spec = load(asked.phone)
    settings = LaneSettings(threads=asked.threads)
    units = [Unit(Machine(spec, seed)) for seed in range(1, asked.count + 1)]
    for seed, unit in enumerate(units, start=1):
        unit.machine.set_ambient(asked.ambient)
        unit.machine.set_charger(False)
        unit.machine.start_lane(0, RESNET50, settings, 0, seed)
    for second in range(_LOOK_S, asked.seconds + 1, _LOOK_S):
        advance_together([(unit.machine, second * NS) for unit in units])
        for unit in units:
            unit.look(second)
    sys.stdout.write("\n".join(table(units, asked.seconds)) + "\n")
    return 0


def table(units: Sequence[Unit], seconds: int) -> list[str]:
    """Return a line per quantity with its spread over the units."""
    firsts_s = [float(unit.capped_s[0]) for unit in units if unit.capped_s]
    rows = [
        ("first throttle [s]", firsts_s, 0),
        ("throttled fraction", [len(unit.capped_s) * _LOOK_S / seconds for unit in units], 3),
        ("mean latency [ms]", [u.latencies_us / max(u.inferences, 1) / 1e3 for u in units], 1),
    ]
    lines = [
        f"{'virtual, ' + str(len(units)) + ' units':24}{'lowest':>10}{'median':>10}{'highest':>10}"
    ]
    for name, values, digits in rows:
        if len(values) > 1:
            shown = (min(values), quantiles(values, n=2)[0], max(values))
            lines.append(f"{name:24}" + "".join(f"{value:10.{digits}f}" for value in shown))
    lines.append(f"{len(units) - len(firsts_s)} units were never throttled")
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devices.virtual units", description=__doc__)
    parser.add_argument("phone", help="of the catalog, see --list of python -m devices.virtual")
    parser.add_argument("--count", type=_at_least(2), default=20, help="units, each of its seed")
    parser.add_argument("--seconds", type=_at_least(_LOOK_S), default=3600, help="of ResNet50")
    parser.add_argument("--ambient", type=float, default=22.0, help="temperature of the air, °C")
    parser.add_argument("--threads", type=_at_least(1), default=2)
    return parser


def _at_least(least: int) -> Callable[[str], int]:
    def number(word: str) -> int:
        if not word.isdecimal() or int(word) < least:
            raise argparse.ArgumentTypeError(f"{word!r} is not a whole number from {least} on")
        return int(word)

    return number
