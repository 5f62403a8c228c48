"""The catalog of virtual phones, read at its door: `python -m devices.virtual --list --json`."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from fleet.bootstrap import REPOSITORY
from frontend.power_curve import Curve, Point, PowerCurve, power_curve

_DOOR = (sys.executable, "-m", "devices.virtual", "--list", "--json")
_LIMIT_S = 60.0
#: What a source's own words make of its block.
MARKS = {"none": "sourced", "some": "partly estimated", "all": "estimated"}
#: The blocks without a picture of their own, by the names that they have in the file.
_BLOCKS = {
    "Memory": "memory",
    "Memory clocks": "memory.levels",
    "GPU": "gpu",
    "Battery and gauge": "battery",
    "Power beside the chip": "base",
    "Screen": "display",
    "Wi-Fi": "radio.wifi",
    "Cellular": "radio.cellular",
    "Speed of inference": "reference",
    "Identity": "identity",
    "Quirks": "quirks",
}
#: What the names of numbers end with, longest first, and the unit that it stands for.
_UNITS = {
    "_w_per_mbit_s": "W per Mbit/s",
    "_nj_per_byte": "nJ/B",
    "_gb_per_s": "GB/s",
    "_mbit_s": "Mbit/s",
    "_kb": "kB",
    "_mah": "mAh",
    "_ohm": "Ω",
    "_mw": "mW",
    "_w": "W",
    "_s": "s",
}
_SHOWN_ELSEWHERE = ("source", "levels", "opps", "rows")


class CatalogUnreadable(RuntimeError):
    """The catalog's door gave no catalog; the message says what it said instead."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a block's numbers come from."""

    text: str
    mark: str  # sourced, partly estimated, estimated


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a phone file as a list of facts."""

    title: str
    facts: tuple[tuple[str, str], ...]
    source: Source


@dataclass(frozen=True, slots=True)
class CatalogPhone:
    """One phone of the catalog, as its pages show it."""

    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name in the catalog."""
        return str(self.facts["name"])

    @property
    def title(self) -> str:
        """The name that people know it by."""
        return str(self.facts["identity"]["market_name"])

    @property
    def cores(self) -> str:
        """How many cores each cluster has: 4 + 3 + 1."""
        return " + ".join(str(len(cluster["cpus"])) for cluster in self.facts["clusters"])

    @property
    def curve(self) -> PowerCurve:
        """What one busy core of each cluster draws at each clock."""
        return power_curve(
            Curve(
                row["cluster"],
                tuple(Point(khz / 1e6, mw) for khz, _, mw in row["rows"]),
                is_measured=row["measured"],
            )
            for row in self.facts["derived"]["power"]
        )

    @property
    def gpu_curve(self) -> PowerCurve | None:
        """What the GPU draws at each clock when it is busy."""
        gpu = self.facts["gpu"]
        if gpu is None:
            return None
        points = tuple(Point(hz / 1e9, mw) for hz, mw in gpu["opps"])
        measured = self.source("gpu").mark == "sourced"
        return power_curve([Curve(gpu["name"], points, is_measured=measured)])

    @property
    def clusters(self) -> list[tuple[Mapping[str, Any], Source]]:
        """The clusters with their sources, little first."""
        return [(row, self.source(f"clusters.{row['name']}")) for row in self.facts["clusters"]]

    @property
    def zones(self) -> list[tuple[Mapping[str, Any], Source]]:
        """The thermal zones in the kernel's order."""
        return [(row, self.source(f"zones.{row['type']}")) for row in self.facts["zones"]]

    @property
    def heat_source(self) -> Source:
        """Where the heat network comes from."""
        return self.source("heat")

    @property
    def vendor_source(self) -> Source:
        """Where the rules of the maker's thermal service come from."""
        return self.source("vendor")

    @property
    def rules(self) -> Iterator[str]:
        """The rules of the maker's thermal service, in words."""
        vendor = self.facts["vendor"]
        for rule in vendor["rules"]:
            caps = ", ".join(
                f"{name} ≤ {khz / 1e6:.2f} GHz" for name, khz in rule["caps_khz"].items()
            )
            yield f"above {rule['on_c']:g} °C, until {rule['off_c']:g} °C: {caps}"
        for rule in vendor["steps"]:
            yield (
                f"above {rule['on_c']:g} °C, until {rule['off_c']:g} °C: {rule['cluster']} one "
                f"clock down per poll, to {rule['floor_khz'] / 1e6:.2f} GHz"
            )
        for pid in filter(None, (vendor["pid"], vendor["pid_with_gpu"])):
            reached = ", ".join(f"{c:g}" for c in pid["thresholds_c"] if c is not None)
            yield (
                f"a power budget around {pid['sustained_mw']:g} mW, {pid['k_pu']:g} mW per kelvin, "
                f"over {', '.join(pid['state_mw'])}; severities from {reached} °C"
            )

    @property
    def nodes(self) -> list[tuple[str, float, float]]:
        """The nodes of the case: (name, capacity [J/K], rise per watt on the chip [K/W])."""
        capacity = self.facts["heat"]["capacity_j_k"]
        rises = self.facts["derived"]["heat"]["rise_k_w"]
        return [(name, capacity[name], rises[name]) for name in rises if name in capacity]

    @property
    def blocks(self) -> Iterator[Block]:
        """Everything that has no picture of its own."""
        for title, place in _BLOCKS.items():
            block: Any = self.facts
            for part in place.split("."):
                block = block and block.get(part)
            if block:
                yield Block(title, tuple(_rows(block)), self.source(place))

    @property
    def counted(self) -> list[tuple[str, int]]:
        """How many blocks are sourced, partly estimated, estimated."""
        found = Counter(MARKS[row["estimated"]] for row in self.facts["sources"])
        return [(mark, found[mark]) for mark in MARKS.values()]

    def source(self, block: str) -> Source:
        """Return the source of the block with that name in the file."""
        row = next(row for row in self.facts["sources"] if row["block"] == block)
        return Source(row["source"], MARKS[row["estimated"]])


def phones() -> list[CatalogPhone]:
    """Return all phones; the door is asked once per process.

    Raises:
        CatalogUnreadable: it gave no catalog.
    """
    return [CatalogPhone(facts) for facts in _read()]


def find(model: str) -> CatalogPhone | None:
    """Return the phone that calls itself so, by model code or by the name in shops."""
    wanted = model.casefold()
    for phone in phones():
        identity = phone.facts["identity"]
        if wanted in (identity["model"].casefold(), identity["market_name"].casefold()):
            return phone
    return None


@cache
def _read() -> list[dict[str, Any]]:
    try:
        done = subprocess.run(
            _DOOR, cwd=REPOSITORY, capture_output=True, text=True, timeout=_LIMIT_S, check=True
        )
        found: list[dict[str, Any]] = json.loads(done.stdout)
    except subprocess.CalledProcessError as error:
        raise CatalogUnreadable(error.stderr.strip() or f"it ended with {error}") from error
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise CatalogUnreadable(str(error)) from error
    return found


def _rows(block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the facts of a block in words; what is empty is left out."""
    if "rows" in block:
        numbers = ", ".join(f"{row[0]}" for row in block["rows"])
        yield f"levels, {block['unit']}", numbers
        yield "GB/s at the top", f"{block['rows'][-1][1]:g}"
    for name, value in block.items():
        if name not in _SHOWN_ELSEWHERE and value not in (None, "", [], {}):
            yield _labelled(name), _worded(value)


def _labelled(name: str) -> str:
    """Return a number's name as words with its unit: `charge_w` is read as `charge, W`."""
    for ending, unit in _UNITS.items():
        if f"_{name}".endswith(ending):
            words = f"_{name}".removesuffix(ending).strip("_").replace("_", " ")
            return f"{words}, {unit}" if words else unit
    return name.replace("_", " ")


def _worded(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case list():
            return ", ".join(_worded(one) for one in value)
        case dict():
            shown = {key: one for key, one in value.items() if one not in (None, "", [], {})}
            return ", ".join(f"{key} {_worded(one)}" for key, one in shown.items())
        case _:
            return str(value)
