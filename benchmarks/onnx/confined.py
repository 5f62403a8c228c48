"""Becomes another program that may use little and reach nothing; standard library only.

`python -I -S confined.py PARENT CPU_S MEMORY_BYTES FILE_BYTES PROGRAM ARGUMENTS…`

A program of its own and not a `preexec_fn`: code between fork and exec may lock up when the forking
process has threads, as a web server has.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys

_SET_DEATH_SIGNAL, _NO_NEW_PRIVILEGES = 1, 38  # of prctl
_NEW_USERS, _NEW_NETWORK = 0x10000000, 0x40000000  # of unshare
_OPEN_FILES = 64
NOBODY = 65534  # whom root becomes


def main() -> None:
    """Give up what is not needed, and exec."""
    parent, cpu_s, memory, file = map(int, sys.argv[1:5])
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: file,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_AS: memory,
    }
    for limit, value in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(limit, (value, value))
    # Opened while it may be: the folder of the program can be closed to whom we become.
    program = os.open(sys.argv[5], os.O_RDONLY)
    os.set_inheritable(program, True)
    if sys.platform == "linux":
        _leave_the_network()
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if sys.platform == "linux":  # last: the kernel forgets the signal when credentials change
        _libc().prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent is gone already")
    os.execve(program if os.execve in os.supports_fd else sys.argv[5], sys.argv[5:], os.environ)


def _leave_the_network() -> None:
    """Enter a network namespace without any device, where the kernel lets us.

    Where it does not, what is left is a program without addresses, names or credentials.
    """
    libc = _libc()
    if libc.unshare(_NEW_NETWORK):
        libc.unshare(_NEW_USERS | _NEW_NETWORK)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main()
