"""Knobs as an agent on the phone sets them: through sysfs, with the rights of its own process.

Old values are noted in the folder of the agent before the first write, in the form that the host
uses too, so that whoever meets the phone next can undo what a broken run left behind.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devices.agent.wire import Line
from devices.virtual.agent.body import Happening, Refused
from devices.virtual.agent.knob_finding import Files, Knob, find_knobs, names_in, text_of

NOTES = "/data/local/tmp/simmer/knobs.json"
FIRST_LOOK_NS = 50_000_000  # a daemon that listens rewrites at once …
LOOK_NS = 5_000_000_000  # … others within seconds
MAX_REWRITES = 3  # after that, what the phone does is only told
_COOLING = "/sys/class/thermal"


@dataclass(slots=True)
class _Set:
    """A knob that was set: to what, what was last seen there, and how often it was put right."""

    knob: Knob
    want: str
    got: str
    rewrites: int = 0


class Knobs:
    """Every knob that this process may write; one that may write none has none."""

    def __init__(self, files: Files, boot_id: str) -> None:
        self._files = files
        self._boot_id = boot_id
        self._known = {knob.name: knob for knob in find_knobs(files)}
        self._set: dict[str, _Set] = {}
        self._due_ns = 0

    def __bool__(self) -> bool:
        return bool(self._known)

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called."""
        return tuple(self._known)

    def listed(self) -> list[Line]:
        """Return what the ack of `sensors` tells about them."""
        return [
            {"k": knob.name, "path": knob.path, "values": list(knob.values)}
            for knob in self._known.values()
        ]

    def put(self, wanted: Sequence[Mapping[str, Any]], now_ns: int) -> list[Line]:
        """Set knobs, all or none, and return what reading back gave.

        Raises:
            Refused: for a knob or value that is not listed, or a write that the kernel refuses.
        """
        pairs = [(self._knob(entry["k"]), str(entry["v"])) for entry in wanted]
        for knob, value in pairs:
            if value not in knob.values:
                listed = " ".join(knob.values)
                raise Refused("knob", f"{knob.name} can be {listed}, not {value[:64]!r}")
        self._note([knob for knob, _ in pairs])
        before = [(knob, self._read(knob)) for knob, _ in pairs]
        try:
            for knob, value in pairs:
                self._write(knob, value)
        except Refused:
            self._back(before)
            raise
        for knob, value in pairs:
            self._set[knob.name] = _Set(knob, value, self._read(knob) or "")
        self._due_ns = now_ns + FIRST_LOOK_NS
        return [self._told(knob.name) for knob, _ in pairs]

    def restore(self) -> list[Line]:
        """Put back what is noted of this boot, forget the note, and return what was read back."""
        noted = self._noted()
        self._set.clear()
        # A lower limit above an upper one is cut: the second round ends what the first began.
        for _ in range(2):
            for path, value in noted.items():
                self._try(path, value)
        told = [{"k": path, "want": want, "got": self._text(path)} for path, want in noted.items()]
        if noted and all(entry["want"] == entry["got"] for entry in told):
            self._forget()
        return told

    def begin(self) -> None:
        """Tell a new trial, too, what is not as it was set, and try again to set it."""
        self._due_ns = 0
        for entry in self._set.values():
            entry.got, entry.rewrites = entry.want, 0

    def look(self, now_ns: int) -> list[Happening]:
        """Now and then, read what was set, and tell what somebody else has made of it.

        A limit that a cooling device presses down is left alone; what a vendor's service has put
        back is set again, a few times.
        """
        if not self._set or now_ns < self._due_ns:
            return []
        self._due_ns = now_ns + LOOK_NS
        happenings = []
        for name, entry in self._set.items():
            got = self._read(entry.knob) or ""
            if got == entry.got:
                continue
            entry.got = got
            if got == entry.want:
                continue
            is_clamped = name.endswith(".max_khz") and self._is_cooled()
            told = {**self._told(name), "again": not is_clamped and self._again(entry)}
            kind = "knob_clamped" if is_clamped else "knob_reverted"
            happenings.append(Happening(now_ns, kind, told))
        return happenings

    def _again(self, entry: _Set) -> bool:
        """Set a knob anew, unless that was done often enough; say whether it was."""
        if entry.rewrites >= MAX_REWRITES:
            return False
        entry.rewrites += 1
        self._try(entry.knob.path, entry.knob.raw(entry.want))
        entry.got = self._read(entry.knob) or ""
        return True

    def _is_cooled(self) -> bool:
        names = [name for name in self._names(_COOLING) if name.startswith("cooling_device")]
        return any(self._text(f"{_COOLING}/{name}/cur_state") not in ("", "0") for name in names)

    def _told(self, name: str) -> Line:
        entry = self._set[name]
        return {"k": name, "want": entry.want, "got": entry.got}

    def _knob(self, name: str) -> Knob:
        if name not in self._known:
            known = ", ".join(self._known)
            raise Refused("knob", f"no knob {name[:64]!r} here; there are: {known or 'none'}")
        return self._known[name]

    def _read(self, knob: Knob) -> str | None:
        text = self._text(knob.path)
        return knob.shown(text) if text else None

    def _write(self, knob: Knob, value: str) -> None:
        try:
            self._files.write(knob.path, f"{knob.raw(value)}\n".encode())
        except OSError as error:
            message = f"{knob.name}: {value} was refused by {knob.path}: {error.strerror}"
            raise Refused("knob", f"{message}{self._way_out(knob)}") from error

    def _way_out(self, knob: Knob) -> str:
        """Say what would help against a refused write."""
        thing, _, quantity = knob.name.partition(".")
        if not quantity.startswith("set_"):
            return ""
        governor = self._set.get(f"{thing}.gov")
        present = governor and self._read(governor.knob)
        if governor and governor.want == "userspace" and present != "userspace":
            return f"; a service of the phone has put the governor back to {present}: end it"
        return "; set the governor to userspace first"

    def _back(self, before: Sequence[tuple[Knob, str | None]]) -> None:
        for knob, value in before:
            if value is not None:
                self._try(knob.path, knob.raw(value))

    def _try(self, path: str, raw: str) -> None:
        """Write what may be refused; reading back tells."""
        try:
            self._files.write(path, f"{raw}\n".encode())
        except OSError:
            return

    def _note(self, knobs: Sequence[Knob]) -> None:
        values = self._noted()
        for knob in knobs:
            raw = self._text(knob.path)
            # <unsupported>: the governor ignores it, and so will the one that is put back.
            if raw and not raw.startswith("<") and self._outlasts(knob, values):
                values.setdefault(knob.path, raw)
        note = json.dumps({"boot_id": self._boot_id, "values": values}).encode()
        try:
            self._files.makedirs(NOTES.rpartition("/")[0])
            self._files.write(f"{NOTES}.part", note)
            self._files.rename(f"{NOTES}.part", NOTES)
        except OSError as error:
            raise Refused("no_space", f"old values cannot be noted: {error.strerror}") from error

    def _outlasts(self, knob: Knob, noted: Mapping[str, str]) -> bool:
        """Whether a value means anything under the governor that will be put back."""
        thing, _, quantity = knob.name.partition(".")
        governor = self._known.get(f"{thing}.gov")
        if not quantity.startswith("set_") or governor is None:
            return True
        return noted.get(governor.path, self._text(governor.path)) == "userspace"

    def _noted(self) -> dict[str, str]:
        """Return the old values by path; those of an earlier boot count for nothing."""
        try:
            notes = json.loads(self._files.read(NOTES))
        except (OSError, ValueError):
            return {}
        if not isinstance(notes, dict) or notes.get("boot_id") != self._boot_id:
            return {}
        ours = {knob.path for knob in self._known.values()}
        values = notes.get("values")
        if not isinstance(values, dict):
            return {}
        return {path: str(value) for path, value in values.items() if path in ours}

    def _forget(self) -> None:
        try:
            self._files.remove(NOTES)
        except OSError:
            return

    def _text(self, path: str) -> str:
        return text_of(self._files, path)

    def _names(self, folder: str) -> list[str]:
        return names_in(self._files, folder)
