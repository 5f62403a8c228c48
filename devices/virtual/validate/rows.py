"""A row: one published number, ours beside it, and whether the two agree well enough."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

#: input: the model was given this number; fitted: constants were chosen with it in sight;
#: predicted: neither.
Kind = Literal["input", "fitted", "predicted"]


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison; without an accept range it is shown and not judged."""

    group: str
    what: str
    published: float | None
    ours: float
    unit: str
    accept: tuple[float, float] | None  # of `ours`, both ends included
    kind: Kind
    source: str

    @property
    def ratio(self) -> float | None:
        """Ours over the published value [1]."""
        return self.ours / self.published if self.published else None

    @property
    def verdict(self) -> str:
        """`ok`, `OUT`, or `shown` for a row that is not judged."""
        if self.accept is None:
            return "shown"
        low, high = self.accept
        return "ok" if low <= self.ours <= high else "OUT"

    def as_dict(self) -> dict[str, object]:
        """Return the row for programs."""
        return asdict(self) | {"ratio": self.ratio, "verdict": self.verdict}


def within(published: float, share: float) -> tuple[float, float]:
    """Return the range of `published` ± a share of it."""
    slack = abs(published) * share
    return published - slack, published + slack


def around(published: float, slack: float) -> tuple[float, float]:
    """Return the range of `published` ± `slack`, in its unit."""
    return published - slack, published + slack


def table(rows: Sequence[Row]) -> str:
    """Return the rows for people, a heading per group, the source once per group and source."""
    lines: list[str] = []
    heading = None
    for row in rows:
        if heading != (row.group, row.source):
            heading = (row.group, row.source)
            lines += [f"\n{row.group}: {row.source}"]
        lines.append(_line(row))
    return "\n".join(lines).strip()


def summary(rows: Sequence[Row]) -> str:
    """Return one sentence: how many rows were judged, and which are out."""
    judged = [row for row in rows if row.accept]
    out = [row for row in judged if row.verdict == "OUT"]
    shown = len(rows) - len(judged)
    if not out:
        return f"{len(judged)} rows judged, all within their ranges; {shown} only shown"
    groups = ", ".join(dict.fromkeys(row.group for row in out))
    return f"{len(judged)} rows judged, {len(out)} OUT ({groups}); {shown} only shown"


def _line(row: Row) -> str:
    published = "–" if row.published is None else f"{row.published:.5g}"
    ratio = "" if row.ratio is None else f"{row.ratio:.3f}"
    accept = "" if row.accept is None else f"{row.accept[0]:.5g} … {row.accept[1]:.5g}"
    return (
        f"  {row.verdict:5}  {row.what:58}  {published:>9}  {row.ours:>9.5g} {row.unit:4}"
        f"  {ratio:>6}  {accept:22}  {row.kind}"
    ).rstrip()
