"""Who rules a thermal zone: the kernel's governors over real cooling devices, chosen by root."""

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.power_actors import CpuActor, state_for
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.kernel.thermal import CoolingDevice
from devices.virtual.kernel.zone_governor import PowerAllocator
from tests.devices.soaking import S
from tests.devices.virtual.kernel.files import CPUFREQ, get, put

THERMAL = "/sys/class/thermal"
CORE_MW = (100, 300, 600, 1000)  # of one busy core, slowest clock first
BOTH = 200  # the load of two busy cores [%]


@pytest.mark.parametrize(
    ("granted_mw", "load", "state"),
    [(2000, BOTH, 0), (1999, BOTH, 1), (600, BOTH, 2), (600, 60, 0), (0, 0, 3), (9, BOTH, 3)],
)
def test_the_same_power_pays_for_a_higher_clock_at_a_lower_load(
    granted_mw: int, load: int, state: int
) -> None:
    assert state_for(granted_mw, CORE_MW, load) == state


def cluster(busy: float) -> tuple[Policy, CpuActor]:
    """Return a cluster of two cores at the top, both busy for a share of the time."""
    policy = Policy((0, 1), (500, 1000, 1500, 2000), "performance")
    policy.point = 3
    policy.observe([busy, busy], 1.0)
    device = CoolingDevice("thermal-cpufreq-0", policy)
    return policy, CpuActor(device, policy, [mw / 1e3 for mw in CORE_MW], 1024)


def test_an_idle_cluster_asks_for_nothing_and_falls_to_its_lowest_clock() -> None:
    _, busy = cluster(1.0)
    policy, idle = cluster(0.0)
    zone = PowerAllocator([65.0, 75.0], [busy, idle], 1500, 100)
    zone.update(75.0)
    assert zone.budget_mw == 1500
    assert idle.device.state == 3
    assert busy.device.state == 1, "750 mW for each of its cores"
    assert policy.limit == 500


def test_below_the_first_trip_everything_is_let_go() -> None:
    _, actor = cluster(1.0)
    zone = PowerAllocator([65.0, 75.0], [actor], 500, 100)
    zone.update(80.0)
    assert (actor.device.state > 0, zone.is_active) == (True, True)
    zone.update(64.9)
    assert (actor.device.state, zone.is_active) == (0, False)


def test_without_a_sustainable_power_the_deepest_states_give_it() -> None:
    _, actor = cluster(1.0)
    zone = PowerAllocator([65.0, 75.0], [actor], None, 100)
    zone.update(75.0)
    assert zone.budget_mw == 200


def hot_phone(governor: str, *, sustainable_mw: float = 1500.0) -> PhoneSpec:
    """Return a Pixel 6 without a vendor, whose big zone is ruled between 45 and 55 °C."""
    spec = load("pixel-6")
    zone = spec.zones[0]
    trips = [
        trip.model_copy(update={"celsius": celsius, "cools": ("big",), "type": "passive"})
        for trip, celsius in ((zone.trips[0], 45.0), (zone.trips[0], 55.0))
    ]
    ruled = zone.model_copy(
        update={"trips": tuple(trips), "governor": governor, "sustainable_mw": sustainable_mw,
                "passive_ms": 100, "noise_c": 0.0, "step_c": 0.1, "hot_part": None}
    )  # fmt: skip
    return spec.model_copy(update={"zones": (ruled, *spec.zones[1:]), "vendor": None})


def soaked(spec: PhoneSpec, seconds: int = 240) -> Machine:
    """Return a machine after a soak of its big cores."""
    machine = Machine(spec, 0)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
    machine.advance(seconds * S)
    return machine


def test_the_power_allocator_holds_the_zone_near_its_control_temperature() -> None:
    machine = soaked(hot_phone("power_allocator"))
    celsius = int(get(machine, f"{THERMAL}/thermal_zone0/temp")) / 1000
    assert 50 < celsius < 58
    assert 0 < machine.cooling[2].state < machine.cooling[2].max_state


def test_nobody_holds_the_zone_under_user_space() -> None:
    machine = soaked(hot_phone("user_space"))
    assert machine.cooling[2].state == 0
    assert int(get(machine, f"{THERMAL}/thermal_zone0/temp")) > 60_000


def test_root_chooses_the_governor_of_a_zone() -> None:
    machine = soaked(hot_phone("power_allocator"), 120)
    policy = f"{THERMAL}/thermal_zone0/policy"
    assert get(machine, policy) == "power_allocator"
    assert "step_wise" in get(machine, f"{THERMAL}/thermal_zone0/available_policies").split()
    put(machine, policy, "user_space")
    assert machine.cooling[2].state == 0, "the old governor has let go"
    put(machine, policy, "step_wise")
    machine.advance(160 * S)
    assert machine.cooling[2].state > 0
    with pytest.raises(OSError, match="Invalid argument"):
        put(machine, policy, "fair")
    assert get(machine, policy) == "step_wise"


def test_cooling_devices_count_how_long_they_were_where() -> None:
    machine = soaked(hot_phone("step_wise"), 60)
    rows = get(machine, f"{THERMAL}/cooling_device2/stats/time_in_state_ms").splitlines()
    times = {row.split("\t")[0]: int(row.split("\t")[1]) for row in rows}
    assert sum(times.values()) == pytest.approx(60_000, abs=len(times))
    assert 0 < times["state0"] < 60_000
    assert int(get(machine, f"{THERMAL}/cooling_device2/stats/total_trans")) > 0


def test_a_gpu_is_cooled_like_a_cluster() -> None:
    spec = load("pixel-6")
    gpu_zone = next(i for i, zone in enumerate(spec.zones) if zone.type == "G3D")
    zone = spec.zones[gpu_zone]
    trip = spec.zones[0].trips[0].model_copy(update={"celsius": 20.0, "cools": ("gpu",)})
    zones = list(spec.zones)
    zones[gpu_zone] = zone.model_copy(update={"trips": (trip,), "governor": "power_allocator"})
    cooling = spec.cooling[0].model_copy(update={"type": "thermal-devfreq-0", "cluster": "gpu"})
    machine = Machine(
        spec.model_copy(update={"zones": tuple(zones), "cooling": (*spec.cooling, cooling)}), 0
    )
    machine.advance(2 * S)
    assert machine.cooling[-1].state == machine.cooling[-1].max_state, "it asks for nothing"
    assert get(machine, "/sys/kernel/gpu/gpu_max_clock") == "151000"
    assert get(machine, f"{CPUFREQ}/policy6/scaling_max_freq") == "2802000"
