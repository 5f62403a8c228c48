"""The offload policies that a run may ask for; the oracle is none of them."""

from benchmarks.policies.offload.base import OffloadPolicy
from benchmarks.policies.offload.cloud_only import CloudOnly
from benchmarks.policies.offload.dynamic_split import DynamicSplit
from benchmarks.policies.offload.fixed_split import FixedSplit
from benchmarks.policies.offload.local_only import LocalOnly
from benchmarks.policies.offload.neurosurgeon import Neurosurgeon
from benchmarks.policies.offload.random_split import RandomSplit
from benchmarks.policies.offload.sla_min_cloud import SlaMinCloud

Offloading = (
    LocalOnly | CloudOnly | FixedSplit | Neurosurgeon | DynamicSplit | SlaMinCloud | RandomSplit
)
OFFLOADING: tuple[type[OffloadPolicy], ...] = (
    LocalOnly,
    CloudOnly,
    FixedSplit,
    Neurosurgeon,
    DynamicSplit,
    SlaMinCloud,
    RandomSplit,
)
