"""Command lines whose reader may leave early, as `head` does."""

import os
import sys
from collections.abc import Callable

READER_LEFT = 141  # what a shell reports of a program that SIGPIPE ended


def run(main: Callable[[], int]) -> int:
    """Return the exit status of a command line; a reader who has seen enough is no error."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more when it ends: there must be somebody to take it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_LEFT
    return status
