"""Serves the one file that our pages need out of the plotly package: its browser bundle."""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage, Storage

URL_PATH = "plotly/plotly.min.js"


def package_data() -> Path:
    """Return the folder of the bundle; the package is found, never imported (it is slow)."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The plotly package is not installed: run `pip install plotly`.")
    return Path(spec.origin).parent / "package_data"


class PlotlyFinder(BaseFinder):
    """Finds `plotly/plotly.min.js` and nothing else of the package."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._storage = FileSystemStorage(location=package_data())
        self._storage.prefix = "plotly"  # type: ignore[attr-defined]  # staticfiles reads it

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return where the bundle lies if `path` asks for it."""
        if path != URL_PATH:
            return []
        found = self._storage.path("plotly.min.js")
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Yield the bundle for `collectstatic`."""
        if not matches_patterns("plotly.min.js", ignore_patterns or ()):
            yield "plotly.min.js", self._storage
