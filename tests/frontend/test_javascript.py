"""Our JavaScript under node: its own claims, and blocks that Python wrote."""

import base64
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from fleet.traces import blocks, planes

HERE = Path(__file__).parent / "js"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None, reason="NODE IS MISSING: our JavaScript is NOT tested; install nodejs"
)
LARGEST = 2**49 - 1


def node(arguments: Sequence[str], stdin: str = "") -> str:
    """Run node and return what it printed; its complaint is the failure's text."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, *arguments], input=stdin, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_node
@pytest.mark.parametrize("file", sorted(HERE.glob("*.test.mjs")), ids=lambda path: path.stem)
def test_javascript_keeps_its_claims(file: Path) -> None:
    node(["--test", str(file)])


@needs_node
def test_javascript_reads_what_python_writes() -> None:
    random = np.random.default_rng(20_261_121)
    written, expected = [], []
    for case in range(60):
        channels, rows = int(random.integers(1, 12)), int(random.integers(1, 130))
        top = LARGEST if case % 10 == 0 else int(random.choice([3, 120, 30_000, 2**31, 2**40]))
        matrix = random.integers(-top, top, (channels, rows), endpoint=True)
        valid = random.random((channels, rows)) > random.choice([0.0, 0.2, 1.0])
        valid[0] = True  # the clock has no nulls
        written.append(base64.b64encode(blocks.encode(matrix, valid)).decode())
        expected.append([planes.or_none(*one) for one in zip(matrix, valid, strict=True)])
    answer = node([str(HERE / "decode.mjs")], "\n".join(written))
    assert [json.loads(line) for line in answer.splitlines()] == expected
