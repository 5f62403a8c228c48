"""What can go wrong in a shell, and the jumps that its control flow makes.

- ShellSyntaxError: the text is no shell script
- ShellError: a command failed in a way that ends a script, with mksh's words
- Refusal: a builtin's complaint about its arguments
- Jump: break, continue, return and exit on their way to whoever handles them
"""


class ShellSyntaxError(Exception):
    """The text is no shell script; the message has mksh's words."""


class ShellError(Exception):
    """Something that ends a non-interactive shell."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status
        self.is_reported = False  # the message has been written where it belongs


class BadNumber(ShellError):
    """An operand of a comparison that is no number: the condition fails with status 2."""


class BadValue(ShellError):
    """A parameter whose value is no expression: unlike other mistakes it ends `(( ))` and more."""


class Refusal(Exception):
    """A builtin's complaint; the shell puts the builtin's name in front of it."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class Jump(Exception):
    """A command that continues somewhere else; not an error."""


class LoopJump(Jump):
    """`break` or `continue`, out of `levels` loops."""

    def __init__(self, levels: int) -> None:
        super().__init__(levels)
        self.levels = levels


class BreakLoop(LoopJump):
    """Leave the loop."""


class ContinueLoop(LoopJump):
    """Go to the loop's next turn."""


class ReturnJump(Jump):
    """Leave a function or a sourced file."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ExitJump(Jump):
    """Leave the shell."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status
