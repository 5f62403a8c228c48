"""Outputs of other tools in our words; the texts are ours, in the shape of theirs."""

from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.imports import MOST_BYTES, TOOLS, read
from benchmarks.imports.imported import Imported, NotImportable

FILES = Path(__file__).parents[1] / "golden" / "imports"


def imported(file: str, tool: str = "") -> list[Imported]:
    return read((FILES / file).read_text(), tool)


def values(found: Imported) -> dict[str, float | None]:
    return {metric.name: metric.value for metric in found.metrics}


def test_benchncnn_gives_a_result_per_network() -> None:
    found = imported("benchncnn.txt")
    assert [one.name for one in found] == ["squeezenet", "mobilenet_v2", "resnet50"]
    assert values(found[2]) == {"min_ms": 61.40, "mean_ms": 62.18, "max_ms": 64.02}
    assert found[0].facts["num_threads"] == 4
    assert found[0].unknown == ("something new is printed here",)


def test_tflite_takes_the_measured_runs_and_not_the_warm_up() -> None:
    [found] = imported("tflite.txt")
    assert found.name == "mobilenet_v2.tflite"
    told = values(found)
    assert told["mean_ms"] == pytest.approx(8.18025)
    assert told["p50_ms"] == pytest.approx(8.150)
    assert told["p95_ms"] == pytest.approx(8.490)
    assert told["first_ms"] == pytest.approx(11.92)
    assert told["inferences"] == 122
    assert told["latency_cv"] == pytest.approx(0.02)
    assert found.facts["memory_overall_mb"] == 14.5
    assert any("Initialized session" in line for line in found.unknown)


def test_tflite_json_says_the_same_and_keeps_what_is_new() -> None:
    [found] = imported("tflite.json")
    told = values(found)
    assert (told["mean_ms"], told["p50_ms"], told["load_ms"]) == (8.18, 8.15, 4.31)
    assert found.facts["misc_metrics.num_runs"] == 122
    assert "latency_metrics.stddevMs: 0.16" in found.unknown
    assert 'something_new: {"a": 1}' in found.unknown


def test_llama_bench_is_measured_by_our_own_percentiles() -> None:
    prompt, text = imported("llama-bench.json")
    assert (prompt.name, text.name) == ("tiny 1B Q4_0 pp512", "tiny 1B Q4_0 tg128")
    told = values(prompt)
    assert told["p50_ms"] == pytest.approx(20_500)
    assert told["tokens_per_s"] == 24.98
    assert told["inferences"] == 3
    assert told["p99_ms"] is None
    assert prompt.facts["n_threads"] == 4
    assert 'type_k: "f16"' in prompt.unknown


def test_onnxruntime_mixes_units_and_we_do_not() -> None:
    [found] = imported("onnxruntime.txt")
    told = values(found)
    assert told["mean_ms"] == pytest.approx(14.12)
    assert told["p50_ms"] == pytest.approx(14.02)
    assert told["load_ms"] == pytest.approx(81.2)
    assert told["throughput"] == 70.766
    assert found.unknown == ("Setting intra_op_num_threads to 4",)


@pytest.mark.parametrize("file", sorted(p.name for p in FILES.iterdir() if p.suffix != ".md"))
def test_no_tool_reads_the_output_of_another(file: str) -> None:
    [found] = {one.tool for one in imported(file)}
    for tool in TOOLS:
        if tool != found:
            with pytest.raises(NotImportable):
                imported(file, tool)


@pytest.mark.parametrize("text", ["", "hello", "{}", "[1, 2]", "[{}]", '{"latency_metrics": 3}'])
def test_a_text_without_a_result_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(NotImportable, match="llama-bench `-o json`"):
        read(text)


def test_a_text_that_is_too_long_or_a_tool_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotImportable, match="1024 KiB"):
        read("x" * (MOST_BYTES + 1))
    with pytest.raises(NotImportable, match="Did you mean 'tflite'"):
        read("x", "tflight")


def test_the_command_line_prints_them_as_imported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(FILES / "onnxruntime.txt")]) == 0
    shown = capsys.readouterr().out
    assert "imported" in shown
    assert "p50_ms" in shown
    assert main(["import", str(FILES / "README.md")]) == 2
    assert "no result of" in capsys.readouterr().err
