"""Android's properties as `getprop` prints them; `parse` is pure, `read` asks a phone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from devices.phone import Phone
from devices.reports import ReportRefused, cleaned

_ENTRY = re.compile(r"^\[([^\[\]\n]+)\]: \[", re.MULTILINE)
_MARKET_NAMES = (
    "ro.product.marketname",
    "ro.product.vendor.marketname",
    "ro.vendor.oplus.market.name",
    "ro.oppo.market.name",
    "ro.config.marketing_name",
)
_SOCS = (
    "ro.soc.model",
    "ro.chipname",
    "ro.hardware.chipname",
    "ro.mediatek.platform",
    "ro.board.platform",
)
_NO_SOC = frozenset(("", "unknown", "0", "default"))


@dataclass(frozen=True, slots=True)
class Identity:
    """What a phone calls itself; a product's code is not its market name."""

    manufacturer: str | None
    model: str | None
    market_name: str | None
    soc: str | None
    soc_from: str | None
    platform: str | None
    android: str | None
    sdk: int | None
    abis: tuple[str, ...]
    device: str | None


@dataclass(frozen=True, slots=True)
class PropertiesReport:
    """All properties, and who the phone is by them."""

    count: int
    truncated: bool  # the text was cut inside an entry
    props: dict[str, str]
    identity: Identity


def read(phone: Phone) -> PropertiesReport:
    """Ask a phone."""
    return parse(phone.text_of(["getprop"]))


def parse(text: str) -> PropertiesReport:
    """Read `[key]: [value]` entries; values may span lines and hold brackets."""
    body = "\n".join(cleaned(text, keep_blanks=True))
    entries = list(_ENTRY.finditer(body))
    if not entries:
        raise ReportRefused("empty")
    ends = [entry.start() for entry in entries[1:]] + [len(body)]
    values = [body[entry.end() : end].rstrip() for entry, end in zip(entries, ends, strict=True)]
    is_cut = not values[-1].endswith("]")
    if is_cut:  # the stream ended inside an entry, or inside the name of the next one
        whole, mark, _ = values[-1].rpartition("]\n")
        values[-1] = whole + mark[:1]
    are_whole = [value.endswith("]") for value in values]
    pairs = zip(entries, values, strict=True)
    props = {entry[1]: value[:-1] for entry, value in pairs if value.endswith("]")}
    return PropertiesReport(len(props), is_cut or not all(are_whole), props, _identity(props))


def _identity(props: Mapping[str, str]) -> Identity:
    soc_from = next((key for key in _SOCS if props.get(key, "") not in _NO_SOC), None)
    sdk = props.get("ro.build.version.sdk", "")
    abis = props.get("ro.product.cpu.abilist") or props.get("ro.product.cpu.abi") or ""
    return Identity(
        manufacturer=props.get("ro.product.manufacturer") or None,
        model=props.get("ro.product.model") or None,
        market_name=next((props[key] for key in _MARKET_NAMES if props.get(key)), None),
        soc=props[soc_from] if soc_from else None,
        soc_from=soc_from,
        platform=props.get("ro.board.platform") or None,
        android=props.get("ro.build.version.release") or None,
        sdk=int(sdk) if sdk.isdecimal() else None,
        abis=tuple(abi for abi in abis.split(",") if abi),
        device=props.get("ro.product.device") or None,
    )
