"""The reproduction of NeuroBalancer: every row in its range, and a control that leaves it."""

from xml.etree import ElementTree

import numpy as np
import pytest

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
