"""The reproduction of NeuroBalancer: every row in its range, and a control that leaves it."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks.__main__ import main
from benchmarks.exit_codes import USAGE
from benchmarks.reproductions.catalog import REPRODUCTIONS
from benchmarks.reproductions.dvfs_sim.networks import NETWORKS
from benchmarks.reproductions.dvfs_sim.silicon import table_of
from benchmarks.reproductions.dvfs_sim.sweep import BALANCER, sweep
from benchmarks.reproductions.neurobalancer import LARGEST
from benchmarks.reproductions.neurobalancer_figures import figures_of
from benchmarks.reproductions.neurobalancer_gpu import BALANCER as BALANCER_ON_GPU
from benchmarks.reproductions.neurobalancer_gpu import DEFAULT, SYSSCALE, GpuCell, gpu_rows
from benchmarks.reproductions.options import Options
from benchmarks.reproductions.table import Report, Verdict
from tests.parts.adb import virtual_phones


@pytest.fixture(scope="module")
def report() -> Report:
    return REPRODUCTIONS["neurobalancer"].run(Options(fast=True), lambda _: None)


def test_every_row_that_has_a_range_is_in_it(report: Report) -> None:
    table = report.tables[0]
    assert [row.name for row in table.rows if row.verdict is Verdict.OUT] == []
    assert sum(row.verdict is Verdict.IN for row in table.rows) == 11


def test_says_that_the_algorithm_is_reconstructed(report: Report) -> None:
    assert "algorithm reconstructed from the abstract" in report.notes[0]


def test_nothing_is_left_out(report: Report) -> None:
    assert not [r for r in report.tables[0].rows if r.verdict is Verdict.NOT_APPLICABLE]
    on_gpu = [row for row in report.tables[0].rows if row.name.endswith("GPU")]
    assert all("virtual pixel-3" in row.note for row in on_gpu)
    assert len(on_gpu) == 2


def test_rivals_that_spend_the_same_leave_the_range_of_the_gpu_rows() -> None:
    same = {"energy_mj": 1.0, "deadline_hit": 1.0}
    cell = GpuCell(1.5, dict.fromkeys((DEFAULT, SYSSCALE, BALANCER_ON_GPU), same))
    default, sysscale, hit = gpu_rows((cell,))
    assert (default.verdict, sysscale.verdict) == (Verdict.OUT, Verdict.OUT)
    assert hit.verdict is Verdict.IN


def test_without_its_plan_it_saves_nothing(report: Report) -> None:
    control = report.tables[-1]
    assert (control.breaks, control.is_good) == (LARGEST, True)
    assert control.rows[0].ours == 0.0


def test_a_seed_repeats_everything() -> None:
    one, two = sweep(3, 3), sweep(3, 3)
    for a, b in zip(one, two, strict=True):
        assert np.array_equal(a.outcomes[BALANCER].energy_j, b.outcomes[BALANCER].energy_j)


def test_draws_figures_that_are_whole() -> None:
    figures = figures_of(sweep(1, 3))
    assert [ElementTree.fromstring(figure.svg).tag for figure in figures] == ["svg"] * 3


def test_vgg_is_scaled_as_published() -> None:
    gflop = {name: sum(op.flop for op in ops) / 1e9 for name, ops in NETWORKS.items()}
    assert gflop["resnet50"] == pytest.approx(8.2)
    assert gflop["mobilenet_v2"] == pytest.approx(0.6)
    table = table_of(NETWORKS["vgg16"])
    assert table.time_s[13, table.point(0, 5)] < table.time_s[13, table.point(9, 0)]


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_on_a_phone_behind_adb_it_saves_and_is_in_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with virtual_phones("pixel-6", "honor-v30-pro", speed=20) as phones:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phones.server.port))
        rooted, plain = phones.serials
        asked = ["reproduce", "neurobalancer", "--fast", "--json", "--adb"]
        assert main([*asked, plain]) == USAGE
        said = capsys.readouterr()
        assert "name a rooted phone with --adb" in said.err
        assert "four networks" not in said.err, "refused before anything was computed"
        assert main([*asked, rooted]) == 0
    report = json.loads(capsys.readouterr().out)
    [over_adb] = [table for table in report["tables"] if table["title"].startswith("over adb")]
    found = {row["row"]: (row["verdict"], row["ours"]) for row in over_adb["rows"]}
    assert found["deadlines met"][0] == "in range"
    assert found["saving against the best static pair"][0] == "in range"
    assert found["saving against the default governor, CPU"][1] > 0.1
    assert 0 < found["energy over the oracle's"][1] < 0.12
