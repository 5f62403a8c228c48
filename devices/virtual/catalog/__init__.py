"""The phones that can be simulated: one TOML file each, facts with a source on every block.

A folder of one's own may add to the shipped files: pass it as `more`.
"""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from devices.virtual.catalog.complaint import BrokenPhone, complaint
from devices.virtual.kernel.spec import PhoneSpec

__all__ = ["BrokenPhone", "PhoneSpec", "load", "names"]

SHIPPED = Path(str(files(__package__)))


def names(more: Path | None = None) -> tuple[str, ...]:
    """Return the names of all phones in the catalog, sorted."""
    return tuple(sorted(_files(more)))


@cache
def load(name: str, more: Path | None = None) -> PhoneSpec:
    """Return the facts of one phone.

    Raises:
        KeyError: there is no such phone; the message names the ones that exist.
        BrokenPhone: its file is not what it should be; the message names file, key and way out.
    """
    known = _files(more)
    if name not in known:
        raise KeyError(f"no phone {name!r} in the catalog; there are: {', '.join(sorted(known))}")
    return _read(known[name])


def _files(more: Path | None) -> dict[str, Path]:
    """Return the file of each name; one's own folder wins over what is shipped."""
    folders = (SHIPPED, more) if more else (SHIPPED,)
    return {file.stem: file for folder in folders for file in folder.glob("*.toml")}


def _read(file: Path) -> PhoneSpec:
    try:
        facts = tomllib.loads(file.read_text(encoding="utf-8"))
        spec = PhoneSpec.model_validate(facts)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenPhone(f"{file}: this is not TOML: {error}") from error
    except ValidationError as error:
        raise BrokenPhone(complaint(file, facts, error)) from error
    if spec.name != file.stem:
        raise BrokenPhone(f"{file}: name = {spec.name!r} must be the file's own, {file.stem!r}")
    return spec
