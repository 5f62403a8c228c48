"""The real mksh as second opinion: runs a snippet in an empty directory with few programs."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.parts.android import Outcome

# Programs whose output is the same as toybox's, as far as the corpus uses them.
PROGRAMS = (
    *("cat", "chmod", "cp", "cut", "echo", "env", "false", "grep", "head", "ln", "ls", "mkdir"),
    *("mv", "od", "printf", "rm", "rmdir", "sed", "seq", "sleep", "sort", "tail", "tee", "touch"),
    *("tr", "true", "uniq", "wc", "xargs"),
)
_SEVERITY = re.compile(rb"^[EW]: (?=sh: )", re.M)  # Debian's build says how bad it is
_LIMIT_S = 20.0
_AT_ONCE = 8


def path() -> str | None:
    """Return where mksh is installed."""
    return shutil.which("mksh")


def run_all(snippets: Sequence[str]) -> list[Outcome]:
    """Run all snippets, several at once; each has a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="mksh-") as folder:
        programs = Path(folder) / "bin"
        programs.mkdir()
        for name in PROGRAMS:
            found = shutil.which(name)
            if found:
                (programs / name).symlink_to(found)
        (programs / "sh").symlink_to(path() or "")
        boxes = [Path(folder) / f"{number}" for number in range(len(snippets))]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda text, box: _run(text, box, programs), snippets, boxes))


def _run(snippet: str, box: Path, programs: Path) -> Outcome:
    box.mkdir()
    done = subprocess.run(
        # -U: Android's build counts characters, not bytes.
        ["sh", "-U", "-c", snippet],
        executable=path(),
        cwd=box,
        env={"PATH": str(programs), "HOME": "/home", "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_LIMIT_S,
        check=False,
    )
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    place = os.fsencode(box)
    stdout, stderr = done.stdout.replace(place, b"BOX"), done.stderr.replace(place, b"BOX")
    return Outcome(_SEVERITY.sub(b"", stdout), _SEVERITY.sub(b"", stderr), status)
