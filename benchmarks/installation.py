"""Bringing the workloads of a run onto a phone and into its agent, and checking them there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.catalog.base import Load
from benchmarks.conversation import Tick, patiently
from benchmarks.workloads import WorkloadFiles, workload_files
from devices.agent.install import ROOT, push_once
from devices.agent.link import AgentLink
from devices.agent.loading import check_golden, load_workload
from devices.phone import Phone

WARM_UPS = 3


@dataclass(frozen=True, slots=True)
class Installed:
    """One workload that is ready in the agent."""

    files: WorkloadFiles
    golden: Mapping[str, Any] | None  # how its output compared; None if nothing was computed

    def as_dict(self) -> dict[str, Any]:
        """Return what a baseline remembers of it."""
        return {
            "workload": self.files.name,
            "workload_sha256": self.files.bin_sha256,
            "param_sha256": self.files.param_sha256,
            "golden": _told(self.golden),
        }


def install(
    link: AgentLink, phone: Phone, loads: Sequence[Load], found: list[Installed]
) -> Iterator[Tick]:
    """Put every workload of these loads into the agent; append each to `found`."""
    threads: dict[str, set[int]] = {}
    for load in loads:
        for name in load.workloads:
            threads.setdefault(name, set()).add(load.threads)
    for name, counts in threads.items():
        yield from patiently(partial(_push, phone, name, "golden" in link.caps))
        files = workload_files(name)
        load_workload(link, phone, files, threads=sorted(counts))
        yield Tick()
        golden = check_golden(link, phone, files, threads=min(counts))
        yield Tick()
        if golden is not None:  # only an agent that really computes has caches to warm
            link.request("warm", id=files.name, threads=min(counts), n=WARM_UPS)
            yield Tick()
        found.append(Installed(files, golden))


def _push(phone: Phone, workload: str, computes: bool) -> None:
    """Bring the files of a workload onto the phone; over a slow cable that takes minutes."""
    files = workload_files(workload)
    push_once(phone, files.param, f"{ROOT}/models/{files.param_sha256}")
    push_once(phone, files.bin, f"{ROOT}/models/{files.bin_sha256}")
    if computes:  # the expected output takes seconds to compute
        push_once(phone, files.reference, f"{ROOT}/models/{files.reference_sha256}")


def _told(golden: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what the comparison of outputs gave, for the record."""
    if golden is None:
        return None
    max_abs = (golden.get("max_abs_e9") or 0) / 1e9
    return {"top": golden.get("top"), "reference_top": golden.get("ref_top"), "max_abs": max_abs}
