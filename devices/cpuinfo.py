"""Cores by name, as /proc/cpuinfo lists them; `parse` is pure, `read` asks a phone."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from devices.facts import NOTHING_KNOWN, Facts
from devices.phone import Phone
from devices.reports import ReportRefused, cleaned

#: (implementer, part) -> core; the same part number means another core at another maker.
_CORES: Mapping[tuple[int, int], str] = {
    (0x41, 0xD03): "Cortex-A53",
    (0x41, 0xD04): "Cortex-A35",
    (0x41, 0xD05): "Cortex-A55",
    (0x41, 0xD07): "Cortex-A57",
    (0x41, 0xD08): "Cortex-A72",
    (0x41, 0xD09): "Cortex-A73",
    (0x41, 0xD0A): "Cortex-A75",
    (0x41, 0xD0B): "Cortex-A76",
    (0x41, 0xD0D): "Cortex-A77",
    (0x41, 0xD41): "Cortex-A78",
    (0x41, 0xD44): "Cortex-X1",
    (0x41, 0xD46): "Cortex-A510",
    (0x41, 0xD47): "Cortex-A710",
    (0x41, 0xD48): "Cortex-X2",
    (0x41, 0xD4D): "Cortex-A715",
    (0x41, 0xD4E): "Cortex-X3",
    (0x41, 0xD80): "Cortex-A520",
    (0x41, 0xD81): "Cortex-A720",
    (0x41, 0xD82): "Cortex-X4",
    (0x48, 0xD40): "Cortex-A76 (HiSilicon)",
    (0x51, 0x201): "Kryo",
    (0x51, 0x205): "Kryo",
    (0x51, 0x211): "Kryo",
    (0x51, 0x800): "Kryo 2xx Gold",
    (0x51, 0x801): "Kryo 2xx Silver",
    (0x51, 0x802): "Kryo 3xx Gold",
    (0x51, 0x803): "Kryo 3xx Silver",
    (0x51, 0x804): "Kryo 4xx Gold",
    (0x51, 0x805): "Kryo 4xx Silver",
    (0x53, 0x001): "Exynos-M1",
    (0x53, 0x002): "Exynos-M3",
}
_NUMBER = re.compile(r"[0-9]{1,4}")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{1,4}")


@dataclass(slots=True)
class _Block:
    """Lines that belong together: of one processor, of several, or of none."""

    cpus: list[int] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def part(self) -> tuple[int, int] | None:
        """Implementer and part, if both are told."""
        pair = [self.fields.get(key, "") for key in ("CPU implementer", "CPU part")]
        if not all(map(_HEX.fullmatch, pair)):
            return None
        implementer, part = (int(text, 16) for text in pair)
        return implementer, part


@dataclass(frozen=True, slots=True)
class CpuinfoReport:
    """Who is listed; a core that is unplugged is not."""

    n: int
    complete: bool  # every listed processor tells its own part
    arch: str  # arm64, arm or x86
    hardware: str | None
    cpus: dict[int, str | None]  # None: no part told, or one that we have no name for
    parts: dict[int, str | None]
    single_part: str | None  # the one part of a text that does not say whose it is
    unlisted: tuple[int, ...]  # cores that the phone is known to have


def parse(text: str, facts: Facts = NOTHING_KNOWN) -> CpuinfoReport:
    """Read the blocks; raise ReportRefused when no processor is listed."""
    blocks = _blocks(cleaned(text))
    cpus = list(dict.fromkeys(cpu for block in blocks for cpu in block.cpus))
    if not cpus:
        raise ReportRefused("empty")
    told = {block.cpus[0]: block.part for block in blocks if len(block.cpus) == 1}
    is_x86 = any("vendor_id" in block.fields for block in blocks)
    is_complete = is_x86 or all(told.get(cpu) is not None for cpu in cpus)
    known = {block.part for block in blocks if block.part is not None}
    parts = {cpu: told.get(cpu) if is_complete and not is_x86 else None for cpu in cpus}
    return CpuinfoReport(
        n=len(cpus),
        complete=is_complete,
        arch=_arch(blocks, is_x86=is_x86),
        hardware=_first(blocks, "Hardware"),
        cpus={cpu: _CORES.get(part) if part else None for cpu, part in parts.items()},
        parts={cpu: _spelled(part) for cpu, part in parts.items()},
        single_part=_spelled(*known) if len(known) == 1 and not is_complete else None,
        unlisted=tuple(cpu for cpu in facts.cpus if cpu not in cpus),
    )


def _blocks(lines: Iterable[str]) -> list[_Block]:
    """Cut at blank lines, and where a processor follows the fields of another one."""
    blocks = [_Block()]
    for line in lines:
        name, colon, value = (word.strip() for word in line.partition(":"))
        if not colon:
            blocks.append(_Block())
        elif name == "processor" and _NUMBER.fullmatch(value):
            if blocks[-1].fields:
                blocks.append(_Block())
            blocks[-1].cpus.append(int(value))
        else:
            blocks[-1].fields.setdefault(name, value)
    return blocks


def _first(blocks: Iterable[_Block], name: str) -> str | None:
    return next((block.fields[name] for block in blocks if block.fields.get(name)), None)


def _arch(blocks: Iterable[_Block], *, is_x86: bool) -> str:
    if is_x86:
        return "x86"
    features = (block.fields.get("Features", "").split() for block in blocks)
    return "arm64" if any("asimd" in words for words in features) else "arm"


def _spelled(part: tuple[int, int] | None) -> str | None:
    return None if part is None else f"0x{part[0]:02x}/0x{part[1]:03x}"


def read(phone: Phone, facts: Facts = NOTHING_KNOWN) -> CpuinfoReport | None:
    """Ask a phone; None when it lists no processor."""
    try:
        return parse(phone.text_of(["cat", "/proc/cpuinfo"]), facts)
    except ReportRefused:
        return None
