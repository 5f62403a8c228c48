"""What a run's network may look like: as it is, fixed, or a trace without gaps."""

from pathlib import Path

import pytest

from benchmarks.__main__ import _parser, spec_of
from benchmarks.cloud.shaping import read_network
from benchmarks.specs import SpecError, parse


def test_nothing_written_is_the_network_as_it_is() -> None:
    assert read_network("  \n ").at(5.0) is None


def test_one_line_holds_for_the_whole_run() -> None:
    condition = read_network("20 10 35 1").at(999.0)
    assert condition is not None
    assert dict(condition.as_command()) == {
        "up_kbps": 20_000, "down_kbps": 10_000, "rtt_us": 35_000, "loss_pm": 10,
    }  # fmt: skip


def test_a_trace_holds_each_line_until_the_next() -> None:
    network = read_network("0,20,20,30\n1,5,5,60\n2,1,1,90,2")
    rates = [network.at(t_s).up_mbit_s for t_s in (0.0, 0.9, 1.0, 1.5, 60.0)]  # type: ignore[union-attr]
    assert rates == [20, 20, 5, 5, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 5 5 20;1 5 5 20;2 5 5 20;30 5 5 20", "a gap of 28 s after 2 s (line 4), the usual"),
        ("5 5 5 20;6 5 5 20", "line 1 begins at 5 s: nobody knows the network before"),
        ("0 5 5 20;1 5 5 20;1 4 4 20", "line 3 is not later than line 2: sort by time"),
        ("0,5,5,20\n1,,5,20", "line 2: up [Mbit/s] is missing"),
        ("0,5,5,20\n1,nan,5,20", "line 2: up [Mbit/s] is nan; it must be 0 or more"),
        ("0,5,5,20\n1,-3,5,20", "line 2: up [Mbit/s] is -3; it must be 0 or more"),
        ("0,5,5,20\n1,fast,5,20", "line 2: up [Mbit/s] is 'fast', no number"),
        ("0 0 5 20", "line 1: up is 0 Mbit/s; a rate lies above 0"),
        ("5 20", "line 1 has 2 values: write"),
        ("1 1 1 90", "at most 60000 ms and 50 % loss"),
    ],
)
def test_a_trace_with_gaps_or_nonsense_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        read_network(text)
    assert words in str(refused.value)


def test_a_spec_names_the_field_before_any_phone_is_touched() -> None:
    with pytest.raises(SpecError, match="a gap of 28 s after 2 s") as refused:
        parse({"benchmark": {"kind": "offload", "network": "0 5 5 20;1 5 5 20;2 5 5 20;30 5 5 20"}})
    assert refused.value.field == "benchmark.network"


def test_a_level_that_no_phone_can_keep_is_refused() -> None:
    with pytest.raises(SpecError, match=r"sla_ms = 0.01 is below the fastest path"):
        parse({"benchmark": {"kind": "offload", "sla_ms": 0.01}})
    slow = {"network": "1 1 500", "sla_ms": 0.2}
    with pytest.raises(SpecError, match=r"below the fastest path, which takes 0.4 ms"):
        parse({"benchmark": {"kind": "offload", **slow}})


def test_a_trace_may_be_a_file_on_the_command_line(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("0,5,5,20\n1,4,4,20\n")
    bad.write_text("0,5,5,20\n1,4,4,20\n2,4,4,20\n60,4,4,20\n")
    command = ["run", "offload", "--serial", "nobody"]
    with pytest.raises(SpecError, match=r"nowhere.csv cannot be read: .*No such file"):
        spec_of(_parser().parse_args([*command, "--param", "network=@/nowhere.csv"]))
    with pytest.raises(SpecError, match="a gap of 58 s after 2 s"):
        spec_of(_parser().parse_args([*command, "--param", f"network=@{bad}"]))
    spec = spec_of(_parser().parse_args([*command, "--param", f"network=@{good}"]))
    assert spec.benchmark.loads()[0].split is not None
