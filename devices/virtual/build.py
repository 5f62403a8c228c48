"""The properties with which a virtual phone's Android was built and booted."""

from devices.virtual.kernel.spec import Identity

AGENT_ABIS = "python-v1"  # the agent builds that our phones can run
_SOC_MODEL_SINCE = 31  # Android 12 introduced ro.soc.*
_64_BIT = "64"


def properties_of(identity: Identity, *, serialno: str, speed: float) -> dict[str, str]:
    """Return what getprop shows of one phone right after it has booted."""
    return {
        **_product(identity),
        **_version(identity),
        **_chip(identity),
        "ro.serialno": serialno,
        "ro.boot.serialno": serialno,
        "ro.simmer.agent.abis": AGENT_ABIS,
        "ro.simmer.kind": "virtual",
        "ro.simmer.speed": f"{speed:g}",
        "dev.bootcomplete": "1",
        "init.svc.adbd": "running",
        "init.svc.bootanim": "stopped",
        "persist.sys.timezone": "UTC",
        "persist.sys.usb.config": "adb",
        "sys.boot_completed": "1",
    }


def _product(identity: Identity) -> dict[str, str]:
    return {
        "ro.config.marketing_name": identity.market_name,
        "ro.product.brand": identity.brand,
        "ro.product.device": identity.device,
        "ro.product.locale": "en-US",
        "ro.product.manufacturer": identity.manufacturer,
        "ro.product.model": identity.model,
        "ro.product.name": identity.product,
    }


def _version(identity: Identity) -> dict[str, str]:
    """Take the parts of a fingerprint: brand/product/device:release/id/incremental:type/tags."""
    _, _, build_type, tags = identity.fingerprint.replace(":", "/").rsplit("/", 3)
    build_id, incremental = identity.fingerprint.split(":")[1].split("/")[1:3]
    return {
        "ro.build.fingerprint": identity.fingerprint,
        "ro.build.id": build_id,
        "ro.build.tags": tags,
        "ro.build.type": build_type,
        "ro.build.version.incremental": incremental,
        "ro.build.version.release": identity.android,
        "ro.build.version.sdk": str(identity.sdk),
        "ro.debuggable": "0" if build_type == "user" else "1",
        "ro.secure": "1",
    }


def _chip(identity: Identity) -> dict[str, str]:
    wide = [abi for abi in identity.abilist if _64_BIT in abi]
    narrow = [abi for abi in identity.abilist if _64_BIT not in abi]
    soc = {"ro.soc.model": identity.soc} if identity.sdk >= _SOC_MODEL_SINCE else {}
    return {
        **soc,
        "ro.board.platform": identity.board,
        "ro.hardware": identity.hardware,
        "ro.product.cpu.abi": identity.abilist[0],
        "ro.product.cpu.abilist": ",".join(identity.abilist),
        "ro.product.cpu.abilist32": ",".join(narrow),
        "ro.product.cpu.abilist64": ",".join(wide),
        "ro.zygote": "zygote64_32" if narrow else "zygote64",
    }
