"""What can be set on a phone: named knobs, read, written, read back and put back.

Before the first write the old values are noted on the phone itself, so that whoever meets it next
can undo what a broken run left behind.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devices.agent.install import ROOT
from devices.clock import HOST
from devices.errors import StableDeviceError
from devices.phone import Phone
from devices.profile import DeviceProfile
from devices.root import AsRoot, find_root

NOTES = f"{ROOT}/knobs.json"
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_POLICY = "/sys/devices/system/cpu/cpufreq/policy{}"
_FILES = {"max_khz": "scaling_max_freq", "min_khz": "scaling_min_freq", "gov": "scaling_governor"}
_PATH = re.compile(r"/sys/devices/system/cpu/cpufreq/policy[0-9]{1,3}/scaling_[a-z_]{1,32}")
_WORD = re.compile(r"[A-Za-z0-9_]{1,32}")
_SETTLE_S = 0.05  # vendors' daemons rewrite what they do not like
_WRITE = 'echo "$1" > "$2"'


@dataclass(frozen=True, slots=True)
class Knob:
    """One thing that can be set, and to what."""

    name: str  # cluster4.max_khz
    path: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a knob was to be, and what it is."""

    name: str
    want: str
    got: str | None

    @property
    def is_kept(self) -> bool:
        """Whether the phone has accepted it."""
        return self.want == self.got


def knobs_of(phone: Phone, profile: DeviceProfile) -> dict[str, Knob]:
    """Return the knobs of a phone by name; none without root."""
    if not profile.is_rooted:
        return {}
    knobs: dict[str, Knob] = {}
    for cluster in profile.clusters:
        folder = _POLICY.format(cluster.policy)
        governors = phone.run(["cat", f"{folder}/scaling_available_governors"]).stdout.split()
        steps = tuple(str(khz) for khz in cluster.frequencies_khz)
        for quantity, file in _FILES.items():
            values = tuple(governors) if quantity == "gov" else steps
            name = f"cluster{cluster.policy}.{quantity}"
            knobs[name] = Knob(name, f"{folder}/{file}", values)
    return knobs


def read(phone: Phone, knob: Knob) -> str | None:
    """Return a knob's present value, or None if it cannot be read."""
    completed = phone.run(["cat", knob.path])
    return completed.stdout.strip() if completed.returncode == 0 else None


def write(phone: Phone, knobs: Mapping[str, Knob], wanted: Mapping[str, str]) -> list[Setting]:
    """Set knobs to values that the kernel lists, and return what the phone made of them.

    All values are checked before the first is written.

    Raises:
        StableDeviceError: for a knob or value that does not exist here, or without root.
    """
    for name, value in wanted.items():
        if name not in knobs:
            raise StableDeviceError(f"no knob {name!r} on {phone.serial}; it has {_list(knobs)}")
        if value not in knobs[name].values or not _WORD.fullmatch(value):
            raise StableDeviceError(f"{name} can be {_list(knobs[name].values)}, not {value!r}")
    as_root = _root(phone)
    _note(phone, [knobs[name] for name in wanted])
    for name, value in wanted.items():
        _put(phone, as_root, knobs[name].path, value)
    HOST.wait(_SETTLE_S)
    return [Setting(name, value, read(phone, knobs[name])) for name, value in wanted.items()]


def restore(phone: Phone) -> list[Setting]:
    """Put back what is noted on the phone, read it back, and forget the note."""
    notes = _notes(phone)
    if not notes:
        return []
    settings: list[Setting] = []
    if notes.get("boot_id") == _boot_id(phone):  # else the reboot has put everything back
        settings = _put_back(phone, notes.get("values"))
    if all(setting.is_kept for setting in settings):
        phone.run(["rm", "-f", NOTES], check=True)
    return settings


def _put_back(phone: Phone, values: object) -> list[Setting]:
    if not isinstance(values, dict):
        return []
    as_root = _root(phone)
    # A lower limit above an upper one is refused: the second round ends what the first began.
    for _ in range(2):
        for path, value in values.items():
            if _PATH.fullmatch(path) and _WORD.fullmatch(str(value)):
                _put(phone, as_root, path, str(value))
    HOST.wait(_SETTLE_S)
    return [
        Setting(path, str(value), read(phone, Knob(path, path, ())))
        for path, value in values.items()
        if _PATH.fullmatch(path)
    ]


def _note(phone: Phone, knobs: list[Knob]) -> None:
    """Add the old values of these knobs to the note of this boot; what is noted stays."""
    boot_id, notes = _boot_id(phone), _notes(phone)
    values = dict(notes.get("values", {})) if notes.get("boot_id") == boot_id else {}
    for knob in knobs:
        present = read(phone, knob)
        if present is not None:
            values.setdefault(knob.path, present)
    note = json.dumps({"boot_id": boot_id, "values": values}).encode()
    phone.run(["mkdir", "-p", ROOT], check=True)
    phone.push(note, f"{NOTES}.part", mode=0o600)
    phone.run(["mv", f"{NOTES}.part", NOTES], check=True)
    phone.run(["sync"])


def _notes(phone: Phone) -> dict[str, Any]:
    completed = phone.run(["cat", NOTES])
    if completed.returncode != 0:
        return {}
    try:
        notes = json.loads(completed.stdout)
    except ValueError:
        return {}
    return notes if isinstance(notes, dict) else {}


def _boot_id(phone: Phone) -> str:
    return phone.run(["cat", _BOOT_ID]).stdout.strip()


def _root(phone: Phone) -> AsRoot:
    as_root = find_root(phone)
    if as_root is None:
        raise StableDeviceError(f"{phone.serial} gives no root rights, so no knob can be set")
    return as_root


def _put(phone: Phone, as_root: AsRoot, path: str, value: str) -> None:
    phone.run(as_root(["sh", "-c", _WRITE, "sh", value, path]))


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
