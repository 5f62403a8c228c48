"""Measures and prints: `python -m tests.performance [SECTION …] [--json FILE]`."""

import argparse
from pathlib import Path

from tests.performance import (
    completeness,
    ingest,
    liveness,
    phones,
    planning,
    reads,
    sharing,
    startup,
)
from tests.performance.figures import Figure, table, write

SECTIONS = {
    "ingest": ingest.measure,
    "reads": reads.measure,
    "phones": phones.measure,
    "startup": startup.measure,
    "liveness": liveness.measure,
    "completeness": completeness.measure,
    "planning": planning.measure,
    "sharing": sharing.measure,
}
REPORT = Path("build/bench.json")


def main() -> None:
    """Measure the chosen sections, all without a choice."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=", ".join(SECTIONS))
    parser.add_argument("--json", type=Path, default=REPORT, help="where the report goes")
    asked = parser.parse_args()
    unknown = set(asked.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"there is no section {', '.join(sorted(unknown))}; there is {parser.prog}")
    figures: list[Figure] = []
    for name in asked.sections or SECTIONS:
        figures += SECTIONS[name]()
    write(figures, asked.json)
    print(table(figures))
    print(f"\nWritten to {asked.json}")


if __name__ == "__main__":
    main()
