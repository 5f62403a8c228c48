"""What each kind draws of its runs: figures that stand on what was measured, and say so."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.catalog.dvfs_figures import dvfs_figures
from benchmarks.catalog.offload_figures import offload_figures
from benchmarks.catalog.shifting_figures import shifting_figures
from benchmarks.catalog.signal_figure import signal_figure
from benchmarks.catalog.soak_figures import soak_figures
from benchmarks.catalog.tenancy_figures import tenancy_figures
from benchmarks.catalog.tenancy_gain import Gain, knee_of
from benchmarks.figures import Bars, Drawing, Figure, Gantt, HeatMap, Subject


def titled(drawn: Any, title: str) -> Drawing:
    [found] = [figure for figure in drawn if figure.title == title]
    assert isinstance(found, Drawing)
    return found


def shifted(run: int, kind: str, mean_ms: float, device: str = "A", **policy: Any) -> Subject:
    numbers = {"response_mean_ms": mean_ms, "accuracy_estimate": 0.7, "throttled_fraction": 0.1}
    if kind == "stock":
        numbers["possible_gain"] = 0.25
    label = kind + "".join(f" {value}" for value in policy.values())
    asked = {"kind": kind, **policy}
    return Subject(run, int(kind != "stock"), label, numbers, {}, device, asked)


def test_the_gain_of_shifting_stands_beside_what_theory_allows_there() -> None:
    drawn = shifting_figures([shifted(1, "stock", 200), shifted(2, "dynamic_shifting", 160)])
    found = titled(drawn, "Gain beside theory")
    assert isinstance(found, Bars)
    [bar] = found.bars
    assert bar.values == pytest.approx((20,))
    assert bar.mark == pytest.approx(25)


def test_a_phone_that_never_throttles_says_so_and_shows_no_gain() -> None:
    alone = shifted(1, "stock", 150)
    cool = Subject(1, 0, "stock", {**alone.metrics, "possible_gain": None}, {}, "A", alone.policy)
    found = titled(shifting_figures([cool, shifted(2, "small_alone", 150)]), "Gain beside theory")
    assert isinstance(found, Bars)
    [bar] = found.bars
    assert (bar.values, bar.mark) == ((0.0,), 0.0)
    assert "does not throttle" in bar.words


def test_a_gain_needs_the_large_variant_alone_on_the_same_device() -> None:
    apart = [shifted(1, "stock", 200, "A"), shifted(2, "dynamic_shifting", 160, "B")]
    assert "Gain beside theory" not in [figure.title for figure in shifting_figures(apart)]


def test_two_thresholds_make_a_map_and_one_pair_makes_none() -> None:
    sweep = [
        shifted(k, "dynamic_shifting", 150 + k, t_lim_c=t, g_lim_c_per_s=g)
        for k, (t, g) in enumerate([(70, -0.1), (73, -0.1), (70, -0.2)])
    ]
    found = titled(shifting_figures(sweep), "Thresholds of dynamic shifting")
    assert isinstance(found, HeatMap)
    assert (found.xs, found.ys) == (("70", "73"), ("-0.2", "-0.1"))
    assert {(cell.x, cell.y): cell.value for cell in found.cells} == {
        (0, 1): 150,
        (1, 1): 151,
        (0, 0): 152,
    }
    assert not [figure for figure in shifting_figures(sweep[:1]) if isinstance(figure, HeatMap)]


def clocked(run: int, kind: str, energy_mj: float, slack: str) -> Subject:
    details: dict[str, Any] = {"dvfs": {"pareto": [], "ribbon": []}}
    numbers = {"energy_mj": energy_mj, "deadline_hit": 1.0}
    params = {"slack": slack, "workload": "resnet50"}
    return Subject(run, run, f"{kind} {slack}", numbers, details, "A", {"kind": kind}, params)


def test_savings_are_against_the_same_interval_and_are_drawn_over_several() -> None:
    runs = [
        clocked(1, "race_to_idle", 40, "1.1"),
        clocked(2, "neurobalancer", 36, "1.1"),
        clocked(3, "race_to_idle", 50, "2"),
        clocked(4, "neurobalancer", 25, "2"),
    ]
    found = titled(dvfs_figures(runs), "Saved against racing, by slack")
    assert isinstance(found, Figure)
    [line] = found.panels[0].lines
    assert (line.label, line.x) == ("neurobalancer", (1.1, 2.0))
    assert line.y == pytest.approx((10, 50))
    one = titled(dvfs_figures(runs[:2]), "Saved against racing")
    assert isinstance(one, Bars)
    assert one.bars[0].values == pytest.approx((10,))


def test_runs_lie_above_the_least_that_any_rehearsal_in_their_place_allows() -> None:
    def bounded(run: int, kind: str, energy_mj: float, bound_mj: float, slack: str) -> Subject:
        plain = clocked(run, kind, energy_mj, slack)
        oracle = {"energy_mj": bound_mj, "busy_ms": 50.0}
        pairs = [[40.0, 60.0, 1e6, 800.0]] * (3 if kind == "oracle" else 2)
        details = {"dvfs": {"pareto": pairs, "ribbon": [], "oracle": oracle}}
        numbers = {**plain.metrics, "regret": energy_mj / bound_mj - 1, "p50_ms": 45.0}
        return replace(plain, details=details, metrics=numbers)

    coarse, fine = bounded(1, "stock", 60, 50, "1.5"), bounded(2, "oracle", 42, 40, "1.5")
    elsewhere = bounded(3, "stock", 30, 20, "2")
    drawn = dvfs_figures([coarse, fine, elsewhere])
    found = titled(drawn, "Energy over the oracle's")
    assert isinstance(found, Bars)
    assert {bar.label: round(bar.values[0], 6) for bar in found.bars} == {
        "stock 1.5": 50, "oracle 1.5": 5, "stock 2": 50,
    }  # fmt: skip
    assert "measured truth" in found.about
    pareto = titled(drawn, "Energy and latency")
    assert isinstance(pareto, Figure)
    [bound] = [line for line in pareto.panels[0].lines if line.label == "the oracle's bound"]
    assert (bound.run, bound.x, bound.y) == (2, (50.0,), (40,)), "of the finest rehearsal"
    unsure = replace(coarse, metrics={**coarse.metrics, "regret": None})
    titles = [figure.title for figure in dvfs_figures([unsure])]
    assert "Energy over the oracle's" not in titles


def test_the_time_of_an_answer_is_stacked_per_split() -> None:
    split = {"cut": "data", "words": "all on the server", "requests": 3, "waiting_ms": 4,
             "phone_ms": 1, "network_ms": 5, "queue_ms": 0}  # fmt: skip
    subject = Subject(1, 0, "cloud", {}, {"splits": [split | {"server_ms": 2}]})
    found = titled(offload_figures([subject]), "Where the time of an answer goes")
    assert isinstance(found, Bars)
    assert found.bars[0].label == "cloud, all on the server"
    assert dict(zip(found.parts, found.bars[0].values, strict=True)) == {
        "waiting": 4,
        "phone": 1,
        "network": 5,
        "queue": 0,
        "server": 2,
    }


def test_what_crosses_is_drawn_for_each_way_and_not_for_what_stays() -> None:
    here = {"cut": "local", "words": "all on the phone", "requests": 2, "sent_kb": 0.0,
            "received_kb": 0.0}  # fmt: skip
    there = {"cut": "step4", "words": "first 5 iterations on the server", "requests": 3,
             "sent_kb": 16.388, "received_kb": 32.768}  # fmt: skip
    subject = Subject(1, 0, "frugal", {}, {"splits": [here, there]})
    found = titled(offload_figures([subject]), "What crosses")
    assert isinstance(found, Bars)
    assert [bar.label for bar in found.bars] == ["frugal, first 5 iterations on the server"]
    assert found.bars[0].values == (16.388, 32.768)


def answered(run: int, side: int, device: str, answer_ms: float) -> Subject:
    kind = ("local_only", "sla_min_cloud")[side]
    numbers = {"answer_p50_ms": answer_ms}
    return Subject(run, side, f"{kind} · {device}", numbers, {}, device, {"kind": kind})


def test_sharing_the_work_is_judged_by_how_far_devices_lie_apart() -> None:
    answers = [(0, "A", 100), (0, "B", 300), (0, "B", 320), (0, "B", 900), (1, "A", 100)]
    runs = [answered(run, *one) for run, one in enumerate([*answers, (1, "B", 110)])]
    found = titled(offload_figures(runs), "Spread over devices")
    assert isinstance(found, Bars)
    assert [bar.label for bar in found.bars] == ["local_only", "sla_min_cloud"]
    assert [bar.values[0] for bar in found.bars] == pytest.approx([110, 5])
    assert found.bars[0].words.startswith("2 devices, 90th over 10th percentile 2.4")
    alone = [run for run in runs if run.device == "B"]
    assert "Spread over devices" not in [figure.title for figure in offload_figures(alone)]


def test_clocks_inside_an_inference_are_drawn_only_of_runs_that_planned_some() -> None:
    stock = clocked(1, "stock", 200, "1.5")
    details: dict[str, Any] = {"dvfs": {"pareto": [], "ribbon": [[0.0, 5.0, 1.8e6, 800.0]]}}
    planned = replace(clocked(2, "neurobalancer", 100, "1.5"), details=details)
    ribbon = "Clocks inside an inference"
    assert ribbon not in [figure.title for figure in dvfs_figures([stock])]
    found = titled(dvfs_figures([stock, planned]), ribbon)
    assert isinstance(found, Figure)
    assert [line.run for line in found.panels[0].lines] == [2]


def test_a_gpu_is_not_held_against_the_cores() -> None:
    cores, gpu = clocked(1, "stock", 200, "1.5"), clocked(2, "neurobalancer", 100, "1.5")
    gpu = replace(gpu, params={**gpu.params, "processor": "gpu"})
    titles = [figure.title for figure in dvfs_figures([cores, gpu])]
    assert not [title for title in titles if title.startswith("Saved against")]


def test_a_level_is_drawn_over_several_and_not_over_one() -> None:
    def asked(run: int, sla_ms: str, saved: float) -> Subject:
        numbers = {"cloud_saved": saved, "sla_hit": 1.0}
        return Subject(run, run, sla_ms, numbers, {}, "A", {"kind": "x"}, {"sla_ms": sla_ms})

    runs = [asked(1, "100", 0.1), asked(2, "300", 0.6)]
    found = titled(offload_figures(runs), "What a service level costs")
    assert isinstance(found, Figure)
    assert found.panels[0].lines[0].y == pytest.approx((10, 60))
    assert not offload_figures(runs[:1])


def test_networks_side_by_side_are_drawn_against_their_own_first_minute() -> None:
    minutes = {"0: resnet50": [80.0, 100.0, 160.0], "1: mobilenet_v2": [10.0, None, 11.0]}
    details = {"latency_by_minute_ms": [80.0, 100.0, 160.0], "minutes_of_each_ms": minutes}
    found = titled(soak_figures([Subject(1, 0, "stock", {}, details)]), "Who keeps its pace")
    assert isinstance(found, Figure)
    slow, fast = found.panels[0].lines
    assert (slow.label, slow.y) == ("resnet50", (100.0, 80.0, 50.0))
    assert fast.y[1] is None


def test_the_three_signals_have_a_row_each_and_the_verdict_of_them_one() -> None:
    details = {
        "signs": {"capped": [[60.0, 120.0]], "slowed": [], "delayed": [[66.0, 130.0]]},
        "throttled": [[60.0, 120.0]],
    }
    [found] = signal_figure(details)
    assert isinstance(found, Gantt)
    assert [len(lane.stretches) for lane in found.lanes] == [1, 0, 1, 1]
    assert found.lanes[0].stretches[0].end == pytest.approx(2)
    assert not signal_figure({"signs": {"capped": []}, "throttled": []})


def served(run: int, kind: str, fps: float, accuracy: float, **policy: Any) -> Subject:
    stays = [[0.0, 10.0, "small", 0.5], [10.0, 20.0, "large", 0.5]]
    tenant = {
        "name": "one",
        "fps": fps,
        "accuracy_pct": accuracy,
        "accuracies_pct": {"small": 60.0, "large": 70.0},
        "sizes_mb": {"small": 2.0, "large": 8.0},
        "stays": stays,
    }
    label = f"{kind} {policy.get('alpha', '')}".strip()
    return Subject(
        run,
        run,
        label,
        {},
        {"tenants": [tenant]},
        "A",
        {"kind": kind, **policy},
        {"memory_mb": "9"},
    )


def test_what_sharing_gains_is_counted_from_the_status_quo() -> None:
    runs = [served(1, "status_quo", 10, 65), served(2, "min_total", 15, 67, alpha=0.1)]
    drawn = tenancy_figures(runs)
    found = titled(drawn, "What sharing gains")
    assert isinstance(found, Figure)
    usual, ours = found.panels[0].lines
    assert (usual.x, usual.y) == ((1.0,), (0.0,))
    assert ours.x == pytest.approx((1.5,))
    assert ours.y == pytest.approx((2.0,))
    memory = titled(drawn, "Memory")
    assert isinstance(memory, Figure)
    assert max(y for y in memory.panels[0].lines[0].y if y is not None) == 8.0
    assert memory.panels[0].lines[-1].y == (9.0, 9.0)


def test_the_knee_is_the_point_farthest_from_the_chord() -> None:
    curve = [Gain("m", a, x, y) for a, x, y in ((1, 2.0, 0.0), (2, 1.8, 3.5), (3, 1.0, 4.0))]
    knee = knee_of(curve)
    assert knee is not None
    assert knee.alpha == 2
    assert knee_of(curve[:2]) is None
