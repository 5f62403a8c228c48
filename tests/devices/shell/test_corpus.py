"""Every snippet of the corpus does in our shell what it does in the real mksh."""

import asyncio
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from devices.virtual.kernel.node import Node
from tests.parts import mksh
from tests.parts.android import Outcome, new_android, run_program

_TOOK = re.compile(rb"(real |user |sys |0m)[0-9]+[.][0-9]{2}")
CORPUS = Path(__file__).parents[2] / "golden" / "shell"
REQUIRED = os.environ.get("SIMMER_REQUIRE_MKSH") == "1"
_BOX = "/data/local/tmp/box"


@dataclass(frozen=True)
class Snippet:
    """One script and what it shows."""

    claim: str
    script: str


def _snippets() -> Iterator[Snippet]:
    for path in sorted(CORPUS.glob("*.txt")):
        for block in ("\n" + path.read_text()).split("\n--- ")[1:]:
            claim, _, script = block.partition("\n")
            yield Snippet(f"{path.stem}: {claim}", script.removesuffix("\n"))


SNIPPETS = tuple(_snippets())


@cache
def _expected() -> dict[str, Outcome]:
    outcomes = mksh.run_all([snippet.script for snippet in SNIPPETS])
    untimed = (_untimed(outcome) for outcome in outcomes)
    return dict(zip((snippet.claim for snippet in SNIPPETS), untimed, strict=True))


def _untimed(outcome: Outcome) -> Outcome:
    """How long `time` says something took is not a matter of the shell."""
    return Outcome(outcome.stdout, _TOOK.sub(rb"\1TIME", outcome.stderr), outcome.status)


@pytest.fixture(scope="module")
def expected() -> dict[str, Outcome]:
    """What the real mksh does with every snippet."""
    if mksh.path() is None:
        if REQUIRED:
            pytest.fail("mksh is not installed, and SIMMER_REQUIRE_MKSH=1 asks for it")
        pytest.skip("mksh is not installed: nothing to compare our shell with")
    return _expected()


def _ours(script: str) -> Outcome:
    system = new_android(uid=0)
    system.files.mount("/tmp/.keep", Node(lambda: b""))  # a directory that any Linux has
    system.files.mkdir(_BOX)
    outcome = asyncio.run(run_program(system, ("sh", "-U", "-c", script), _BOX, HOME="/home"))
    box = _BOX.encode()
    return _untimed(
        Outcome(
            outcome.stdout.replace(box, b"BOX"), outcome.stderr.replace(box, b"BOX"), outcome.status
        )
    )


def test_the_corpus_is_large_and_its_claims_are_unique() -> None:
    assert len(SNIPPETS) >= 300
    assert len({snippet.claim for snippet in SNIPPETS}) == len(SNIPPETS)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.claim)
def test_does_what_mksh_does(snippet: Snippet, expected: dict[str, Outcome]) -> None:
    assert _ours(snippet.script) == expected[snippet.claim]
