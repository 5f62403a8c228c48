"""Play It Cool (Zhou et al., 2022): an hour of one network, alone and under dynamic shifting."""

from collections.abc import Mapping

from benchmarks.reproductions.options import Options, Say
from benchmarks.reproductions.phones import run_near
from benchmarks.reproductions.play_it_cool import figures, paper
from benchmarks.reproductions.play_it_cool.others import others_table
from benchmarks.reproductions.play_it_cool.over_adb import adb_table
from benchmarks.reproductions.play_it_cool.pair import Pair, dynamic, measure_pair, spec
from benchmarks.reproductions.play_it_cool.policies import policies_table
from benchmarks.reproductions.play_it_cool.rows import control_of, table_of
from benchmarks.reproductions.play_it_cool.sweep import sweep
from benchmarks.reproductions.table import Figure, Report, Table

NAME = "play-it-cool"
_SEEDS = 5
_NOTES = (
    "virtual: every number of ours is from a virtual phone in this process, a simulation.",
    "The phone's heat network was fitted to the paper's temperature traces: the rows of the large "
    "model alone are a consistency check, those of shifting are not fitted.",
    "Latency is the response period, injected idle included, as in the paper's table.",
    "A policy decides on the host once per second of device time, without delay: in process, the "
    "phone's clock waits. Over adb the decision lag is printed.",
)


def reproduce(options: Options, say: Say) -> Report:
    """Measure the paper's pair, on one seed or on five, and what must not come out."""
    seeds = range(options.seed, options.seed + (1 if options.fast else _SEEDS))
    pairs: dict[int, Pair] = {}
    for seed in seeds:
        say(f"seed {seed}: the large variant alone, then dynamic shifting")
        pairs[seed] = measure_pair(seed)
    tables = [table_of(pair, seed) for seed, pair in pairs.items()]
    say("negative control: no dwell time")
    eager = run_near(paper.PHONE, spec(dynamic(min_dwell_s=0.0), options.seed))
    tables.append(control_of(eager, options.seed))
    if options.adb:
        say(f"the same over adb, on {options.adb}")
        tables.append(adb_table(options.adb, options.seed))
    if options.fast:
        return Report(NAME, paper.TITLE, tuple(tables), _NOTES)
    more, drawn = _full(options.seed, pairs, say)
    return Report(NAME, paper.TITLE, (*tables, *more), _NOTES, drawn)


def _full(
    seed: int, pairs: Mapping[int, Pair], say: Say
) -> tuple[tuple[Table, ...], tuple[Figure, ...]]:
    """Return what only the full form has: other phones, other policies, the ablation."""
    table, outcomes = policies_table(seed, pairs[seed], say)
    drawn = (
        *figures.of(pairs[seed]),
        figures.tradeoff(outcomes),
        figures.ablation(sweep(seed, say)),
    )
    return (others_table(seed, say), table), drawn
