"""The knobs that a run asks for: set before it settles, read back, and told in its record."""

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.objections import Lacking
from devices import knobs
from devices.agent.link import AgentLink
from devices.phone import Phone
from devices.profile import DeviceProfile


def refuse_knobs(profile: DeviceProfile, wanted: Iterable[str]) -> None:
    """Refuse knobs on a phone that lets nobody set one. Raises Lacking."""
    names = ", ".join(wanted)
    if names and not profile.is_rooted:
        raise Lacking(
            "preconditions.knobs",
            f"{profile.serial} gives no root rights, so no knob can be set: "
            f"take `knobs` ({names}) away, or choose a phone with root",
        )


def set_knobs(
    link: AgentLink, phone: Phone, profile: DeviceProfile, wanted: Mapping[str, str]
) -> dict[str, Any]:
    """Set knobs and return what each was to be and what it is; `restore` puts all of them back.

    The old values are noted on the phone itself before the first write, so that whoever meets it
    after a crash can undo it. An agent with root rights writes and watches them: what a service of
    the vendor makes of them while the run goes on is an event of the trace.

    Raises:
        StableDeviceError: without root, or for a knob or value that this phone does not have.
    """
    if not wanted:
        return {}
    refuse_knobs(profile, wanted)
    if "knobs" in link.caps:
        told = link.request("knob", set=[{"k": k, "v": v} for k, v in wanted.items()])["knobs"]
        return {knob["k"]: {"want": knob["want"], "got": knob["got"]} for knob in told}
    settings = knobs.write(phone, knobs.knobs_of(phone, profile), wanted)
    return {setting.name: {"want": setting.want, "got": setting.got} for setting in settings}
