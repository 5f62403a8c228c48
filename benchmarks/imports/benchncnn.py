"""ncnn's `benchncnn`: a line per network, in milliseconds, on stderr.

Shape: `NAME  min = 1.23  max = 1.40  avg = 1.30`, after lines `num_threads = 4` and the like; see
benchmark/README.md of Tencent/ncnn.
"""

import re

from benchmarks.imports.imported import Imported, told

TOOL = "benchncnn"
_RESULT = re.compile(
    r"\s*(?P<name>\S.*?)\s+min =\s*(?P<min>[\d.]+)\s+max =\s*(?P<max>[\d.]+)\s+"
    r"avg =\s*(?P<mean>[\d.]+)(?P<rest>.*)"
)
_FACT = re.compile(
    r"\s*(?P<name>loop_count|num_threads|powersave|gpu_device|cooling_down) = (?P<value>-?\d+)\s*"
)


def read(text: str) -> list[Imported]:
    """Return one result per network."""
    facts: dict[str, int] = {}
    unknown: list[str] = []
    rows: list[re.Match[str]] = []
    for line in text.splitlines():
        if found := _RESULT.fullmatch(line):
            rows.append(found)
            if found["rest"].strip():
                unknown.append(line.strip())
        elif fact := _FACT.fullmatch(line):
            facts[fact["name"]] = int(fact["value"])
        elif line.strip():
            unknown.append(line.strip())
    return [
        Imported(
            TOOL,
            row["name"],
            tuple(told(TOOL, f"{which}_ms", float(row[which])) for which in ("min", "mean", "max")),
            facts,
            tuple(unknown),
        )
        for row in rows
    ]
