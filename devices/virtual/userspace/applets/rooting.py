"""su, as the tools that give root have it, and as they refuse it."""

from dataclasses import replace

from devices.virtual.userspace.applets.call import AppletError, Call
from devices.virtual.userspace.execution import run_child
from devices.virtual.userspace.system import System

_ROOT = 0
_DENIED_STATUS = 13


async def by_user(call: Call) -> int:
    """Become another user as AOSP's su does: `su 0 command`."""
    words = list(call.args)
    user = words.pop(0) if words else "root"
    if user not in ("0", "root"):
        raise AppletError(f"invalid uid/gid '{user}'")
    return await _run(call, words or ["sh"], call.system.as_user(_ROOT))


async def by_command(call: Call) -> int:
    """Become root as Magisk's and KernelSU's su do: `su -c 'command'`."""
    return await _run(call, _command(call), call.system.as_user(_ROOT))


async def restricted(call: Call) -> int:
    """Become root in name: SELinux and its namespace let it do no more than before."""
    return await _run(call, _command(call), replace(call.system, uid=_ROOT))


async def powerless(call: Call) -> int:
    """Run the command, but as who we are: a su without its setuid bit."""
    return await _run(call, _command(call), call.system)


async def denied(call: Call) -> int:
    """Refuse: somebody tapped on Deny in the manager of root rights."""
    await call.invocation.stderr.write(b"Permission denied\n")
    return _DENIED_STATUS


def _command(call: Call) -> list[str]:
    words = list(call.args)
    if words and words[0] in ("0", "root", "-"):
        words.pop(0)
    if words[:1] == ["-c"]:
        # Only the word behind -c is the command; what an unquoted one loses is lost.
        return ["sh", "-c", words[1] if len(words) > 1 else ""]
    return words or ["sh"]


async def _run(call: Call, words: list[str], system: System) -> int:
    call.invocation.process.uid = system.uid
    return await run_child(replace(call.invocation, system=system), words)
