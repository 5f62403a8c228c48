"""Root rights on a phone: whether there are any, and how a command gets them."""

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devices.phone import Phone
from devices.reports import meaningful

AsRoot = Callable[[Sequence[str]], list[str]]
#: Who we are then, and whether it opens what is closed to everybody else.
_PROBE = "id -u; ls /data >/dev/null"
_UID = re.compile(r"(?:uid=)?([0-9]{1,10})(?:\(.*)?")
#: What a su that does not obey says, in the order in which to look.
_REASONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bsu: .*(not found|No such file)|: not found"), "no_su"),
    (re.compile(r"invalid uid|(invalid|unrecognized|unknown) (option|user|id)"), "bad_syntax"),
    (re.compile(r"denied|not allowed", re.IGNORECASE), "denied"),
)


@dataclass(frozen=True, slots=True)
class RootReport:
    """What asking for root and `id -u` has brought."""

    root: bool
    reason: str  # root, restricted, not_root, no_su, bad_syntax, denied, no_answer or error
    uid: int | None


def _plain(argv: Sequence[str]) -> list[str]:
    return list(argv)


def _su_with_user(argv: Sequence[str]) -> list[str]:
    return ["su", "0", *argv]


def _su_with_command(argv: Sequence[str]) -> list[str]:
    """Hand over the command as one word: this su loses all words but the first."""
    return ["su", "-c", shlex.join(argv)]


def find_root(phone: Phone) -> AsRoot | None:
    """Return how to run a command as root here, or None; only what `id` answers counts."""
    return ask(phone)[0]


def ask(phone: Phone) -> tuple[AsRoot | None, RootReport]:
    """Return how to run a command as root here, if at all, and what was answered."""
    answers: list[RootReport] = []
    for way in (_plain, _su_with_user, _su_with_command):
        completed = phone.run(way(["sh", "-c", _PROBE]))
        answers.append(parse(f"{completed.stdout}\n{completed.stderr}"))
        if answers[-1].root:
            return way, answers[-1]
    # What su says to the form it knows tells more than what it says to the other one.
    return None, next((a for a in reversed(answers) if a.reason != "bad_syntax"), answers[-1])


def parse(text: str) -> RootReport:
    """Read what came of `id` as root; whatever it is, it is an answer."""
    lines = [line.strip() for line in meaningful(text) if line.strip()]
    found = [match for match in map(_UID.fullmatch, lines) if match]
    if found:
        uid = int(found[0][1])
        behind = lines[lines.index(found[0][0]) + 1 :]
        is_bound = uid == 0 and any("Permission denied" in line for line in behind)
        reason = "restricted" if is_bound else "root" if uid == 0 else "not_root"
        return RootReport(uid == 0, reason, uid)
    return RootReport(False, _reason(lines), None)


def _reason(lines: Sequence[str]) -> str:
    if not lines:
        return "no_answer"
    if lines[0].startswith(("error:", "adb:", "adb.exe:")):
        return "error"
    text = "\n".join(lines)
    return next((reason for mark, reason in _REASONS if mark.search(text)), "error")
