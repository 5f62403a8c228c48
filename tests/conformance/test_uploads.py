"""Networks that a user brings run on every device, and real output is checked like our own."""

from pathlib import Path

import pytest

from benchmarks.solo import run_once
from benchmarks.specs import parse
from benchmarks.uploads.checked import check_files
from benchmarks.uploads.library import files_on_disk
from benchmarks.workloads import WorkloadFiles
from devices.agent.link import AgentLink
from devices.agent.loading import check_golden, load_workload
from devices.errors import WorkloadError
from devices.phone import Phone
from tests.benchmarks.networks import CONVERTED_PARAM, SMALL_PARAM, converted_bin, small_bin
from tests.conformance.conftest import Under
from tests.conformance.talk import Start

NETWORKS = {
    "by-hand": (SMALL_PARAM, small_bin()),
    "converted": (CONVERTED_PARAM, converted_bin(is_half=False)),
    "converted-16": (CONVERTED_PARAM, converted_bin(is_half=True)),
}


@pytest.fixture(params=sorted(NETWORKS))
def files(request: pytest.FixtureRequest) -> WorkloadFiles:
    """The files of an uploaded network."""
    made = check_files(request.param, *NETWORKS[request.param])
    return WorkloadFiles(made.name, made.param, made.bin)


def test_an_uploaded_network_runs(link: AgentLink, phone: Phone, files: WorkloadFiles) -> None:
    start = Start(link, phone, files)
    golden = check_golden(link, phone, files)
    assert (golden is not None) == ("golden" in link.caps)
    if golden is not None:
        assert golden["max_abs_e9"] < 10_000
    start.begin()
    start.lane(period_us=20_000, dur_ms=400)
    assert min(start.hear("idle").column("inference.latency")) > 0


def test_weights_that_are_not_what_the_reference_saw_are_refused(
    link: AgentLink, phone: Phone
) -> None:
    if "golden" not in link.caps:
        pytest.skip("this agent has no real output")
    right, wrong = (WorkloadFiles("x", SMALL_PARAM, small_bin(seed)) for seed in (1, 2))
    load_workload(link, phone, wrong)
    with pytest.raises(WorkloadError) as refused:
        check_golden(link, phone, right)
    assert refused.value.code == "golden"


def test_a_network_on_disk_is_divided_between_a_device_and_a_server(
    device: Under, tmp_path: Path
) -> None:
    """The segment server computes the tail of a network whose name it has never heard."""
    path = tmp_path / "my-net.param"
    path.write_bytes(CONVERTED_PARAM)
    path.with_suffix(".bin").write_bytes(converted_bin(is_half=False))
    with files_on_disk():
        duration_s = 4 if device.kind == "host" else 60  # about three seconds either way
        document = {"kind": "offload", "workload": str(path), "duration_s": duration_s}
        gate = {"start_gate": {"timeout_s": 0}}
        policy = {"kind": "cloud_only"}
        spec = parse({"benchmark": document, "policy": policy, "preconditions": gate})
        outcome = run_once(device.phone, spec, lambda _phase, _item: None)
    found = {metric.name: metric.value for metric in outcome.analysis.metrics}
    assert found["remote_share"] is not None
    assert found["remote_share"] >= 0.5  # the first second is decided on the way
    [told] = outcome.document["baseline"]["workloads"]
    assert told["workload"] == "my-net"
    assert (told["golden"] is None) == (device.kind == "virtual")
