"""Collects what words expand to: fields made of pieces that remember whether they were quoted."""

from collections.abc import Iterator

Field = list[tuple[str, bool]]  # pieces of text and whether each was quoted

DEFAULT_IFS = " \t\n"
_WHITE = " \t\n"


class Fields:
    """Fields under construction, split at the characters of IFS."""

    def __init__(self, ifs: str | None, *, splits: bool) -> None:
        self._white = "".join(char for char in _separators(ifs) if char in _WHITE)
        self._black = "".join(char for char in _separators(ifs) if char not in _WHITE)
        self._splits = splits
        self._done: list[Field] = []
        self._current: Field | None = None
        self._is_after_white = False

    def add(self, text: str, *, is_quoted: bool) -> None:
        """Add text that is not split; even empty it makes a field if it was quoted."""
        if not text and not is_quoted:
            return
        if self._current is None:
            self._current = []
        self._current.append((text, is_quoted))
        self._is_after_white = False

    def split(self, text: str) -> None:
        """Add the unquoted value of an expansion."""
        if not self._splits:
            self.add(text, is_quoted=False)
            return
        for piece in self._pieces(text):
            if piece in self._white:
                self._is_after_white = self._is_after_white or self._current is not None
                self.finish()
            elif piece in self._black:
                self._black_separator()
            else:
                self.add(piece, is_quoted=False)

    def finish(self) -> None:
        """End the current field, if one has begun."""
        if self._current is not None:
            self._done.append(self._current)
            self._current = None

    def result(self) -> list[Field]:
        """Return all fields."""
        self.finish()
        return self._done

    def _black_separator(self) -> None:
        if self._current is None and not self._is_after_white:
            self._current = []
        self._is_after_white = False
        self.finish()

    def _pieces(self, text: str) -> Iterator[str]:
        """Cut `text` into single separators and what stands between them."""
        separators = self._white + self._black
        start = 0
        for at, char in enumerate(text):
            if char in separators:
                if at > start:
                    yield text[start:at]
                yield char
                start = at + 1
        if start < len(text):
            yield text[start:]


def _separators(ifs: str | None) -> str:
    return DEFAULT_IFS if ifs is None else ifs


def field_text(field: Field) -> str:
    """Return a field without its quotes."""
    return "".join(text for text, _ in field)
