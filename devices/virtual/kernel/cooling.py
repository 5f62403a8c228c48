"""The cooling devices of one phone, and what they are as actors of a power_allocator."""

from devices.virtual.kernel.chip import Chip
from devices.virtual.kernel.power_actors import Actor, CpuActor, GpuActor
from devices.virtual.kernel.spec import Cooling, PhoneSpec
from devices.virtual.kernel.thermal import CoolingDevice

_HZ_PER_KHZ = 1000
GPU = "gpu"  # what a phone file calls it where it names clusters


def cooling_of(spec: PhoneSpec, chip: Chip) -> tuple[CoolingDevice, ...]:
    """Return the cooling devices in the order of the phone file."""
    return tuple(_device(cooling, chip) for cooling in spec.cooling)


def _device(cooling: Cooling, chip: Chip) -> CoolingDevice:
    if cooling.cluster == GPU and chip.gpu:
        return CoolingDevice(cooling.type, chip.gpu.domain, per_khz=_HZ_PER_KHZ)
    return CoolingDevice(cooling.type, chip.policies[chip.names.index(cooling.cluster)])


def actor_of(name: str, spec: PhoneSpec, chip: Chip, device: CoolingDevice) -> Actor:
    """Return a cooling device as something that can be given power."""
    weight = next(cooling.weight for cooling in spec.cooling if cooling.cluster == name)
    if name == GPU and chip.gpu:
        return GpuActor(device, chip.gpu, weight)
    number = chip.names.index(name)
    return CpuActor(device, chip.policies[number], chip.power[number].core_w, weight)
