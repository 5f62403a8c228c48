"""A report as one HTML file that needs nothing else: tables, notes and figures."""

from collections.abc import Iterator
from html import escape

from benchmarks.reproductions.table import HEADINGS, Report, Table, Verdict, cells_of

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #667085; --line: #d5dae3;
  --back: #fff; --good: #0b7a3e; --bad: #b42318; --one: #2457d6; --two: #d1495b; --three: #7a5195;
  --shade: #f3d9d3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf1; --soft: #98a2b3; --line: #39414f;
  --back: #14181f; --good: #4cc38a; --bad: #ff8a75; --one: #7ea6ff; --two: #ff8fa3;
  --three: #c7a3e8; --shade: #47302c; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
  color: var(--ink); background: var(--back); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td.number { text-align: right; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
.soft { color: var(--soft); }
figure { margin: 2rem 0; } figcaption { color: var(--soft); }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
"""
_NUMBERS = frozenset((1, 2, 3))  # columns that hold numbers


def page_of(report: Report) -> str:
    """Return the whole page."""
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(report.name)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{escape(report.name)}</h1><p>{escape(report.paper)}</p>",
            *_notes(report),
            *(part for table in report.tables for part in _table(table)),
            *_figures(report),
            "</body></html>",
        )
    )


def _notes(report: Report) -> Iterator[str]:
    word = "good" if report.is_good else "bad"
    yield f'<p class="{word}">{escape(report.summary)}</p>'
    for note in report.notes:
        yield f'<p class="soft">{escape(note)}</p>'


def _table(table: Table) -> Iterator[str]:
    seed = "" if table.seed is None else f' <span class="soft">seed {table.seed}</span>'
    yield f"<h2>{escape(table.title)}{seed}</h2>"
    heads = "".join(f"<th>{escape(heading)}</th>" for heading in HEADINGS)
    yield f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>'
    for row in table.rows:
        word = {Verdict.IN: "good", Verdict.OUT: "bad"}.get(row.verdict, "soft")
        cells = (
            f"<td{_class(index, word)}>{escape(text)}</td>"
            for index, text in enumerate(cells_of(row))
        )
        yield f"<tr>{''.join(cells)}</tr>"
    yield f'</tbody></table></div><p class="soft">{escape(table.summary)}</p>'


def _class(index: int, word: str) -> str:
    if HEADINGS[index] == "verdict":
        return f' class="{word}"'
    return ' class="number"' if index in _NUMBERS else ""


def _figures(report: Report) -> Iterator[str]:
    for figure in report.figures:
        yield f"<figure><h2>{escape(figure.title)}</h2>{figure.svg}"
        yield f"<figcaption>{escape(figure.caption)}</figcaption></figure>"
