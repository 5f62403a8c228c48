"""The note on the phone: what every knob was before somebody wrote it, and in which boot."""

import json
from collections.abc import Iterable
from typing import Any

from devices.agent.install import ROOT
from devices.knobs.finding import PATHS, WORDS, Knob
from devices.phone import Completed, Phone

NOTES = f"{ROOT}/knobs.json"
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


def noted(phone: Phone) -> dict[str, str] | None:
    """Return the old values by path; None without a note, empty when a reboot undid it all.

    A path or a value that could never have been written by us is left out.
    """
    notes = _parsed(phone.run(["cat", NOTES]))
    if notes is None:
        return None
    values = notes.get("values")
    if notes.get("boot_id") != boot_id(phone) or not isinstance(values, dict):
        return {}
    pairs = ((str(path), str(value)) for path, value in values.items())
    return {path: v for path, v in pairs if PATHS.fullmatch(path) and WORDS.fullmatch(v)}


def note(phone: Phone, present: Iterable[tuple[Knob, str | None]]) -> None:
    """Add old values to the note of this boot; what is noted already stays."""
    values = dict(noted(phone) or {})
    for knob, raw in present:
        if raw is not None and WORDS.fullmatch(raw):  # not <unsupported>
            values.setdefault(knob.path, raw)
    text = json.dumps({"boot_id": boot_id(phone), "values": values}).encode()
    phone.run(["mkdir", "-p", ROOT], check=True)
    phone.push(text, f"{NOTES}.part", mode=0o600)
    phone.run(["mv", f"{NOTES}.part", NOTES], check=True)
    phone.run(["sync"])


def forget(phone: Phone) -> None:
    """Remove the note: everything is as it was."""
    phone.run(["rm", "-f", NOTES], check=True)


def boot_id(phone: Phone) -> str:
    """Return what names this boot of the phone."""
    return phone.run(["cat", _BOOT_ID]).stdout.strip()


def _parsed(completed: Completed) -> dict[str, Any] | None:
    if completed.returncode != 0:
        return None
    try:
        notes = json.loads(completed.stdout)
    except ValueError:
        return {}
    return notes if isinstance(notes, dict) else {}
