"""Becomes another program after tying its life to its parent's; standard library only.

`python -I -S launch.py PARENT SIGNAL IDENTITY PROGRAM ARGUMENTS…`

A program of its own and not a `preexec_fn`: code between fork and exec may lock up
when the forking process has threads, as a test run has.
"""

import ctypes
import os
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
INNER_UID = 1000
NOBODY = 65534


def main() -> None:
    """Tie, change identity where asked, and exec."""
    parent, death_signal, identity = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    become(identity)
    # After the change of identity: the kernel forgets the signal when credentials change.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit("the parent is gone already")
    os.execvp(sys.argv[4], sys.argv[4:])


def become(identity: str) -> None:
    """Leave root behind, since postgres refuses it: "plain", "userns" or "nobody"."""
    if identity == "userns":
        _enter_user_namespace()
    elif identity == "nobody":
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _enter_user_namespace() -> None:
    # Inside it is an ordinary user; on disk everything stays root's.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INNER_UID} 0 1")
    Path("/proc/self/gid_map").write_text(f"{INNER_UID} 0 1")


if __name__ == "__main__":
    main()
