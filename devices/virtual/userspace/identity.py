"""What a phone of the catalog says about itself: properties, /proc/cpuinfo, thermal severities."""

import math
from collections.abc import Collection

from devices.virtual.kernel.spec import PhoneSpec

_SEVERITIES = 7
_SDK_WITH_SOC = 31  # Android 12 names the chip
_FEATURES_64 = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp"
_FEATURES_32 = "half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt lpae"


def phone_properties(spec: PhoneSpec, serialno: str, speed: float) -> dict[str, str]:
    """Return the properties of a virtual phone."""
    identity = spec.identity
    abis64 = [abi for abi in identity.abilist if "64" in abi]
    abis32 = [abi for abi in identity.abilist if "64" not in abi]
    properties = {
        "dev.bootcomplete": "1",
        "persist.sys.timezone": "GMT",
        "ro.board.platform": identity.board,
        "ro.boot.serialno": serialno,
        "ro.build.fingerprint": identity.fingerprint,
        "ro.build.id": _part(identity.fingerprint, 3),
        "ro.build.tags": identity.fingerprint.rpartition("/")[2],
        "ro.build.type": _build_type(identity.fingerprint),
        "ro.build.version.release": identity.android,
        "ro.build.version.sdk": str(identity.sdk),
        "ro.debuggable": str(int(_build_type(identity.fingerprint) != "user")),
        "ro.hardware": identity.hardware,
        "ro.product.board": identity.board,
        "ro.product.brand": identity.brand,
        "ro.product.cpu.abi": identity.abilist[0],
        "ro.product.cpu.abilist": ",".join(identity.abilist),
        "ro.product.cpu.abilist32": ",".join(abis32),
        "ro.product.cpu.abilist64": ",".join(abis64),
        "ro.product.device": identity.device,
        "ro.product.manufacturer": identity.manufacturer,
        "ro.product.model": identity.model,
        "ro.product.name": identity.product,
        "ro.secure": "1",
        "ro.serialno": serialno,
        "ro.simmer.agent.abis": "python-v1",
        "ro.simmer.kind": "virtual",
        "ro.simmer.speed": f"{speed:g}",
        "sys.boot_completed": "1",
        "sys.usb.state": "adb",
    }
    quirks = spec.quirks
    if quirks.market_name_property:
        properties[quirks.market_name_property] = identity.market_name
    for name in _chip_properties(spec):
        properties.setdefault(name, identity.soc)
    return {**properties, **quirks.properties}


def _chip_properties(spec: PhoneSpec) -> tuple[str, ...]:
    """Return which properties name the chip."""
    if spec.quirks.chip_properties is not None:
        return spec.quirks.chip_properties
    return ("ro.soc.model",) if spec.identity.sdk >= _SDK_WITH_SOC else ()


def cpuinfo(spec: PhoneSpec, online: Collection[int]) -> str:
    """Return /proc/cpuinfo: one block per core, or on old kernels one for all; then the chip.

    A core that is offline is not listed.
    """
    form = spec.quirks.cpuinfo
    clusters = sorted(spec.clusters, key=lambda cluster: cluster.policy)
    blocks = [
        f"processor\t: {cpu}\n{_core(cluster.part, is_32_bit=form == '32 bit')}"
        for cluster in clusters
        for cpu in cluster.cpus
        if cpu in online
    ]
    if form == "one block":
        names = "".join(f"processor\t: {cpu}\n" for cpu in sorted(online))
        title = "Processor\t: AArch64 Processor rev 4 (aarch64)\n"
        blocks = [title + names + _core(clusters[0].part, is_32_bit=False)]
    hardware = f"Hardware\t: {spec.identity.hardware}\n" if spec.quirks.says_hardware else ""
    return "\n".join([*blocks, hardware]) if hardware else "\n".join(blocks)


def hot_thresholds(spec: PhoneSpec) -> dict[str, tuple[float, ...]]:
    """Return the severities of the zone that the vendor's service watches [°C]."""
    vendor = spec.vendor
    if vendor is None:
        return {}
    if vendor.pid is not None:
        return {vendor.zone: tuple(vendor.pid.thresholds_c)}
    starts = sorted({rule.on_c for rule in vendor.rules} | {step.on_c for step in vendor.steps})
    levels = [math.nan, *starts][:_SEVERITIES]
    return {vendor.zone: (*levels, *[math.nan] * (_SEVERITIES - len(levels)))}


def _core(identifier: str, *, is_32_bit: bool) -> str:
    implementer, _, part = identifier.partition("/")
    model = "model name\t: ARMv7 Processor rev 4 (v7l)\n" if is_32_bit else ""
    features = _FEATURES_32 if is_32_bit else _FEATURES_64
    return (
        f"{model}"
        "BogoMIPS\t: 3.84\n"
        f"Features\t: {features}\n"
        f"CPU implementer\t: {implementer}\n"
        f"CPU architecture: {7 if is_32_bit else 8}\n"
        "CPU variant\t: 0x1\n"
        f"CPU part\t: {part}\n"
        "CPU revision\t: 0\n"
    )


def _part(fingerprint: str, number: int) -> str:
    parts = fingerprint.replace(":", "/").split("/")
    return parts[number + 1] if len(parts) > number + 1 else ""


def _build_type(fingerprint: str) -> str:
    return fingerprint.rpartition(":")[2].partition("/")[0] or "user"
