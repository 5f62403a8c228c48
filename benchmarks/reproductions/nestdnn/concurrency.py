"""How many applications are there at once, in the paper and in our traces."""

from benchmarks.families.applications import applications
from benchmarks.reproductions.nestdnn.churn import concurrency, draw
from benchmarks.reproductions.table import Row, Table

TRACES = 1_000  # drawing costs nothing; a hundred scatter by three points
_PAPER_PCT = {2: 9.8, 3: 12.7, 4: 18.6, 5: 24.5, 6: 34.3}
_WITHIN = 2.0  # points


def concurrency_table(seed: int) -> Table:
    """Compare the shares of time."""
    names = list(applications())
    shares = concurrency([draw(names, seed * 100_000 + number) for number in range(TRACES)])
    rows = tuple(
        Row(
            f"time with {count} applications",
            paper,
            100 * shares[count],
            (paper - _WITHIN, paper + _WITHIN),
            "%",
            "P",
            note=f"mean of {TRACES} traces",
        )
        for count, paper in _PAPER_PCT.items()
    )
    return Table("concurrency", rows, seed)
