"""The site's style sheets as one text, for files that must open without us."""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "frontend" / "css"
_IMPORT = re.compile(r'@import url\("(?P<file>[\w.-]+)"\) layer\((?P<layer>\w+)\);')


@cache
def all_styles() -> str:
    """Return `site.css` with everything that it imports in its place."""

    def text_of(found: re.Match[str]) -> str:
        text = (FOLDER / found["file"]).read_text(encoding="utf-8")
        return f"@layer {found['layer']} {{\n{text}}}\n"

    return _IMPORT.sub(text_of, (FOLDER / "site.css").read_text(encoding="utf-8"))
