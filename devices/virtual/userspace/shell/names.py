"""Which words mean something to the shell itself."""

RESERVED = frozenset(
    (
        *("if", "then", "else", "elif", "fi", "case", "esac", "for", "while", "until", "do"),
        *("done", "function", "time", "in", "{", "}", "!", "[["),
    )
)
# An error in one of these ends a script, and assignments in front of them stay.
SPECIAL = frozenset(
    (
        *(".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly"),
        *("return", "set", "shift", "times", "trap", "unset"),
    )
)
# Their arguments of the form name=value are expanded like assignments.
DECLARING = frozenset(("typeset", "local", "export", "readonly", "integer"))
BUILTIN_NAMES = SPECIAL | frozenset(
    (
        *("[", "bg", "builtin", "cd", "command", "echo", "false", "fg", "getopts", "integer"),
        *("jobs", "kill", "let", "local", "print", "printf", "pwd", "read", "realpath"),
        *("source", "test", "true", "type", "typeset", "umask", "wait", "whence"),
    )
)
