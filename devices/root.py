"""Root rights on a phone: whether there are any, and how a command gets them."""

import shlex
from collections.abc import Callable, Sequence

from devices.phone import Phone

AsRoot = Callable[[Sequence[str]], list[str]]


def _plain(argv: Sequence[str]) -> list[str]:
    return list(argv)


def _su_with_user(argv: Sequence[str]) -> list[str]:
    return ["su", "0", *argv]


def _su_with_command(argv: Sequence[str]) -> list[str]:
    """Hand over the command as one word: this su loses all words but the first."""
    return ["su", "-c", shlex.join(argv)]


def find_root(phone: Phone) -> AsRoot | None:
    """Return how to run a command as root here, or None; only what `id` answers counts."""
    for way in (_plain, _su_with_user, _su_with_command):
        first = phone.run(way(["id", "-u"])).stdout.strip().partition("\n")[0]
        if first == "0" or first.startswith("uid=0("):
            return way
    return None
