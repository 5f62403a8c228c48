"""What the silicon offers to one lane at the present clocks: duration and power of an inference."""

from collections.abc import Sequence
from typing import NamedTuple

from devices.virtual.kernel.chip import Chip
from devices.virtual.physics.cpu import Core, Demand, Work, demand_of, latency_s

_REMEMBERED = 4096  # answers kept; clocks and shares repeat


class Claim(NamedTuple):
    """What a lane gets of the silicon."""

    shares: tuple[float, ...]  # of the CPU of each thread, 0..1
    cpus: tuple[int, ...]  # one per thread
    memory: float  # share of the memory's bandwidth, 0..1


class Paces:
    """Latencies of works on one chip, remembered while clocks and shares stay the same."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._demands: dict[int, tuple[Work, Demand]] = {}
        self._known: dict[tuple[object, ...], float] = {}

    def demand(self, work: Work) -> Demand:
        """Return what one inference of a work asks of this chip."""
        known = self._demands.get(id(work))
        if known is None:
            known = self._demands[id(work)] = (work, demand_of(work, self._chip.kernels))
        return known[1]

    def latency_s(self, work: Work, claim: Claim) -> float:
        """Return the duration of an undisturbed inference at the present clocks [s]."""
        points = tuple([policy.point for policy in self._chip.policies])
        key = (id(work), points, self._chip.dram.point, claim)
        latency = self._known.get(key)
        if latency is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            bytes_per_s = self._chip.bytes_per_s * claim.memory
            latency = latency_s(self.demand(work), self._cores(claim), bytes_per_s)
            self._known[key] = latency
        return latency

    def gpu_latency_s(self, work: Work, feeder: int, share: float, memory: float) -> float:
        """Return the duration on a share of the GPU, fed by one CPU [s].

        Its layers keep the ratios that they have on a core.
        """
        chip = self._chip
        assert chip.gpu is not None
        assert chip.gpu.macs_per_s is not None
        core = Core(feeder, chip.hz(feeder), chip.gpu.macs_per_s * share)
        return latency_s(self.demand(work), [core], chip.bytes_per_s * memory)

    def _cores(self, claim: Claim) -> list[Core]:
        rate, hz = self._chip.rate, self._chip.hz
        return [
            Core(cpu, hz(cpu) * share, rate(cpu) * share)
            for cpu, share in zip(claim.cpus, claim.shares, strict=True)
        ]

    def cores_w(self, claim: Claim) -> tuple[float, ...]:
        """Return what busy cores draw, per cluster, without what keeps a cluster awake [W]."""
        chip = self._chip
        watts = [0.0] * len(chip.policies)
        for cpu, share in zip(claim.cpus, claim.shares, strict=True):
            cluster = chip.cluster_of[cpu]
            watts[cluster] += chip.power[cluster].core_w[chip.policies[cluster].point] * (
                chip.effort * share
            )
        return tuple(watts)

    def power_w(self, claim: Claim) -> tuple[float, float]:
        """Return what the cores of a lane draw while it computes, their clusters awake: with the
        die at REFERENCE_C [W], and more per kelvin that it is warmer [W/K].
        """
        chip = self._chip
        watts, growth_w_k = sum(self.cores_w(claim)), 0.0
        for cluster in _clusters(chip, claim.cpus):
            watts += chip.power[cluster].awake_w
            growth_w_k += chip.power[cluster].growth_w_k(chip.policies[cluster].point)
        return watts, growth_w_k


def _clusters(chip: Chip, cpus: Sequence[int]) -> set[int]:
    return {chip.cluster_of[cpu] for cpu in cpus}
