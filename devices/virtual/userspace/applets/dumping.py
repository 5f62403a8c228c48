"""od: files byte by byte."""

from devices.virtual.userspace.applets.call import AppletError, Call

_PER_LINE = 16
_NAMES = {0: "\\0", 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}


async def od(call: Call) -> None:
    """Show bytes as characters (-c), octal (-b), or hexadecimal (-x, -t x1)."""
    options = call.options("cbxvA:t:N:j:")
    data = b"".join([await call.content(path) or b"" for path in options.operands or ("-",)])
    kind = options.value("t") or ("c" if "c" in options else "o1" if "b" in options else "o2")
    if "x" in options:
        kind = "x2"
    shows_addresses = options.value("A") != "n"
    lines = []
    for start in range(0, len(data), _PER_LINE):
        cells = _cells(data[start : start + _PER_LINE], kind)
        lines.append((f"{start:07o}" if shows_addresses else "") + "".join(cells) + "\n")
    if shows_addresses:
        lines.append(f"{len(data):07o}\n")
    await call.write("".join(lines))


def _cells(data: bytes, kind: str) -> list[str]:
    if kind == "c":
        return [f"{_character(byte):>4}" for byte in data]
    if kind in ("o1", "x1", "u1", "d1"):
        width, form = {"o1": (3, "03o"), "x1": (2, "02x"), "u1": (3, "3d"), "d1": (4, "4d")}[kind]
        return [" " + f"{byte:{form}}".rjust(width) for byte in data]
    if kind in ("o2", "x2"):
        words = [data[at : at + 2].ljust(2, b"\0") for at in range(0, len(data), 2)]
        form = "06o" if kind == "o2" else "04x"
        return [f" {int.from_bytes(word, 'little'):{form}}" for word in words]
    raise AppletError(f"bad -t {kind}")


def _character(byte: int) -> str:
    if byte in _NAMES:
        return _NAMES[byte]
    return chr(byte) if 32 <= byte < 127 else f"{byte:03o}"
