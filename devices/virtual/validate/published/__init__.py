"""Published numbers that the model is compared with, each file with its sources."""

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """Return the facts of one file of this folder, TOML or JSON."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    facts: dict[str, Any] = json.loads(text) if name.endswith(".json") else tomllib.loads(text)
    return facts
