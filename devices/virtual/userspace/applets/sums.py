"""md5sum, sha1sum, sha256sum, sha512sum, cmp and base64."""

import base64 as codec
import hashlib

from devices.virtual.userspace.applets.call import Applet, AppletError, Call, lines_of


def checksum(algorithm: str) -> Applet:
    """Return the applet for one kind of digest."""

    async def run(call: Call) -> None:
        options = call.options("bcs")
        for path in options.operands or ("-",):
            data = await call.content(path)
            if data is None:
                continue
            if "c" in options:
                await _check(call, algorithm, data)
                continue
            digest = hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
            await call.write(f"{digest}\n" if "b" in options else f"{digest}  {path}\n")

    return run


async def _check(call: Call, algorithm: str, listing: bytes) -> None:
    for line in lines_of(listing):
        wanted, _, path = line.decode("utf-8", "surrogateescape").partition("  ")
        data = await call.content(path)
        if data is None:
            continue
        digest = hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
        is_same = digest == wanted.lower()
        await call.write(f"{path}: {'OK' if is_same else 'FAILED'}\n")
        call.status = call.status or int(not is_same)


async def cmp(call: Call) -> int:
    """Compare two files."""
    options = call.options("sl")
    if len(options.operands) != 2:
        raise AppletError('Need 2 arguments (see "cmp --help")', 2)
    left_path, right_path = options.operands
    left, right = await call.content(left_path), await call.content(right_path)
    if left is None or right is None:
        return 2
    if left == right:
        return 0
    if "s" not in options:
        shorter = min(len(left), len(right))
        at = next((i for i in range(shorter) if left[i] != right[i]), shorter)
        if at == shorter:
            await call.complain(f"EOF on {left_path if len(left) == shorter else right_path}")
        else:
            line = left[:at].count(b"\n") + 1
            await call.write(f"{left_path} {right_path} differ: char {at + 1}, line {line}\n")
    return 1


async def base64(call: Call) -> None:
    """Encode, or with -d decode."""
    options = call.options("dw:i")
    data = await call.content(options.operands[0] if options.operands else "-")
    if data is None:
        return
    if "d" in options:
        await call.write_bytes(codec.b64decode(data, validate=False))
        return
    text = codec.b64encode(data).decode()
    width = int(options.value("w") or 76) or len(text) or 1
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    await call.write("".join(f"{line}\n" for line in lines))
