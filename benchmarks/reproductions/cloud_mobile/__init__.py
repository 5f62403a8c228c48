"""Combining Cloud and Mobile Computing for Machine Learning (Xu, Zhang, arXiv 2402.04880).

Algorithm reconstructed from the abstract; the full text was not available. The paper's figures are
not known: its claims stand in the table as words, and reference numbers are those of our own
simulation, whose constants are assumptions and are printed.
"""

from collections.abc import Sequence
from itertools import pairwise

from benchmarks.families.cuts import cuts_of
from benchmarks.families.regnet import block_ends
from benchmarks.policies.offload.choosing import Chooser
from benchmarks.policies.offload.cloud_only import CloudOnly
from benchmarks.policies.offload.local_only import LocalOnly
from benchmarks.policies.offload.sla_min_cloud import RECONSTRUCTED, SlaMinCloud
from benchmarks.reproductions.cloud_mobile import diffusion, figures, regnet_map, varying
from benchmarks.reproductions.cloud_mobile.diffusion import Outcome
from benchmarks.reproductions.cloud_mobile.over_adb import adb_tables
from benchmarks.reproductions.options import Options, Say
from benchmarks.reproductions.table import Report, Row, Table
from benchmarks.workloads import workload_files
from devices.agent.codecs import CODECS

NAME = "cloud-mobile"
_SEEDS = 5
#: Service level [s] -> share of the cloud's time that was saved in twelve earlier seeds [%].
SAVED = {5: 4.7, 8: 12.8, 12: 23.0, 20: 42.6, 30: 60.7, 45: 77.0}
_POINTS = 5.0  # a seed may lie so far from those means [percentage points]
_OURS = "reference: our earlier seeds, not the paper"
_CONTROL_S = 12
_STAGE_ENDS = {"stem": 1606, "blk0": 602, "blk3": 326, "blk9": 163, "blk15": 86}  # [kB]


def reproduce(options: Options, say: Say) -> Report:
    """Serve the same phones under every level, on one seed or on five."""
    seeds = range(options.seed, options.seed + (1 if options.fast else _SEEDS))
    tables = [_size_table(), _map_table()]
    for seed in seeds:
        say(f"seed {seed}: {diffusion.PHONES} phones under {len(SAVED)} service levels")
        tables.append(_service_table(seed, SlaMinCloud(has_margin=False)))
        tables.append(_varying_table(seed))
    tables.append(_control(options.seed))
    if options.adb:
        say(f"both workloads on {options.adb}")
        tables += adb_tables(options.adb, options.seed)
    return Report(
        name=NAME,
        paper=RECONSTRUCTED,
        tables=tuple(tables),
        notes=_NOTES,
        figures=() if options.fast else tuple(figures.of(options.seed, SAVED)),
        facts={"phones": diffusion.PHONES, "iterations": diffusion.ITERATIONS},
    )


_NOTES = (
    "Algorithm reconstructed from the abstract; the full text was not available. Reference values"
    " tagged S are our own earlier simulation, not the paper's.",
    f"Assumed: {diffusion.ITERATIONS} iterations, cut after every {diffusion.EVERY}; server"
    f" {diffusion.SERVER_S * 1e3:g} ms per iteration and 80 ms for the decoder; phones lognormal,"
    f" median {diffusion.PHONE_S:g} s per iteration, σ {diffusion.PHONE_SIGMA:g}, their decoder"
    f" {diffusion.PHONE_DECODER:g} iterations; downlink median"
    f" {diffusion.DOWN_BIT_S / 1e6:g} Mbit/s, σ {diffusion.DOWN_SIGMA:g}; round trip median"
    f" {diffusion.RTT_S * 1e3:g} ms, σ {diffusion.RTT_SIGMA:g}; no margin, no batches.",
    "Where nothing keeps the level the fastest split is taken. Savings are of the server's"
    " processor time against `cloud_only`; spread is the standard deviation of the waiting time"
    " over phones.",
)


def _size_table() -> Table:
    """What crosses, in bytes: from our network's own graph and from the codecs."""
    kb = {cut.blob: cut.bytes / 1000 for cut in cuts_of(workload_files("regnet").network)}
    rows = [
        Row(f"RegNet {blob}", theirs, kb[blob], _around(theirs, 0.01), "kB", "D", note="fp32")
        for blob, theirs in _STAGE_ENDS.items()
    ]
    latent = [CODECS[name].bytes_of(diffusion.LATENT) / 1024 for name in ("fp16", "fp32")]
    rows += [
        Row("latent, fp16", 32, latent[0], (32, 32), "KiB", "D"),
        Row("latent, fp32", 64, latent[1], (64, 64), "KiB", "D"),
        Row("latent, spread over its splits", 0, _latent_spread(), (0, 0), "B", "D"),
    ]
    return Table("what crosses", tuple(rows))


def _around(value: float, share: float) -> tuple[float, float]:
    return value * (1 - share), value * (1 + share)


def _latent_spread() -> float:
    remote = [s.received_bytes for s in diffusion.pipeline().splits if s.name.startswith("it")]
    return float(max(remote) - min(remote))


def _map_table() -> Table:
    """RegNet may not benefit: whatever network and phone, its best split is an end."""
    cells = regnet_map.best_splits(regnet_map.pipeline(block_ends()))
    told = ", ".join(
        f"{cell.up_mbit_s:g} Mbit/s {cell.phone_s * 1e3:g} ms: {cell.split.name or 'local'}"
        for cell in cells
    )
    interior = float(sum(cell.is_interior for cell in cells))
    row = Row("interior best splits of 8", 0, interior, (0, 0), "1", "A", note=told)
    return Table("RegNet over networks and phones", (row,))


def _service_table(seed: int, policy: Chooser, breaks: str = "") -> Table:
    """The diffusion service: what a policy saves, and whether users notice."""
    phones = diffusion.population(seed)
    outcomes = {s: diffusion.serve(policy, phones, s) for s in SAVED}
    cloud = {s: diffusion.serve(CloudOnly(), phones, s) for s in SAVED}
    local = diffusion.serve(LocalOnly(), phones, 1.0)
    saved = {s: 100 * outcomes[s].saved(cloud[s]) for s in SAVED}
    rows = [
        Row(_saved_name(s), theirs, saved[s], _points_around(theirs), "%", "S", note=_OURS)
        for s, theirs in SAVED.items()
    ]
    title = "negative control: no feasibility filter" if breaks else "diffusion service"
    rows += [*_steady_rows(saved), *_user_rows(outcomes, cloud, local)]
    return Table(title, tuple(rows), seed, breaks)


def _saved_name(sla_s: float) -> str:
    return f"cloud time saved at {sla_s:g} s"


def _steady_rows(saved: dict[int, float]) -> Sequence[Row]:
    values = [saved[s] for s in sorted(saved)]
    least = min(after - before for before, after in pairwise(values))
    note = "least step from one level to the next"
    row = Row("savings grow with the level", None, least, (0.0, 100.0), "points", "S", note=note)
    return (row,)


def _points_around(value: float) -> tuple[float, float]:
    return value - _POINTS, value + _POINTS


def _user_rows(
    outcomes: dict[int, Outcome], cloud: dict[int, Outcome], local: Outcome
) -> Sequence[Row]:
    """What users notice: whether levels are met, and how different their waits are."""
    less = min(100 * (outcomes[s].hit - cloud[s].hit) for s in outcomes)
    kept = [100 * outcomes[s].hit for s in outcomes if cloud[s].hit >= 0.9975]
    spread = {s: outcomes[s].spread_s / local.spread_s for s in outcomes}
    usual = max(share for s, share in spread.items() if s <= 30)
    return (
        Row("level met, less than cloud-only", None, less, (-1.0, 100.0), "points", "A"),
        Row("level met where cloud-only meets it", None, min(kept), (99.0, 100.0), "%", "A"),
        Row("spread of waits up to 30 s, of local", None, usual, (0.0, 0.15), "1", "A/S"),
        Row("spread of waits at 45 s, of local", None, spread[45], (0.0, 0.30), "1", "A/S"),
    )


def _varying_table(seed: int) -> Table:
    """Splitting anew against the best fixed split, signed: a loss counts as a loss."""
    gain = varying.follow(regnet_map.pipeline(block_ends()), seed)
    true, guessed = gain.with_true_rates, gain.with_estimates
    places = "about 25 % in places in a figure of Bakhtiarnia et al."
    return Table(
        "a network that changes",
        (
            Row("gain, true rates: least", 0, 100 * float(true.min()), (0, 100), "%", "D"),
            Row("gain, true rates: most", 25, 100 * float(true.max()), unit="%", note=places),
            Row("gain, true rates: mean", None, 100 * float(true.mean()), unit="%"),
            Row("gain, estimated rates: mean", None, 100 * float(guessed.mean()), unit="%"),
            Row("gain, estimated rates: least", None, 100 * float(guessed.min()), unit="%"),
            Row("regret of the estimates", None, 100 * gain.mean_regret, unit="%"),
        ),
        seed,
    )


def _control(seed: int) -> Table:
    """Without the filter the cheapest split is always local: everything saved, no level met."""
    policy = SlaMinCloud(has_margin=False, filters_feasible=False)
    return _service_table(seed, policy, breaks=_saved_name(_CONTROL_S))
