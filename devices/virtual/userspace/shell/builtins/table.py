"""All builtins by name."""

from collections.abc import Awaitable, Callable

from devices.virtual.userspace.shell.builtins import (
    declaring,
    flow,
    jobs,
    lookup,
    options,
    output,
    places,
    reading,
    testing,
    trapping,
)
from devices.virtual.userspace.shell.shell import Shell

Builtin = Callable[[Shell, list[str]], Awaitable[int]]

BUILTINS: dict[str, Builtin] = {
    ".": flow.source,
    ":": flow.true,
    "[": testing.bracket,
    "bg": jobs.resume,
    "break": flow.break_,
    "builtin": flow.builtin,
    "cd": places.cd,
    "command": flow.command,
    "continue": flow.continue_,
    "echo": output.echo,
    "eval": flow.eval_,
    "exec": flow.exec_,
    "exit": flow.exit_,
    "export": declaring.export,
    "false": flow.false,
    "fg": jobs.resume,
    "getopts": options.getopts,
    "integer": declaring.integer,
    "jobs": jobs.jobs,
    "kill": jobs.kill,
    "let": flow.let,
    "local": declaring.typeset,
    "print": output.print_,
    "printf": output.printf,
    "pwd": places.pwd,
    "read": reading.read,
    "readonly": declaring.readonly,
    "realpath": places.realpath,
    "return": flow.return_,
    "set": options.set_,
    "shift": options.shift,
    "source": flow.source,
    "test": testing.test,
    "times": jobs.times,
    "trap": trapping.trap,
    "true": flow.true,
    "type": lookup.type_,
    "typeset": declaring.typeset,
    "umask": places.umask,
    "unset": declaring.unset,
    "wait": jobs.wait,
    "whence": lookup.whence,
}
