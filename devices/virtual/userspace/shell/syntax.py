"""What a script is made of once it is parsed: words and commands, immutable once parsed."""

from dataclasses import dataclass

# --- words ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """Unquoted text: `*`, `~` and `{` mean something in it."""

    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """Text from quotes or behind a backslash: only itself."""

    text: str


@dataclass(frozen=True, slots=True)
class DoubleQuoted:
    """What stands between double quotes: expanded, never split, never a pattern."""

    parts: "tuple[Part, ...]"


@dataclass(frozen=True, slots=True)
class Parameter:
    """`$name` or `${name…}`."""

    name: str
    operator: str = ""  # "", "length", ":-", "-", …, "#", "##", "%", "%%", "/", "//", ":", "@Q"
    operand: "Word | None" = None
    second: "Word | None" = None  # the replacement of `/`, the length of `:`
    index: "Word | None" = None  # of an array; Literal("@") and Literal("*") mean all


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(…)` or backquotes."""

    body: "Script"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`$((…))`; the expression is expanded first."""

    expression: "Word"


Part = Literal | Quoted | DoubleQuoted | Parameter | Substitution | Arithmetic


@dataclass(frozen=True, slots=True)
class Word:
    """Parts that stand together without a blank."""

    parts: tuple[Part, ...]
    plain: str | None = None  # its text, if expanding cannot change it


# --- commands ------------------------------------------------------------------------------


@dataclass(slots=True)
class HereDocument:
    """A here-document; its body comes after the line that asks for it."""

    delimiter: str
    is_literal: bool
    strips_tabs: bool
    body: Word | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """One redirection; they happen in the order in which they are written."""

    descriptor: int
    operator: str  # < > >> >| <> <& >& &> << <<-  <<<
    target: "Word | HereDocument"


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name=value`, `name+=value`, `name[index]=value` or `name=(values)`."""

    name: str
    value: Word | tuple[Word, ...]
    index: Word | None = None
    is_appending: bool = False


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, then a command with its words."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`a | b | c`, perhaps with `!` in front."""

    stages: "tuple[Command, ...]"
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Timed:
    """`time command`."""

    body: "Command | None"
    is_posix: bool = False  # `time -p`


@dataclass(frozen=True, slots=True)
class AndOr:
    """`left && right` or `left || right`."""

    left: "Command"
    operator: str
    right: "Command"


@dataclass(frozen=True, slots=True)
class Background:
    """`command &`; `text` is what `jobs` shows."""

    body: "Command"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Sequence:
    """Commands one after the other."""

    commands: "tuple[Command, ...]"


@dataclass(frozen=True, slots=True)
class Subshell:
    """`( … )`."""

    body: "Command"


@dataclass(frozen=True, slots=True)
class Group:
    """`{ …; }`."""

    body: "Command"


@dataclass(frozen=True, slots=True)
class If:
    """`if condition; then body; else otherwise; fi`; `elif` is an If in `otherwise`."""

    condition: "Command"
    body: "Command"
    otherwise: "Command | None"


@dataclass(frozen=True, slots=True)
class Loop:
    """`while` or `until`."""

    condition: "Command"
    body: "Command"
    is_until: bool


@dataclass(frozen=True, slots=True)
class For:
    """`for name in words`; without words: the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: "Command"


@dataclass(frozen=True, slots=True)
class CaseItem:
    """One `pattern | pattern) body` and how it ends: `;;`, `;&` or `;|`."""

    patterns: tuple[Word, ...]
    body: "Command"
    ending: str


@dataclass(frozen=True, slots=True)
class Case:
    """`case subject in … esac`."""

    subject: Word
    items: tuple[CaseItem, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """The definition of a function; `source` is its text for `typeset -f`."""

    name: str
    body: "Command"
    is_ksh: bool  # `function name`, where $0 is the function's name
    source: str


@dataclass(frozen=True, slots=True)
class ArithmeticCommand:
    """`(( … ))`."""

    expression: Word


@dataclass(frozen=True, slots=True)
class TestWord:
    """An operand of `[[ ]]`."""

    word: Word


@dataclass(frozen=True, slots=True)
class TestNot:
    """`! x` inside `[[ ]]`."""

    operand: "TestNode"


@dataclass(frozen=True, slots=True)
class TestJoin:
    """`x && y` or `x || y` inside `[[ ]]`."""

    left: "TestNode"
    operator: str
    right: "TestNode"


@dataclass(frozen=True, slots=True)
class TestUnary:
    """`-f x`."""

    operator: str
    operand: Word


@dataclass(frozen=True, slots=True)
class TestBinary:
    """`x == y`."""

    left: Word
    operator: str
    right: Word


TestNode = TestWord | TestNot | TestJoin | TestUnary | TestBinary


@dataclass(frozen=True, slots=True)
class Test:
    """`[[ … ]]`."""

    expression: TestNode


@dataclass(frozen=True, slots=True)
class Redirected:
    """A compound command with redirections behind it."""

    body: "Command"
    redirects: tuple[Redirect, ...]


Command = (
    Simple
    | Pipeline
    | Timed
    | AndOr
    | Background
    | Sequence
    | Subshell
    | Group
    | If
    | Loop
    | For
    | Case
    | Function
    | ArithmeticCommand
    | Test
    | Redirected
)


@dataclass(frozen=True, slots=True)
class Script:
    """Complete commands in order; `error` is where the text stops being a script.

    mksh runs each complete line before it reads the next, so what stands before a syntax error
    still happens.
    """

    commands: tuple[Command, ...]
    error: str | None = None
