"""A shell's variables, with functions' local ones, within a limit on their total size."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from devices.virtual.userspace.shell.arithmetic import evaluate
from devices.virtual.userspace.shell.errors import ShellError
from devices.virtual.userspace.shell.integers import wrap

MAX_TOTAL = 1 << 20  # [characters], a security limit on all values together
MAX_INDEX = 1 << 16  # a security limit on sparse arrays


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable; replaced, never changed, so that subshells can share it."""

    value: str | None = None  # element 0; None: declared but unset
    elements: Mapping[int, str] | None = None  # of an array, element 0 among them
    is_exported: bool = False
    is_readonly: bool = False
    is_integer: bool = False
    letter_case: str = ""  # "u" or "l": typeset -u, -l
    width: int = 0  # typeset -L, -R, -Z
    justify: str = ""

    def element(self, index: int) -> str | None:
        """Return one element; a scalar has only element 0."""
        if self.elements is None:
            return self.value if index == 0 else None
        return self.elements.get(index)

    def values(self) -> list[str]:
        """Return all elements in order."""
        if self.elements is not None:
            return [self.elements[index] for index in sorted(self.elements)]
        return [] if self.value is None else [self.value]


UNSET = Variable()


class Variables:
    """Names and values; a function call pushes a scope that `local` saves outer values in."""

    def __init__(self) -> None:
        self._all: dict[str, Variable] = {}
        self._scopes: list[dict[str, Variable | None]] = []
        self._total = 0

    def copy(self) -> "Variables":
        """Return the same variables for a subshell."""
        other = Variables()
        other._all = dict(self._all)
        other._scopes = [{} for _ in self._scopes]
        other._total = self._total
        return other

    def get(self, name: str) -> str | None:
        """Return a value, None if unset."""
        variable = self._all.get(name)
        return variable.value if variable else None

    def find(self, name: str) -> Variable:
        """Return a variable with its attributes."""
        return self._all.get(name, UNSET)

    def names(self) -> Iterator[str]:
        """Return all names in order."""
        return iter(sorted(self._all))

    def set(self, name: str, value: str, index: int | None = None) -> None:
        """Assign with the variable's attributes; refuses a readonly one."""
        old = self._all.get(name, UNSET)
        if old.is_readonly:
            raise ShellError(f"read-only: {name}", 2)
        value = self._shaped(old, value)
        if index is None and old.elements is None:
            self._put(name, old, replace(old, value=value))
            return
        self._put(name, old, _with_element(old, index or 0, value))

    def set_array(self, name: str, values: Mapping[int, str]) -> None:
        """Make `name` an array."""
        old = self._all.get(name, UNSET)
        if old.is_readonly:
            raise ShellError(f"read-only: {name}", 2)
        shaped = {index: self._shaped(old, value) for index, value in values.items()}
        self._put(name, old, replace(old, value=shaped.get(0), elements=shaped))

    def declare(self, name: str, variable: Variable) -> None:
        """Put a variable with attributes of its own."""
        self._put(name, self._all.get(name, UNSET), variable)

    def unset(self, name: str, index: int | None = None) -> None:
        """Forget a variable or one element of an array."""
        old = self._all.get(name)
        if old is None:
            return
        if old.is_readonly:
            raise ShellError(f"read-only: {name}", 2)
        self._total -= _size(old)
        if index is None or old.elements is None:
            del self._all[name]
            return
        elements = {key: value for key, value in old.elements.items() if key != index}
        self._total += sum(map(len, elements.values()))
        self._all[name] = replace(old, value=elements.get(0), elements=elements)

    def exported(self) -> dict[str, str]:
        """Return the environment for programs."""
        return {
            name: variable.value
            for name, variable in self._all.items()
            if variable.is_exported and variable.value is not None
        }

    def snapshot(self, names: Iterable[str]) -> dict[str, Variable | None]:
        """Return variables as they are now, for `reinstate`."""
        return {name: self._all.get(name) for name in names}

    def reinstate(self, snapshot: Mapping[str, Variable | None]) -> None:
        """Put variables back as they were."""
        for name, variable in snapshot.items():
            self._total -= _size(self._all.pop(name, UNSET))
            if variable is not None:
                self._all[name] = variable
                self._total += _size(variable)

    # --- functions -----------------------------------------------------------------------

    @property
    def is_in_function(self) -> bool:
        """Whether a function runs."""
        return bool(self._scopes)

    def push_scope(self) -> None:
        """Enter a function."""
        self._scopes.append({})

    def pop_scope(self) -> None:
        """Leave a function: what it made local is as before."""
        self.reinstate(self._scopes.pop())

    def make_local(self, name: str) -> None:
        """Save the outer variable; inside it starts unset."""
        if not self._scopes or name in self._scopes[-1]:
            return
        old = self._all.pop(name, None)
        self._scopes[-1][name] = old
        if old is not None:
            self._total -= _size(old)

    # --- arithmetic ----------------------------------------------------------------------

    def number_text(self, name: str, index: int) -> str:
        """Return a value for an expression."""
        return self.find(name).element(index) or ""

    def set_number(self, name: str, index: int, value: int) -> None:
        """Assign the value of an expression."""
        is_array = index != 0 or self.find(name).elements is not None
        self.set(name, str(value), index if is_array else None)

    def _shaped(self, variable: Variable, value: str) -> str:
        if variable.is_integer:
            value = str(wrap(evaluate(value, self)))
        if variable.letter_case:
            value = value.upper() if variable.letter_case == "u" else value.lower()
        if variable.width:
            value = _justified(value, variable)
        return value

    def _put(self, name: str, old: Variable, new: Variable) -> None:
        total = self._total + _size(new) - _size(old)
        if total > MAX_TOTAL:
            raise ShellError("out of memory")
        self._total = total
        self._all[name] = new


def _with_element(old: Variable, index: int, value: str) -> Variable:
    if not 0 <= index <= MAX_INDEX:
        raise ShellError(f"array index {index} out of range")
    elements = dict(old.elements) if old.elements is not None else {}
    if old.elements is None and old.value is not None:
        elements[0] = old.value
    elements[index] = value
    return replace(old, value=elements.get(0), elements=elements)


def _size(variable: Variable) -> int:
    if variable.elements is not None:
        return sum(map(len, variable.elements.values()))
    return len(variable.value or "")


def _justified(value: str, variable: Variable) -> str:
    width = variable.width
    if variable.justify == "L":
        return value.lstrip(" ")[:width].ljust(width)
    value = value.rstrip(" ")[-width:]
    return value.rjust(width, "0" if variable.justify == "Z" else " ")
