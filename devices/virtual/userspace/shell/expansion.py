"""Expands words: tildes, parameters, commands, arithmetic, then fields, braces and file names."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from devices.virtual.userspace.shell.braces import expand_braces
from devices.virtual.userspace.shell.errors import ShellError
from devices.virtual.userspace.shell.fields import Field, Fields, field_text
from devices.virtual.userspace.shell.globbing import expand_pattern
from devices.virtual.userspace.shell.parameters import Parameters
from devices.virtual.userspace.shell.patterns import Pattern, compile_pattern
from devices.virtual.userspace.shell.replacing import (
    removed_prefix,
    removed_suffix,
    replaced,
    shell_quoted,
    sliced,
)
from devices.virtual.userspace.shell.syntax import (
    Arithmetic,
    DoubleQuoted,
    Literal,
    Parameter,
    Part,
    Quoted,
    Script,
    Substitution,
    Word,
)
from devices.virtual.userspace.shell.tildes import expand_tildes

Capture = Callable[[Script], Awaitable[str]]


class Expander:
    """Expands words with one shell's parameters."""

    def __init__(self, parameters: Parameters, capture: Capture) -> None:
        self._parameters = parameters
        self._capture = capture

    async def fields(self, words: Iterable[Word]) -> list[str]:
        """Return the arguments that words become."""
        result: list[str] = []
        for word in words:
            if word.plain is not None:
                result.append(word.plain)
            else:
                result.extend(await self._fields_of(word))
        return result

    async def text(self, word: Word, *, is_assigned: bool = False) -> str:
        """Return a word as one text: neither split nor matched against files."""
        if word.plain is not None:
            return word.plain
        return field_text(await self._whole(word, is_assigned=is_assigned))

    async def pattern(self, word: Word) -> Pattern:
        """Return a word as a pattern."""
        return compile_pattern(await self._whole(word))

    async def number(self, word: Word) -> int:
        """Return the value of an expression after its parameters are expanded."""
        return self._parameters.evaluate(await self.text(word))

    async def _fields_of(self, word: Word) -> list[str]:
        fields = Fields(self._parameters.ifs, splits=True)
        await self._add(self._with_tildes(word.parts), fields)
        result: list[str] = []
        for field in fields.result():
            for alternative in expand_braces(field):
                result.extend(self._files(alternative))
        return result

    def _files(self, field: Field) -> list[str]:
        if "noglob" in self._parameters.options:
            return [field_text(field)]
        return expand_pattern(field, self._parameters.files, self._parameters.cwd)

    async def _whole(self, word: Word, *, is_assigned: bool = False) -> Field:
        fields = Fields(self._parameters.ifs, splits=False)
        await self._add(self._with_tildes(word.parts, is_assigned=is_assigned), fields)
        pieces: Field = []
        for number, field in enumerate(fields.result()):
            if number:
                pieces.append((" ", True))
            pieces.extend(field)
        return pieces

    def _with_tildes(
        self, parts: tuple[Part, ...], *, is_assigned: bool = False
    ) -> tuple[Part, ...]:
        if parts and isinstance(parts[0], Literal) and "~" in parts[0].text:
            return expand_tildes(parts, self._parameters.home_of, is_assigned=is_assigned)
        return parts

    async def _add(self, parts: Sequence[Part], fields: Fields, *, is_quoted: bool = False) -> None:
        for part in parts:
            if isinstance(part, Literal):
                fields.add(part.text, is_quoted=is_quoted)
            elif isinstance(part, Quoted):
                fields.add(part.text, is_quoted=True)
            elif isinstance(part, DoubleQuoted):
                await self._add_double(part, fields)
            elif isinstance(part, Parameter):
                await self._add_parameter(part, fields, is_quoted=is_quoted)
            else:
                _add_value(await self._value(part), fields, is_quoted=is_quoted)

    async def _value(self, part: Substitution | Arithmetic) -> str:
        if isinstance(part, Substitution):
            return await self._capture(part.body)
        return str(await self.number(part.expression))

    async def _add_double(self, part: DoubleQuoted, fields: Fields) -> None:
        # `"$@"` without parameters is no field; `"$@$@"` and `"a$@"` follow from that.
        if not part.parts or not all(_is_all(inner) for inner in part.parts):
            fields.add("", is_quoted=True)
        await self._add(part.parts, fields, is_quoted=True)

    async def _add_parameter(self, part: Parameter, fields: Fields, *, is_quoted: bool) -> None:
        operator = part.operator
        if operator == "bad":
            raise ShellError(f"${{{part.name}}}: bad substitution")
        value = await self._parameter_value(part)
        if operator.lstrip(":") in ("-", "=", "+", "?") and operator:
            value = await self._chosen(part, value, fields, is_quoted=is_quoted)
            if value is None:
                return
        elif value is None and "nounset" in self._parameters.options and part.name not in "@*":
            raise ShellError(f"{part.name}: parameter not set")
        value = await self._transformed(part, value)
        if isinstance(value, list):
            self._add_list(value, part, fields, is_quoted=is_quoted)
        else:
            _add_value(value or "", fields, is_quoted=is_quoted)

    async def _parameter_value(self, part: Parameter) -> str | list[str] | None:
        if part.index is None:
            return self._parameters.value(part.name)
        if part.index.plain in ("@", "*") or _spelled(part.index) in ("@", "*"):
            return self._parameters.elements(part.name)
        return self._parameters.element(part.name, await self.number(part.index))

    def _add_list(
        self, values: list[str], part: Parameter, fields: Fields, *, is_quoted: bool
    ) -> None:
        if is_quoted and not _is_all(part):
            fields.add(self._parameters.joiner.join(values), is_quoted=True)
            return
        for number, value in enumerate(values):
            if number:
                fields.finish()
            _add_value(value, fields, is_quoted=is_quoted)

    async def _chosen(
        self, part: Parameter, value: str | list[str] | None, fields: Fields, *, is_quoted: bool
    ) -> str | list[str] | None:
        """Apply `-`, `=`, `+` or `?`; None if the operand took the value's place."""
        is_missing = value is None or (part.operator[0] == ":" and value in ("", []))
        if isinstance(value, list) and not value:
            is_missing = True
        kind = part.operator[-1]
        assert part.operand is not None
        if kind == "+":
            if not is_missing:
                await self._add_operand(part.operand, fields, is_quoted=is_quoted)
            return None
        if not is_missing:
            return value
        if kind == "-":
            await self._add_operand(part.operand, fields, is_quoted=is_quoted)
            return None
        return await self._assigned_or_refused(part, part.operand)

    async def _assigned_or_refused(self, part: Parameter, operand: Word) -> str:
        text = await self.text(operand)
        if part.operator[-1] == "=":
            if not part.name[0].isalpha() and part.name[0] != "_":
                raise ShellError(f"{part.name}: cannot assign in this way")
            index = await self.number(part.index) if part.index else None
            self._parameters.assign(part.name, text, index)
            return text
        raise ShellError(f"{part.name}: {text or 'parameter null or not set'}")

    async def _add_operand(self, operand: Word, fields: Fields, *, is_quoted: bool) -> None:
        parts = operand.parts if is_quoted else self._with_tildes(operand.parts)
        if is_quoted:
            await self._add(parts, fields, is_quoted=True)
            return
        for part in parts:
            if isinstance(part, Literal):
                fields.split(part.text)
            else:
                await self._add((part,), fields)

    async def _transformed(
        self, part: Parameter, value: str | list[str] | None
    ) -> str | list[str] | None:
        operator = part.operator
        if not operator or operator.lstrip(":") in ("-", "=", "?"):
            return value
        if operator == "length":
            return str(len(value or "")) if not isinstance(value, list) else str(len(value))
        change = await self._change(part)
        if isinstance(value, list):
            return [change(item) for item in value]
        return change(value or "")

    async def _change(self, part: Parameter) -> Callable[[str], str]:
        operator = part.operator
        if operator == "@Q":
            return shell_quoted
        assert part.operand is not None
        if operator == ":":
            offset = await self.number(part.operand)
            length = await self.number(part.second) if part.second else None
            return lambda text: sliced(text, offset, length)
        pattern = await self.pattern(part.operand)
        if operator[0] == "/":
            replacement = await self.text(part.second) if part.second else ""
            return lambda text: replaced(text, pattern, replacement, operator[1:])
        remove = removed_prefix if operator[0] == "#" else removed_suffix
        return lambda text: remove(text, pattern, is_longest=len(operator) == 2)


def _add_value(value: str, fields: Fields, *, is_quoted: bool) -> None:
    if is_quoted:
        fields.add(value, is_quoted=True)
    else:
        fields.split(value)


def _is_all(part: Part) -> bool:
    """Say whether a part is `$@` or `${name[@]}`, each element of which is a field."""
    if not isinstance(part, Parameter):
        return False
    return part.name == "@" if part.index is None else _spelled(part.index) == "@"


def _spelled(word: Word) -> str:
    part = word.parts[0] if len(word.parts) == 1 else None
    return part.text if isinstance(part, Literal | Quoted) else ""
