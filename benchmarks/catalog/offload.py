"""Offload: one network, divided by a policy between the phone and a segment server."""

from dataclasses import asdict
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from benchmarks.analysis.decisions import decision_lag
from benchmarks.analysis.energy import energy_metric
from benchmarks.analysis.latency import latency_metrics
from benchmarks.analysis.offloading import (
    Offered,
    offload_details,
    offload_metrics,
    offload_reasons,
)
from benchmarks.analysis.requests import requests_of
from benchmarks.analysis.temperatures import temperature_metrics
from benchmarks.analysis.throttling import detect, throttling_metrics
from benchmarks.analysis.validity import judge
from benchmarks.arrivals import Arrivals, How, read_times
from benchmarks.catalog.base import (
    BEST_MACS_PER_S,
    Analysis,
    BenchmarkSpec,
    Load,
    SplitLoad,
    WorkloadName,
    phases_of,
)
from benchmarks.cloud.shaping import Network, read_network
from benchmarks.families.cuts import iteration_ends
from benchmarks.families.regnet import block_ends
from benchmarks.objections import Objection
from benchmarks.offloading.networks import answer_codec, network_pipeline, server_first_pipeline
from benchmarks.offloading.pipeline import Pipeline
from benchmarks.policies.base import PolicySpec
from benchmarks.policies.offload.fixed_split import FixedSplit
from benchmarks.trace import Trace
from benchmarks.workloads import workload_files
from devices.agent.codecs import CODECS

CodecName = Literal[
    "fp32", "fp16", "int8", "fp32+zlib", "fp16+zlib", "int8+zlib",
    "fp32+zstd", "fp16+zstd", "int8+zstd",
]  # fmt: skip

#: Where a policy starts from before it has measured anything.
FIRST_MACS_PER_S, FIRST_SERVER_MACS_PER_S = 10e9, 70e9
FIRST_MBIT_S, FIRST_RTT_S = 20.0, 0.02
#: No network of today is better: a level below what it allows can be refused unmeasured.
BEST_MBIT_S = 10_000.0
LONGEST_QUEUE = 64  # requests that wait; of more, the oldest give up and have missed their level


class Offload(BenchmarkSpec):
    """Requests with a service level, answered by the phone, by the cloud, or by both together."""

    kind: Literal["offload"] = "offload"
    workload: WorkloadName = Field("regnet", description="The network to divide.")
    sla_ms: float = Field(
        150.0, gt=0, le=600_000, description="An answer is wanted within so long. [ms]"
    )
    duration_s: float = Field(
        300.0, ge=1, le=7200, description="How long requests come, in device time. [s]"
    )
    period_ms: float = Field(
        1000.0, ge=0, le=600_000, description="From one request to the next, or the mean of it; 0 "
        "is at once. [ms]",
    )  # fmt: skip
    arrivals: How = Field(
        "periodic", description="How requests come: at a fixed pace, at random (poisson), or at "
        "the times of a trace; those who find the phone busy wait.",
    )  # fmt: skip
    arrival_times_s: str = Field(
        "",
        max_length=200_000,
        description='For arrivals = trace: when each request comes, as "0.5; 0.7; 3" or one per '
        "line. [s]",
    )
    threads: int = Field(2, ge=1, le=8, description="Threads of each inference. [1]")
    codec: CodecName = Field("fp16", description="How blobs inside the network are sent.")
    input_codec: CodecName = Field(
        "int8", description="How the input is sent: a picture has 8 bits per number."
    )
    cuts: Literal["blocks", "all"] = Field(
        "blocks",
        description="Cut after residual blocks and iterations only, or at every single blob.",
    )
    every: int = Field(
        1, ge=1, le=50, description="An iterative network is cut after so many iterations. [1]"
    )
    privacy: bool = Field(False, description="The input itself never leaves the phone.")
    network: str = Field(
        "",
        max_length=200_000,
        description=(
            'Up and down in Mbit/s, round trip in ms, loss in %, as "20 20 30"; a trace has such '
            "a line per second, its time first; empty takes the network as it is."
        ),
    )
    timeout_ms: float = Field(
        5000.0, ge=10, le=600_000, description="An answer later than this is given up. [ms]"
    )
    sample_hz: float = Field(
        10.0, ge=1, le=100, description="How often the fast sensors are read. [Hz]"
    )

    @field_validator("network")
    @classmethod
    def _reads(cls, text: str) -> str:
        read_network(text)
        return text

    @field_validator("arrival_times_s")
    @classmethod
    def _reads_times(cls, text: str) -> str:
        read_times(text)
        return text

    @model_validator(mode="after")
    def _somebody_comes(self) -> Self:
        """Refuse arrivals that nobody could draw or read."""
        times = read_times(self.arrival_times_s)
        if self.arrivals == "trace" and not times:
            raise Objection(
                "arrival_times_s", "arrivals = 'trace' needs arrival_times_s: one time per line [s]"
            )
        if self.arrivals != "trace" and times:
            raise Objection(
                "arrivals",
                f"arrival_times_s is given and arrivals = '{self.arrivals}' does not read it: "
                "take arrivals = 'trace', or leave it empty",
            )
        if self.arrivals == "poisson" and not self.period_ms:
            raise Objection(
                "period_ms",
                "period_ms = 0 is at once, and arrivals = 'poisson' needs a mean distance: "
                "give one",
            )
        return self

    @model_validator(mode="after")
    def _something_may_leave(self) -> Self:
        """Refuse what forbids every split: an iterative network's server begins with the input."""
        if self.privacy and _is_iterative(self.workload):
            raise Objection(
                "privacy",
                f"privacy = true leaves nothing of {self.workload} to a server, which would do its "
                "first iterations and so sees what was asked for: take privacy = false, or "
                "another network",
            )
        return self

    @model_validator(mode="after")
    def _level_is_possible(self) -> Self:
        """Refuse a level that no phone and no network could keep."""
        best_ms = min(
            1000 * (split.device_work * _macs(self.workload) / BEST_MACS_PER_S)
            + (0 if split.is_local else self._least_away_ms(split.sent_bytes))
            for split in self.pipeline().splits
        )
        if self.sla_ms < best_ms:
            raise Objection(
                "sla_ms",
                f"sla_ms = {self.sla_ms:g} is below the fastest path, which takes "
                f"{best_ms:.2g} ms even on a phone of {BEST_MACS_PER_S / 1e12:g} TMAC/s: raise it",
            )
        return self

    def refuse_policy(self, policy: PolicySpec) -> None:
        """Refuse a fixed split that this network does not have. Raises Objection."""
        if not isinstance(policy, FixedSplit):
            return
        pipeline = self.pipeline().without_input() if self.privacy else self.pipeline()
        try:
            pipeline.named(policy.cut)
        except ValueError as error:
            raise Objection("policy.cut", f"policy.cut = {policy.cut!r}: {error}") from error

    def _least_away_ms(self, sent_bytes: int) -> float:
        shape = self.shape.conditions
        up = max((condition.up_mbit_s for condition in shape), default=BEST_MBIT_S)
        rtt_ms = min((condition.rtt_ms for condition in shape), default=0.0)
        return rtt_ms + sent_bytes * 8 / up / 1e3

    @property
    def shape(self) -> Network:
        """The network that is asked for."""
        return read_network(self.network)

    @property
    def planned_s(self) -> float:
        """How long the load will run [s of device time]."""
        return self.duration_s

    def pipeline(self) -> Pipeline:
        """Return the ways to divide the network."""
        network = workload_files(self.workload).network
        codecs = CODECS[self.codec], CODECS[self.input_codec]
        if _is_iterative(self.workload):
            return server_first_pipeline(network, *codecs, self.every, inside=self.cuts == "all")
        only = _ends(self.workload) if self.cuts == "blocks" else ()
        return network_pipeline(network, *codecs, only)

    def loads(self) -> tuple[Load, ...]:
        """Return the one lane whose split a policy chooses."""
        network = workload_files(self.workload).network
        split = SplitLoad(
            codec=self.codec,
            input_codec=self.input_codec,
            output_codec=answer_codec(network.blobs[network.output]).name,
            timeout_s=self.timeout_ms / 1000,
            network=self.shape,
        )
        load = Load(
            workload=self.workload,
            threads=self.threads,
            duration_s=self.duration_s,
            period_s=self.period_ms / 1000,
            sample_hz=self.sample_hz,
            deadline_s=self.sla_ms / 1000,
            split=split,
            settings={} if self.arrivals == "periodic" else {"depth": LONGEST_QUEUE},
            arrivals=Arrivals(self.arrivals, at_s=read_times(self.arrival_times_s)),
        )
        return (load,)

    def facts(self) -> dict[str, Any]:
        """Return what an offload policy must know: the splits, and rates to start from."""
        macs = _macs(self.workload)
        first = self.shape.at(0.0)
        rates = {
            "device_s": macs / FIRST_MACS_PER_S,
            "server_s": macs / FIRST_SERVER_MACS_PER_S,
            "up_bit_s": (first.up_mbit_s if first else FIRST_MBIT_S) * 1e6,
            "down_bit_s": (first.down_mbit_s if first else FIRST_MBIT_S) * 1e6,
            "rtt_s": first.rtt_ms / 1e3 if first else FIRST_RTT_S,
        }
        splits = [asdict(split) for split in self.pipeline().splits]
        is_shaped = first is not None
        return {
            "splits": splits, "rates": rates, "privacy": self.privacy, "is_shaped": is_shaped
        }  # fmt: skip

    def analyze(self, trace: Trace) -> Analysis:
        """Return what the cloud did, what the level got, and how good the choices were."""
        offered = Offered(self.pipeline(), self.sla_ms / 1000)
        requests = requests_of(trace)
        seen = detect(trace)
        metrics = (
            *throttling_metrics(trace, seen),
            *offload_metrics(trace, requests, offered),
            decision_lag(trace),
            *latency_metrics(trace),
            *temperature_metrics(trace),
            energy_metric(trace),
        )
        verdict = judge(trace, offload_reasons(trace, requests, offered.sla_s))
        drawn = offload_details(trace, requests, offered)
        details = {**seen.details(), "phases": phases_of(trace), **drawn}
        return Analysis(metrics, verdict, details)


def _macs(workload: str) -> int:
    return workload_files(workload).network.macs


def _is_iterative(workload: str) -> bool:
    return bool(iteration_ends(workload_files(workload).network))


def _ends(workload: str) -> tuple[str, ...]:
    """Return the blobs after the residual blocks of a network of ours."""
    if workload == "regnet":
        return block_ends()
    blobs = workload_files(workload).network.blobs
    return tuple(blob for blob in blobs if blob.startswith("blk") and "." not in blob)
