"""Named SQL statements from files: `-- name: X`, a sentence, the statement."""

from pathlib import Path

_MARK = "-- name: "


def load(path: Path) -> dict[str, str]:
    """Return the statements of `path` by name, each with its sentence as a leading comment."""
    statements: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in path.read_text().splitlines():
        if line.startswith(_MARK):
            current = statements.setdefault(line.removeprefix(_MARK).strip(), [])
        elif current is not None:
            current.append(line)
    return {name: "\n".join(lines).strip() for name, lines in statements.items()}
