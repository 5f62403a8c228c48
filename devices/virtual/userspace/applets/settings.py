"""settings: reads and changes Android's settings."""

from devices.virtual.userspace.applets.call import Call
from devices.virtual.userspace.services.display import shine
from devices.virtual.userspace.settings import NAMESPACES

_USAGE = """usage:  settings [--user <USER_ID> | current] get NAMESPACE KEY
        settings [--user <USER_ID> | current] put NAMESPACE KEY VALUE
        settings [--user <USER_ID> | current] delete NAMESPACE KEY
        settings [--user <USER_ID> | current] list NAMESPACE
"""
_USAGE_STATUS = 255
_REFUSAL = """
Exception occurred while executing '{verb}':
java.lang.SecurityException: Permission denial: writing to settings requires:\
android.permission.WRITE_SECURE_SETTINGS
\tat com.android.providers.settings.SettingsProvider.enforceWritePermission(SettingsProvider.java)
"""


async def settings(call: Call) -> int:
    """Get, put, delete or list."""
    words = list(call.args)
    if words[:1] == ["--user"]:
        words = words[2:]
    verb, namespace, *_ = (*words, "", "")
    rest = words[2:]
    if verb not in ("get", "put", "delete", "list") or namespace not in NAMESPACES:
        return await _wrong(call, namespace if verb in ("get", "put", "delete", "list") else "")
    store = call.system.settings
    if verb == "list":
        await call.write("".join(f"{name}={value}\n" for name, value in store.items(namespace)))
    elif verb == "get" and len(rest) == 1:
        value = store.get(namespace, rest[0])
        await call.write(f"{'null' if value is None else value}\n")
    elif verb in ("put", "delete") and call.system.quirks.guards_settings and call.system.uid:
        return await _guard(call, verb)
    elif verb == "put" and len(rest) >= 2:
        store.put(namespace, rest[0], rest[1])
        shine(call.system)
    elif verb == "delete" and len(rest) == 1:
        await call.write(f"Deleted {int(store.delete(namespace, rest[0]))} rows\n")
    else:
        return await _wrong(call, "")
    return 0


async def _guard(call: Call, verb: str) -> int:
    """Refuse as makers do whose second switch for adb is off."""
    await call.invocation.stderr.write(_REFUSAL.format(verb=verb).encode())
    return _USAGE_STATUS


async def _wrong(call: Call, namespace: str) -> int:
    complaint = f"Invalid namespace '{namespace}'" if namespace else "Bad arguments"
    await call.invocation.stderr.write(f"{complaint}\n".encode())
    await call.write(_USAGE)
    return _USAGE_STATUS
