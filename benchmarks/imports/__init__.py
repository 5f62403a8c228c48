"""Numbers that other tools printed, in our words; they stand beside ours and judge nothing."""

from collections.abc import Callable, Mapping

from benchmarks.imports import benchncnn, llama_bench, onnxruntime, tflite
from benchmarks.imports.imported import Imported, NotImportable
from benchmarks.naming import unknown

MOST_BYTES = 1024 * 1024

#: Each reader returns what it finds, nothing if the text is not its tool's.
TOOLS: Mapping[str, Callable[[str], list[Imported]]] = {
    "tflite": tflite.read,
    "benchncnn": benchncnn.read,
    "llama-bench": llama_bench.read,
    "onnxruntime": onnxruntime.read,
}


def read(text: str, tool: str = "") -> list[Imported]:
    """Return the results in a text, by the tool that is named or by the first that knows it.

    Raises:
        NotImportable: if nobody can read it, or it is longer than 1 MiB.
    """
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise NotImportable(f"the text is longer than {MOST_BYTES // 1024} KiB")
    if tool and tool not in TOOLS:
        raise NotImportable(str(unknown("tool", tool, TOOLS)))
    for name in [tool] if tool else TOOLS:
        if found := TOOLS[name](text):
            return found
    tools = tool or ", ".join(TOOLS)
    raise NotImportable(
        f"no result of {tools} in this text; give the whole output of the tool, "
        "with llama-bench `-o json`, with onnxruntime_perf_test `-s`"
    )
