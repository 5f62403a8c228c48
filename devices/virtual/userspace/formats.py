"""printf's formats, shared by the shell and the program of that name."""

import re
from dataclasses import dataclass, field

from devices.virtual.userspace.shell.escapes import echoed, printed

MAX_WIDTH = 65_536  # a security limit
_DIRECTIVE = re.compile(
    r"%(?P<flags>[-+ #0]*)(?P<width>\*|\d*)(?:\.(?P<precision>\*|\d*))?"
    r"(?:hh|h|ll|l|j|z|t)?(?P<kind>[diouxXcsbqeEfFgGaA%])"
)


@dataclass
class Formatted:
    """What printf prints and what it complains about."""

    text: str = ""
    complaints: list[str] = field(default_factory=list)


def formatted(template: str, arguments: list[str]) -> Formatted:
    """Fill the template, again and again while arguments are left."""
    filling = _Filling(template, arguments)
    while filling.once():
        pass
    return filling.result


class _Filling:
    """One printf at work."""

    def __init__(self, template: str, arguments: list[str]) -> None:
        self.result = Formatted()
        self._template = template
        self._arguments = list(arguments)
        self._taken = 0
        self._is_stopped = False

    def once(self) -> bool:
        """Go through the template once; return whether another round is due."""
        taken_before = self._taken
        at = 0
        for match in _DIRECTIVE.finditer(self._template):
            self.result.text += printed(self._template[at : match.start()])
            at = match.end()
            self.result.text += self._directive(match)
            if self._is_stopped:
                return False
        self.result.text += printed(self._template[at:])
        return self._taken > taken_before and self._taken < len(self._arguments)

    def _directive(self, match: re.Match[str]) -> str:
        kind = match["kind"]
        if kind == "%":
            return "%"
        flags, width = match["flags"], self._size(match["width"]) or 0
        if width < 0:
            flags, width = flags + "-", -width
        precision = self._size(match["precision"])
        return self._converted(kind, flags, min(width, MAX_WIDTH), precision)

    def _size(self, text: str | None) -> int | None:
        if text is None:
            return None
        if text == "*":
            return self._number(self._take())
        return min(int(text), MAX_WIDTH) if text else 0

    def _converted(self, kind: str, flags: str, width: int, precision: int | None) -> str:
        if kind in "sbqc":
            text = self._text(kind)
            if precision is not None and kind != "c":
                text = text[:precision]
            return text.ljust(width) if "-" in flags else text.rjust(width)
        shown_precision = "" if precision is None else f".{precision}"
        if kind in "diouxX":
            number = self._number(self._take())
            if kind in "ouxX" and number < 0:
                number += 1 << 64
            kind = "d" if kind in "iu" else kind
            return _c_format(f"%{flags}{width or ''}{shown_precision}{kind}", number, flags)
        return f"%{flags}{width or ''}{shown_precision}{kind.replace('a', 'e')}" % self._real()

    def _text(self, kind: str) -> str:
        text = self._take()
        if kind == "c":
            return text[:1]
        if kind == "b":
            found = echoed(text)
            self._is_stopped = self._is_stopped or found.has_stop
            return found.text
        return text

    def _take(self) -> str:
        self._taken += 1
        return self._arguments[self._taken - 1] if self._taken <= len(self._arguments) else ""

    def _number(self, text: str) -> int:
        if not text:
            return 0
        if text[0] in "'\"" and len(text) > 1:
            return ord(text[1])
        match = re.match(r"\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)", text)
        if not match:
            self.result.complaints.append(f"{text}: expected a numeric value")
            return 0
        if match.end() != len(text):
            self.result.complaints.append(f"{text}: not completely converted")
        digits = match[2]
        base = 16 if digits[:2] in ("0x", "0X") else 8 if digits.startswith("0") else 10
        value = int(digits, base)
        return -value if match[1] == "-" else value

    def _real(self) -> float:
        text = self._take()
        try:
            return float(text) if text else 0.0
        except ValueError:
            self.result.complaints.append(f"{text}: expected a numeric value")
            return 0.0


def _c_format(directive: str, number: int, flags: str) -> str:
    text = directive % number
    if directive.endswith("o") and "#" in flags:
        return text.replace("0o", "0", 1)
    return text
