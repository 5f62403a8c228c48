"""What each fault does to a device, by the word that asks for it."""

from collections.abc import Awaitable, Callable

from devices.virtual.adbd.server import Link
from devices.virtual.android import Android, Refused
from devices.virtual.faults.durations import seconds
from devices.virtual.kernel.zones import Lie

Act = Callable[[], Awaitable[None]]
_FLAP_S = (1.0, 4.0)  # a flapping link is up, then down, for so long [s of this machine]
_SPIKES_C = (-40.0, 0.0, 125.0)
_SPIKE_EVERY_NS = 2_000_000_000
_PER_MILLI = 1000.0
_MOST_PPM = 100_000
_SLOW_S = 3.0  # a slow phone's answer comes so much later [s of device time]


def act_of(device: Android, words: list[str]) -> Act:
    """Return what `words` ask for.

    Raises:
        Refused: if they name no fault, or one that this device cannot have.
    """
    kind, *arguments = words or [""]
    if kind in _PLAIN and not arguments:
        return _PLAIN[kind](device)
    if kind in _WITH_ONE and len(arguments) == 1:
        try:
            return _WITH_ONE[kind](device, arguments[0])
        except ValueError as error:
            raise Refused(f"{kind}: {error}") from None
    raise Refused(usage())


def usage() -> str:
    """Return one sentence that lists all faults."""
    plain = ", ".join(_PLAIN)
    more = ", ".join(f"{kind} {_ARGUMENTS[kind]}" for kind in _WITH_ONE)
    return f"a fault is one of {plain}, {more}; --at 12s begins it later, --for 5s ends it"


def _link(link: Link) -> Callable[[Android], Act]:
    return lambda device: lambda: device.set_link(link)


def _at_once(act: Callable[[], None]) -> Act:
    async def run() -> None:
        act()

    return run


def _garbage(device: Android) -> Act:
    return _at_once(lambda: setattr(device.trouble, "garbles", True))


def _slow(device: Android) -> Act:
    return _at_once(lambda: setattr(device.trouble, "delay_s", _SLOW_S))


def _stuck_vbus(device: Android) -> Act:
    return _at_once(lambda: setattr(device.trouble, "keeps_vbus", True))


def _lying_switch(device: Android) -> Act:
    return _at_once(lambda: device.doubt_switch(lies=True))


def _stuck(device: Android, zone: str) -> Act:
    """Let a sensor show for ever what it shows at that moment."""
    index = device.zone_index(zone)

    def stick() -> None:
        machine = device.world()
        temps, moment = machine.present()
        shown_c = machine.zones.thermometers[index](temps, moment, machine.now_ns)
        machine.zones.lies[zone] = lambda _celsius, _t_ns: shown_c

    return _at_once(stick)


def _spike(device: Android, zone: str) -> Act:
    """Let a sensor show now and then what drivers show for no sensor."""

    def lie(celsius: float, t_ns: int) -> float:
        turn = t_ns // _SPIKE_EVERY_NS
        return _SPIKES_C[turn // 2 % len(_SPIKES_C)] if turn % 2 else celsius

    return _lying(device, zone, lie)


def _unit(device: Android, zone: str) -> Act:
    """Let a sensor count in whole °C where it counted in thousandths."""
    return _lying(device, zone, lambda celsius, _t_ns: round(celsius) / _PER_MILLI)


def _lying(device: Android, zone: str, lie: Lie) -> Act:
    device.zone_index(zone)
    return _at_once(lambda: device.world().zones.lies.__setitem__(zone, lie))


def _suspend(device: Android, span: str) -> Act:
    span_s = seconds(span)
    return _at_once(lambda: device.suspend(span_s))


def _step(device: Android, span: str) -> Act:
    by_s = -seconds(span[1:]) if span.startswith("-") else seconds(span)
    return _at_once(lambda: device.clock.step(by_s))


def _skew(device: Android, rate: str) -> Act:
    if not rate.endswith("ppm"):
        raise ValueError(f"a rate such as 200ppm is expected, not {rate!r}")
    ppm = float(rate.removesuffix("ppm"))
    if not abs(ppm) <= _MOST_PPM:
        raise ValueError(f"{rate} is more than {_MOST_PPM}ppm")
    return _at_once(lambda: device.clock.skew(ppm))


def _flap(device: Android, span: str) -> Act:
    span_s = seconds(span)
    return _at_once(lambda: device.flap(span_s, *_FLAP_S))


def _hotplug(device: Android, number: str) -> Act:
    if not number.isdecimal() or int(number) >= device.world().chip.cpu_count:
        raise ValueError(f"{number!r} is none of the CPUs 0 to {device.world().chip.cpu_count - 1}")
    return _at_once(lambda: device.unplug(int(number)))


def _serial(device: Android, serialno: str) -> Act:
    return _at_once(lambda: device.call_itself(serialno))


_PLAIN: dict[str, Callable[[Android], Act]] = {
    "drop": _link(Link.DOWN),
    "unauthorized": _link(Link.UNAUTHORIZED),
    "offline": _link(Link.OFFLINE),
    "hang": _link(Link.HANG),
    "reboot": lambda device: _at_once(device.reboot),
    "die": lambda device: device.die,
    "kill-agent": lambda device: _at_once(device.kill_agents),
    "oom": lambda device: _at_once(device.run_out_of_memory),
    "mute": lambda device: _at_once(device.mute_agents),
    "disk-full": lambda device: _at_once(device.fill_disk),
    "garbage": _garbage,
    "slow-shell": _slow,
    "screen-on": lambda device: _at_once(device.wake),
    "doze": lambda device: _at_once(device.doze),
    "vbus-stuck": _stuck_vbus,
    "charge-node-lies": _lying_switch,
    "setting-drift": lambda device: _at_once(device.drift),
    "none": lambda device: device.heal,
}
_WITH_ONE: dict[str, Callable[[Android, str], Act]] = {
    "sensor-lost": lambda device, zone: _at_once(lambda: device.lose_sensor(zone)),
    "sensor-stuck": _stuck,
    "sensor-spike": _spike,
    "sensor-unit": _unit,
    "suspend": _suspend,
    "clock-step": _step,
    "clock-skew": _skew,
    "flap": _flap,
    "serial": _serial,
    "hotplug": _hotplug,
}
_ARGUMENTS = {
    "sensor-lost": "ZONE",
    "sensor-stuck": "ZONE",
    "sensor-spike": "ZONE",
    "sensor-unit": "ZONE",
    "suspend": "10s",
    "clock-step": "1h",
    "clock-skew": "200ppm",
    "flap": "30s",
    "serial": "TEXT",
    "hotplug": "CPU",
}
