"""Reads `${…}`: a parameter, what to do with it, and the words for that."""

from devices.virtual.userspace.shell.cursor import NAME, Cursor, make_word
from devices.virtual.userspace.shell.syntax import Parameter, Part, Word

SPECIALS = "?#$!-@*0123456789"
_DIGITS = tuple("0123456789")
_PATTERN_OPERATORS = ("##", "#", "%%", "%")
_NOT_FOR_LISTS = ("#", "%", "/")
_AFTER_COUNT = ":-=+?%#"
_VALUE_OPERATORS = (":-", ":=", ":+", ":?", "-", "=", "+", "?")


class BracedReader(Cursor):
    """The part of reading words that lies between braces."""

    def index(self) -> Word:
        """Read an array's index behind its `[`."""
        index = make_word(self._parts("]", is_quoted=True))
        self._expect("]")
        return index

    def _braced(self, *, is_quoted: bool) -> Part:
        self._enter(2)
        text = self.text
        if text[self.at : self.at + 1] == "#" and text[self.at + 1 : self.at + 2] not in ("}", ""):
            part = self._length()
        else:
            part = self._named(is_quoted=is_quoted)
        self._leave("}")
        return part

    def _named(self, *, is_quoted: bool) -> Part:
        start = self.at
        name = self._name()
        index = self._index()
        part = self._operation(name, index, is_quoted=is_quoted) if name else None
        is_list = name in ("@", "*") or (index is not None and index.plain in ("@", "*"))
        if part is not None and not (is_list and part.operator[:1] in _NOT_FOR_LISTS):
            return part
        # mksh complains only when it comes to expand this.
        self.at = start
        self._parts("}", is_quoted=is_quoted)
        return Parameter(self.text[start : self.at], "bad")

    def _length(self) -> Part:
        start = self.at
        self.at += 1
        has_more = self.text[self.at + 1 : self.at + 2] != "}"
        if self.text[self.at] in _AFTER_COUNT and has_more:
            self.at = start  # `${#-x}` is `$#` with an operator
            return self._named(is_quoted=False)
        name = self._name()
        index = self._index()
        if name and self.text.startswith("}", self.at):
            return Parameter(name, "length", index=index)
        self.at = start
        self._parts("}")
        return Parameter(self.text[start : self.at], "bad")

    def _name(self) -> str:
        char = self.text[self.at : self.at + 1]
        match = NAME.match(self.text, self.at)
        if match:
            self.at = match.end()
            return match[0]
        if char.isdigit() and char.isascii():
            start = self.at
            while self.text[self.at : self.at + 1] in _DIGITS:
                self.at += 1
            return self.text[start : self.at]
        if char and char in SPECIALS:
            self.at += 1
            return char
        return ""

    def _index(self) -> Word | None:
        if self.text[self.at : self.at + 1] != "[":
            return None
        self.at += 1
        return self.index()

    def _operation(self, name: str, index: Word | None, *, is_quoted: bool) -> Parameter | None:
        """Read what stands behind a name; None if it is no operator."""
        text, at = self.text, self.at
        if text.startswith("}", at) or at >= len(text):
            return Parameter(name, index=index)
        if operator := _starting(text, at, _VALUE_OPERATORS):
            self.at += len(operator)
            return Parameter(name, operator, self._operand("}", is_quoted), index=index)
        if operator := _starting(text, at, _PATTERN_OPERATORS):
            self.at += len(operator)
            return Parameter(name, operator, self._operand("}", False), index=index)
        if text[at] == "/":
            return self._replacement(name, index)
        if text[at] == ":":
            return self._slice(name, index)
        if text.startswith("@Q}", at):
            self.at += 2
            return Parameter(name, "@Q", index=index)
        return None

    def _operand(self, stops: str, is_quoted: bool) -> Word:
        return make_word(self._parts(stops, is_quoted=is_quoted))

    def _replacement(self, name: str, index: Word | None) -> Parameter:
        self.at += 1
        operator = "/"
        if self.text[self.at : self.at + 1] in ("/", "#", "%"):
            operator += self.text[self.at]
            self.at += 1
        pattern = self._operand("/}", False)
        replacement = None
        if self.text.startswith("/", self.at):
            self.at += 1
            replacement = self._operand("}", False)
        return Parameter(name, operator, pattern, replacement, index)

    def _slice(self, name: str, index: Word | None) -> Parameter:
        self.at += 1
        offset = self._operand(":}", True)
        length = None
        if self.text.startswith(":", self.at):
            self.at += 1
            length = self._operand("}", True)
        return Parameter(name, ":", offset, length, index)


def _starting(text: str, at: int, choices: tuple[str, ...]) -> str:
    return next((choice for choice in choices if text.startswith(choice, at)), "")
