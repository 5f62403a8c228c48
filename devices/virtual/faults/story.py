"""A story: what happens to phones and when, in device time, drawn from a script by a seed.

A script has a line per happening:

    30s  virt-pixel-6-1  fault drop --for 5s
    1m   all             ambient 35
    every 20s..60s until 10m  all  fault drop|hang --for 1s..8s

`a|b` is one of both, `1s..8s` a span in between; both are drawn anew each time. Times and spans are
device time. The same seed draws the same story, whoever runs it and however fast.
"""

import random
import re
import zlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from devices.virtual.faults.durations import seconds

_RANGE = re.compile(r"([^.|]+)\.\.([^.|]+)")
_MAX_HAPPENINGS = 10_000  # a security limit
_EVERYBODY = "all"


class ScriptError(ValueError):
    """A line of a script that makes no sense; the message names it."""


@dataclass(frozen=True, slots=True, order=True)
class Happening:
    """One thing that happens to one phone."""

    at_s: float  # device time since its boot [s]
    phone: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.at_s:.3f}s {self.phone} {' '.join(self.words)}"


def tell(script: str, phones: Sequence[str], seed: int) -> list[Happening]:
    """Return everything that will happen, in order.

    Raises:
        ScriptError: for the first line that cannot be understood.
    """
    story: list[Happening] = []
    for number, line in enumerate(script.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            for happening in _draw(words, phones, seed, number):
                story.append(happening)
                if len(story) > _MAX_HAPPENINGS:
                    raise ValueError(f"more than {_MAX_HAPPENINGS} things would happen")
        except (ValueError, IndexError) as error:
            raise ScriptError(f"line {number}, {line.strip()!r}: {error}") from None
    return sorted(story)


def _draw(words: list[str], phones: Sequence[str], seed: int, number: int) -> Iterator[Happening]:
    """Draw one line for each phone that it names; no phone's draw depends on another's."""
    repeats = words[0] == "every"
    head, (whom, *rest) = (words[:4], words[4:]) if repeats else (words[:1], words[1:])
    if repeats and head[2] != "until":
        raise ValueError("every SPAN until TIME is expected")
    if not rest:
        raise ValueError("a time, a phone and what happens to it are expected")
    if whom not in (_EVERYBODY, *phones):
        raise ValueError(f"no phone {whom!r}; there are: {', '.join(phones)}")
    for phone in phones if whom == _EVERYBODY else (whom,):
        dice = random.Random(zlib.crc32(f"{seed}:{number}:{phone}".encode()))
        times = _repeated(head[1], seconds(head[3]), dice) if repeats else [_span(head[0], dice)]
        for at_s in times:
            yield Happening(round(at_s, 3), phone, tuple(_chosen(word, dice) for word in rest))


def _repeated(between: str, until_s: float, dice: random.Random) -> Iterator[float]:
    at_s = 0.0
    while True:
        step_s = _span(between, dice)
        if step_s <= 0.0:
            raise ValueError("the time between two happenings must be more than none")
        at_s += step_s
        if at_s > until_s:
            return
        yield at_s


def _span(text: str, dice: random.Random) -> float:
    """Return the seconds of `5s`, or of a point drawn from `5s..9s`."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return seconds(text)
    return dice.uniform(seconds(match[1]), seconds(match[2]))


def _chosen(word: str, dice: random.Random) -> str:
    if _RANGE.fullmatch(word):
        return f"{_span(word, dice):.3f}s"
    return dice.choice(word.split("|"))


async def play(
    story: Sequence[Happening],
    now_s: Callable[[], float],
    wait_async: Callable[[float], Awaitable[None]],
    act: Callable[[Happening], Awaitable[None]],
) -> None:
    """Let one phone's happenings happen, each when its device time has come."""
    for happening in story:
        # The phone may have slept meanwhile, so that its time has moved less than ours.
        while (left_s := happening.at_s - now_s()) > 0:
            await wait_async(left_s)
        await act(happening)
