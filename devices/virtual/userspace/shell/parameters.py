"""What `$name` means: positional and special parameters, variables, and those that change."""

import random
from collections.abc import Callable

from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.shell.arithmetic import evaluate
from devices.virtual.userspace.shell.shell import Shell

_OPTION_LETTERS = {
    "allexport": "a",
    "errexit": "e",
    "noglob": "f",
    "noclobber": "C",
    "noexec": "n",
    "nounset": "u",
    "verbose": "v",
    "xtrace": "x",
    "braceexpand": "",
    "pipefail": "",
}
_NS_PER_S = 1_000_000_000


class Parameters:
    """The parameters of one shell, as expansions and expressions read them."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._specials: dict[str, Callable[[], str | None]] = {
            "?": lambda: str(shell.status),
            "#": lambda: str(len(shell.arguments)),
            "$": lambda: str(shell.shell_pid),
            "!": lambda: None if shell.last_background is None else str(shell.last_background),
            "0": lambda: shell.name,
            "-": self._letters,
            "RANDOM": lambda: str(random.randrange(32768)),
            "SECONDS": lambda: str(
                (shell.system.clock.now_ns() - shell.process.started_ns) // _NS_PER_S
            ),
            "LINENO": lambda: str(shell.line),
            "BASHPID": lambda: str(shell.process.pid),
            "PPID": lambda: str(shell.process.ppid),
        }

    @property
    def ifs(self) -> str | None:
        """The characters that split fields; None means the default."""
        return self._shell.variables.get("IFS")

    @property
    def joiner(self) -> str:
        """What stands between the parameters in `"$*"`."""
        ifs = self.ifs
        return " " if ifs is None else ifs[:1]

    @property
    def options(self) -> set[str]:
        """The options of `set -o` that are on."""
        return self._shell.options

    @property
    def files(self) -> FileTree:
        """The phone's files."""
        return self._shell.system.files

    @property
    def cwd(self) -> str:
        """The current directory."""
        return self._shell.cwd

    def value(self, name: str) -> str | list[str] | None:
        """Return a parameter: None if unset, a list for `@` and `*`."""
        found = self._shell.variables.get(name)
        if found is not None:
            return found
        if name in ("@", "*"):
            return list(self._shell.arguments)
        if name in self._specials:
            return self._specials[name]()
        if name.isdecimal():
            arguments = self._shell.arguments
            return arguments[int(name) - 1] if 0 < int(name) <= len(arguments) else None
        return None

    def elements(self, name: str) -> list[str]:
        """Return all elements of an array."""
        return self._shell.variables.find(name).values()

    def element(self, name: str, index: int) -> str | None:
        """Return one element of an array."""
        return self._shell.variables.find(name).element(index)

    def assign(self, name: str, value: str, index: int | None) -> None:
        """Assign a variable."""
        self._shell.variables.set(name, value, index)

    def home_of(self, user: str) -> str | None:
        """Return the directory that `~user` means."""
        names = {"": "HOME", "+": "PWD", "-": "OLDPWD"}
        if user in names:
            return self._shell.variables.get(names[user])
        return {"root": "/", "shell": "/"}.get(user)

    def number_text(self, name: str, index: int) -> str:
        """Return a variable for an expression."""
        found = self.value(name) if index == 0 else self.element(name, index)
        return found if isinstance(found, str) else ""

    def set_number(self, name: str, index: int, value: int) -> None:
        """Assign the value of an expression."""
        self._shell.variables.set_number(name, index, value)

    def evaluate(self, expression: str) -> int:
        """Evaluate an arithmetic expression."""
        return evaluate(expression, self)

    def _letters(self) -> str:
        return "".join(sorted(_OPTION_LETTERS.get(option, "") for option in self.options))
