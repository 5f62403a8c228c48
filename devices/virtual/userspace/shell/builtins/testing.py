"""test and [: conditions as a list of words."""

from devices.virtual.userspace.shell.conditional import binary, unary
from devices.virtual.userspace.shell.conditions import BINARY, UNARY
from devices.virtual.userspace.shell.errors import BadNumber, Refusal
from devices.virtual.userspace.shell.parameters import Parameters
from devices.virtual.userspace.shell.shell import Shell

MAX_WORDS = 200  # a security limit: each may nest


async def test(shell: Shell, args: list[str]) -> int:
    """Succeed if the condition holds."""
    if len(args) > MAX_WORDS:
        raise Refusal(f"more than {MAX_WORDS} words", 2)
    try:
        return int(not _Condition(shell, args).value())
    except BadNumber as error:
        await shell.complain(str(error))
        return error.status


async def bracket(shell: Shell, args: list[str]) -> int:
    """Do what test does, up to a closing bracket."""
    if not args or args[-1] != "]":
        raise Refusal("missing ]", 2)
    return await test(shell, args[:-1])


class _Condition:
    """Recursive descent over words: -o, then -a, then !."""

    def __init__(self, shell: Shell, words: list[str]) -> None:
        self._shell = shell
        self._names = Parameters(shell)
        self._words = words
        self._at = 0

    def value(self) -> bool:
        """Evaluate all words."""
        if not self._words:
            return False
        short = self._short()
        if short is not None:
            return short
        result = self._either()
        if self._at < len(self._words):
            raise self._unexpected()
        return result

    def _short(self) -> bool | None:
        """Decide by the number of words, as POSIX says, so that `[ ! ]` and `[ -f ]` are texts."""
        words = self._words
        if len(words) == 1:
            return bool(words[0])
        if len(words) == 2 and words[0] == "!":
            return not words[1]
        if len(words) == 3 and words[1] in BINARY:
            return self._binary(*words)
        if len(words) == 4 and words[0] == "!" and words[2] in BINARY:
            return not self._binary(*words[1:])
        return None

    def _either(self) -> bool:
        result = self._both()
        while self._takes("-o"):
            result = self._both() or result
        return result

    def _both(self) -> bool:
        result = self._primary()
        while self._takes("-a"):
            result = self._primary() and result
        return result

    def _primary(self) -> bool:
        if self._takes("!"):
            return not self._primary()
        following = self._peek(1)
        if following in BINARY and self._peek(2) is not None:
            words = self._words[self._at : self._at + 3]
            self._at += 3
            return self._binary(*words)
        if self._takes("("):
            result = self._either()
            if not self._takes(")"):
                raise Refusal("missing )", 2)
            return result
        word = self._peek(0)
        if word in UNARY and following is not None:
            self._at += 2
            return unary(word, following, self._shell)
        if word is None:
            raise Refusal("expression expected", 2)
        self._at += 1
        return bool(word)

    def _binary(self, left: str, operator: str, right: str) -> bool:
        return binary(left, operator, right, self._shell, self._names)

    def _takes(self, word: str) -> bool:
        is_there = self._peek(0) == word
        self._at += is_there
        return is_there

    def _peek(self, ahead: int) -> str | None:
        at = self._at + ahead
        return self._words[at] if at < len(self._words) else None

    def _unexpected(self) -> Refusal:
        word = self._words[self._at]
        if word in BINARY and self._peek(1) is None:
            return Refusal(f"{word}: missing second argument", 2)
        return Refusal(f"{word}: unexpected operator/operand", 2)
