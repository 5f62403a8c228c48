"""A profile as a person reads it: one fact per line, then what is odd and what will not work."""

from collections.abc import Iterator

from devices.profile import DeviceProfile

_KHZ_PER_MHZ = 1000
_KB_PER_MB = 1024


def portrait(profile: DeviceProfile) -> str:
    """Return the text that `python -m devices probe` prints."""
    return "\n".join(_lines(profile)) + "\n"


def _lines(profile: DeviceProfile) -> Iterator[str]:
    yield f"{profile.model or 'a device without a name'} ({profile.kind.value}), {profile.serial}"
    yield _fact("maker", f"{profile.manufacturer} {profile.product}")
    yield _fact("chip", profile.soc or "not told")
    yield _fact("Android", f"{profile.android or '?'} (API level {profile.sdk or '?'})")
    yield _fact("build", profile.fingerprint or "not told")
    yield _fact("memory", f"{profile.memory_kb // _KB_PER_MB} MB" if profile.memory_kb else "?")
    yield _fact("runs", ", ".join(profile.abis))
    if profile.speed != 1.0:
        yield _fact("time", f"{profile.speed:g} times as fast as the world")
    yield _fact("root", profile.root)
    yield from _clusters(profile)
    yield from _sensors(profile)
    yield from _paragraph("odd", profile.quirks)
    yield from _paragraph("can", [name for name, has in profile.capabilities.items() if has])
    for sentence in profile.degrades:
        yield f"! {sentence}"


def _clusters(profile: DeviceProfile) -> Iterator[str]:
    for cluster in profile.clusters:
        steps = cluster.frequencies_khz
        span = f"{steps[0] // _KHZ_PER_MHZ}–{cluster.max_khz // _KHZ_PER_MHZ} MHz" if steps else "?"
        cap = "" if cluster.cap_khz is None else f", cap {cluster.cap_khz // _KHZ_PER_MHZ} MHz"
        cores = ", ".join(map(str, cluster.cpus))
        governor = cluster.governor or "governor not told"
        yield _fact(cluster.name, f"cpu {cores}: {len(steps)} clocks, {span}{cap}, {governor}")


def _sensors(profile: DeviceProfile) -> Iterator[str]:
    telling = [zone.type for zone in profile.zones if zone.unit]
    mute = [zone.type for zone in profile.zones if not zone.unit]
    yield from _paragraph(f"{len(telling)} zones", telling)
    yield from _paragraph("mute", mute)
    if profile.gauge is not None:
        full = f", {profile.gauge.full_mah:g} mAh" if profile.gauge.full_mah else ""
        unit = profile.gauge.current_unit or "no current now"
        yield _fact("gauge", f"{profile.gauge.supply}{full}, {unit}")


def _paragraph(name: str, words: list[str] | tuple[str, ...]) -> Iterator[str]:
    if words:
        yield _fact(name, ", ".join(words))


def _fact(name: str, text: str) -> str:
    return f"  {name:9} {text}"
