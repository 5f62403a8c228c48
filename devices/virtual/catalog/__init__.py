"""The phones that can be simulated: one TOML file each, facts with a source on every block."""

import tomllib
from functools import cache
from importlib.resources import files

from devices.virtual.kernel.spec import PhoneSpec

__all__ = ["PhoneSpec", "load", "names"]


def names() -> tuple[str, ...]:
    """Return the names of all phones in the catalog, sorted."""
    found = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


@cache
def load(name: str) -> PhoneSpec:
    """Return the facts of one phone; raises KeyError naming the ones that exist."""
    if name not in names():
        raise KeyError(f"no phone {name!r} in the catalog; there are: {', '.join(names())}")
    text = files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return PhoneSpec.model_validate(tomllib.loads(text))
