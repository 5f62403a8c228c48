"""Setting knobs as root: noted, written, read back, and put back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from devices.clock import HOST
from devices.errors import StableDeviceError
from devices.knobs.finding import WORDS, Knob
from devices.knobs.note import forget, note, noted
from devices.phone import Phone
from devices.reports import ReportRefused
from devices.root import AsRoot, find_root
from devices.sysfs.sections import sections, sweep

_SETTLE_S = 0.05  # vendors' daemons that listen rewrite at once what they do not like
_WRITE = 'echo "$1" > "$2"'
_STATES = "/sys/class/thermal/cooling_device*/cur_state"


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


class KnobRefused(StableDeviceError):
    """The phone took a write and shows something else; everything was put back."""


def read(phone: Phone, knob: Knob, as_root: AsRoot | None = None) -> str | None:
    """Return a knob's present value, or None if it cannot be read."""
    raw = _text(phone, knob.path, as_root)
    return None if raw is None else knob.shown(raw)


def _text(phone: Phone, path: str, as_root: AsRoot | None) -> str | None:
    argv = ["cat", path]
    completed = phone.run(as_root(argv) if as_root else argv)
    return completed.stdout.strip() if completed.returncode == 0 else None


def write(phone: Phone, knobs: Mapping[str, Knob], wanted: Mapping[str, str]) -> list[Setting]:
    """Set knobs, in the given order, to values that the kernel lists, and read them back.

    All values are checked before the first is written; if one is not kept, all are put back.

    Raises:
        StableDeviceError: for a knob or value that does not exist here, or without root.
        KnobRefused: naming the knob, what was wanted, what it is, and the way out.
    """
    for name, value in wanted.items():
        if name not in knobs:
            raise StableDeviceError(f"no knob {name!r} on {phone.serial}; it has {_list(knobs)}")
        if value not in knobs[name].values or not WORDS.fullmatch(value):
            raise StableDeviceError(f"{name} can be {_list(knobs[name].values)}, not {value!r}")
    as_root = _root(phone)
    chosen = [knobs[name] for name in wanted]
    note(phone, [(knob, _text(phone, knob.path, as_root)) for knob in chosen])
    complaints = {
        name: _put(phone, as_root, knobs[name].path, knobs[name].raw(value))
        for name, value in wanted.items()
    }
    HOST.wait(_SETTLE_S)
    settings = [
        Setting(name, value, read(phone, knobs[name], as_root)) for name, value in wanted.items()
    ]
    refused = next((setting for setting in settings if not setting.is_kept), None)
    if refused is not None:
        sentence = _sentence(phone, refused, complaints[refused.name])
        restore(phone)
        raise KnobRefused(sentence)
    return settings


def restore(phone: Phone) -> list[Setting]:
    """Put back what is noted on the phone, read it back, and forget the note.

    A limit that heat presses down at the moment counts as put back: the kernel keeps what was
    written beneath the cap. Only settings that stay wrong keep the note alive.
    """
    values = noted(phone)
    if values is None:
        return []
    settings = _put_back(phone, values) if values else []
    if all(setting.is_kept for setting in settings):
        forget(phone)
    return settings


def _put_back(phone: Phone, values: Mapping[str, str]) -> list[Setting]:
    as_root = _root(phone)
    # A lower limit above an upper one is refused: the second round ends what the first began.
    for _ in range(2):
        for path, value in values.items():
            _put(phone, as_root, path, value)
    HOST.wait(_SETTLE_S)
    settings = [
        Setting(path, value, read(phone, Knob(path, path, ()), as_root))
        for path, value in values.items()
        if not path.endswith(("setspeed", "set_freq"))  # they vanish with their governor
    ]
    if all(setting.is_kept for setting in settings) or not _is_capped(phone):
        return settings
    return [_under_cap(setting) for setting in settings]


def _under_cap(setting: Setting) -> Setting:
    """Take an upper limit that reads lower than what was written as kept."""
    want, got = setting.want, setting.got or ""
    is_upper = setting.name.endswith("max_freq") and want.isdecimal() and got.isdecimal()
    return Setting(setting.name, want, want) if is_upper and int(got) < int(want) else setting


def _is_capped(phone: Phone) -> bool:
    """Say whether any cooling device is at work."""
    try:
        states = sections(sweep(phone, [_STATES]))
    except ReportRefused:
        return False
    return any((state or "0") != "0" for state in states.values())


def _sentence(phone: Phone, setting: Setting, complaint: str) -> str:
    way_out = (
        "let it cool down first"
        if _is_capped(phone)
        else "a service of the vendor may put it back: end it, or do without this knob"
    )
    if setting.name.rpartition(".")[2].startswith("set_"):
        way_out = "set the governor to userspace first"
    said = f" ({complaint})" if complaint else ""
    return (
        f"{setting.name} on {phone.serial} was to be {setting.want} and is {setting.got}{said}; "
        f"{way_out}"
    )


def _root(phone: Phone) -> AsRoot:
    as_root = find_root(phone)
    if as_root is None:
        raise StableDeviceError(
            f"{phone.serial} gives no root rights, so no knob can be set or put back; "
            "a reboot puts all of them back"
        )
    return as_root


def _put(phone: Phone, as_root: AsRoot, path: str, value: str) -> str:
    """Write one file and return what the shell complained about."""
    completed = phone.run(as_root(["sh", "-c", _WRITE, "sh", value, path]))
    lines = completed.stderr.strip().splitlines()
    return lines[-1].rpartition(": ")[2] if lines else ""


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
