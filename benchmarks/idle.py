"""What a phone's rest looks like: the coolest settled state seen so far, one file per phone."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def load_idle(directory: Path, serial: str) -> dict[str, float]:
    """Return the idle state [°C] per temperature channel; empty if this phone is new."""
    path = _path(directory, serial)
    if not path.is_file():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    return {str(name): float(value) for name, value in content.items()}


def keep_idle(directory: Path, serial: str, baseline: Mapping[str, Any]) -> None:
    """Note a settled start, where it was cooler than what is known."""
    gate = baseline.get("gate", {})
    if gate.get("outcome") != "settled":
        return
    known = load_idle(directory, serial)
    for channel, celsius in gate["means_c"].items():
        known[channel] = min(celsius, known.get(channel, celsius))
    path = _path(directory, serial)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _path(directory: Path, serial: str) -> Path:
    return directory / "idle" / (re.sub(r"[^A-Za-z0-9._-]", "_", serial) + ".json")
