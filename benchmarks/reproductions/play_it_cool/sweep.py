"""The ablation: dynamic shifting over its two thresholds."""

from collections.abc import Mapping

from benchmarks.reproductions.options import Say
from benchmarks.reproductions.phones import run_near
from benchmarks.reproductions.play_it_cool import paper
from benchmarks.reproductions.play_it_cool.pair import dynamic, spec
from benchmarks.solo import Outcome

T_LIMS_C = (67.0, 70.0, 73.0, 75.0, 77.0)
G_LIMS_C_PER_S = (-0.2, -0.1, -0.07, -0.04)


def sweep(seed: int, say: Say) -> Mapping[tuple[float, float], Outcome]:
    """Return an hour for each pair of (t_lim [°C], g_lim [°C/s])."""
    outcomes = {}
    for t_lim_c in T_LIMS_C:
        say(f"ablation: t_lim {t_lim_c:g} °C")
        for g_lim in G_LIMS_C_PER_S:
            policy = dynamic(t_lim_c=t_lim_c, g_lim_c_per_s=g_lim)
            outcomes[t_lim_c, g_lim] = run_near(paper.PHONE, spec(policy, seed))
    return outcomes
