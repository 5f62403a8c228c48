"""What runs on the CPUs: lanes, background work, and how they share cores."""

from typing import NamedTuple

from devices.virtual.kernel.chip import Chip
from devices.virtual.kernel.course import Course, Pace, PaceAt, Points
from devices.virtual.kernel.inference import Told
from devices.virtual.kernel.lane import NS, Lane
from devices.virtual.kernel.pace import Claim, Paces
from devices.virtual.kernel.plan_clocks import PlanClocks
from devices.virtual.kernel.remote_lane import RemoteLane
from devices.virtual.physics.cpu import Work
from devices.virtual.physics.power import excess_k

_FEEDING = 0.15  # of a core that hands work to the GPU while it computes [1] (estimated)
_DUTY_DIGITS = 6  # whole nanoseconds make no difference
_BACKGROUND_SHARE = 0.5  # fair scheduling: a busy neighbor takes at most half of a core [1]
_BACKGROUND_BYTES = 0.5e9  # memory traffic of other programs per busy core [B/s] (estimated)


class Usage(NamedTuple):
    """What one grid interval asked of the silicon."""

    load: tuple[float, ...]  # per cluster: busy cores, weighted by effort
    awake: tuple[float, ...]  # per cluster: share of time with any core awake
    busy: tuple[float, ...]  # per CPU, 0..1
    bytes_per_s: float
    gpu: float = 0.0  # busy share of the GPU
    gpu_more_w: float = 0.0  # that plans let the GPU draw at clocks other than its present one [W]


class Taken(NamedTuple):
    """What one lane took in the last interval."""

    duty: float  # busy share of it [1]
    bytes_per_s: float


class Load:
    """All work of one phone."""

    def __init__(self, chip: Chip, idle_cores: float) -> None:
        self.lanes: dict[int, RemoteLane] = {}
        self._chip = chip
        self._clocks = PlanClocks(chip)
        self._idle_cores = idle_cores
        self._paces = Paces(chip)
        self.taken: dict[int, Taken] = {}  # per lane
        self._placed: dict[int, tuple[object, tuple[int, ...]]] = {}
        self.resident_kb = 0  # memory that the lanes' networks occupy
        self._more_cores = 0.0  # that other programs keep busy
        self.background = self._spread(idle_cores)

    def set_background(self, cores: float) -> None:
        """Let other programs keep `cores` cores busy, little ones first."""
        self._more_cores = cores
        self.background = self._spread(self._idle_cores + cores)

    def place_anew(self) -> None:
        """Find other CPUs for everything, because some have gone or come."""
        self._placed.clear()
        self.set_background(self._more_cores)

    def run(self, t0_ns: int, t1_ns: int, die_c: float, out: list[Told]) -> Usage:
        """Compute one interval at the present clocks and append completed inferences."""
        chip, warmer_k = self._chip, excess_k(die_c)
        busy = list(self.background)
        load = [0.0] * len(chip.policies)
        for cpu, share in enumerate(busy):
            load[chip.cluster_of[cpu]] += share
        traffic = gpu = gpu_more_w = 0.0
        for lane in list(self.lanes.values()):
            cpus = self._cpus_of(lane)
            pace = self._in_turns(lane, self._pace(lane, lane.work, cpus)).warmer_by(warmer_k)
            if lane.is_planned:
                lane.pace_at = self._paces_of(lane, cpus, warmer_k)
            busy_s = lane.run(t0_ns, t1_ns, pace, out)
            duty = round(busy_s * NS / (t1_ns - t0_ns), _DUTY_DIGITS)
            moved = duty / pace.latency_s * pace.bytes
            duty *= pace.share
            if lane.course:
                gpu_w = lane.course.gpu_j * NS / (t1_ns - t0_ns)
                gpu_more_w += gpu_w - duty * pace.gpu_w if gpu_w else 0.0
                moved = self._account(lane.course, load, t0_ns, t1_ns)
            self.taken[lane.number] = Taken(duty, moved)
            traffic += moved
            if lane.settings.on_gpu:
                gpu += duty / self._gpu_lanes
                duty *= _FEEDING
            self._occupy(lane, cpus, duty, busy, load)
            if lane.ended:
                self._remove(lane.number)
        awake = tuple(max([busy[cpu] for cpu in policy.cpus]) for policy in chip.policies)
        return Usage(tuple(load), awake, tuple(busy), traffic, min(gpu, 1.0), gpu_more_w)

    def paces(self) -> list[tuple[RemoteLane, Pace]] | None:
        """Return the pace that each lane keeps while no clock changes; None if one is not even."""
        lanes = list(self.lanes.values())
        if not all(lane.is_even for lane in lanes):
            return None
        return [
            (lane, self._in_turns(lane, self._pace(lane, lane.work, self._cpus_of(lane))))
            for lane in lanes
        ]

    def _occupy(
        self, lane: Lane, cpus: tuple[int, ...], duty: float, busy: list[float], load: list[float]
    ) -> None:
        """Count the cores of a lane as busy; what a course drew on them is charged already."""
        for cpu in cpus:
            free = 1.0 - busy[cpu]  # lanes that take turns fill what others left, one after another
            share = min(duty, free) if lane.settings.share < 1.0 else duty * free
            busy[cpu] += share
            if not lane.course or lane.settings.on_gpu:
                load[self._chip.cluster_of[cpu]] += share * self._chip.effort

    def add(self, lane: RemoteLane) -> None:
        """Put a lane on the CPUs, replacing one of the same number."""
        self.lanes[lane.number] = lane
        self._replace()

    def put_back(self, lanes: list[RemoteLane], taken: dict[int, Taken]) -> None:
        """Run exactly these lanes, as before the last interval."""
        self.taken = taken.copy()
        if list(self.lanes.values()) != lanes:
            self.lanes = {lane.number: lane for lane in lanes}
            self._replace()

    def _remove(self, number: int) -> None:
        del self.lanes[number]
        self.taken.pop(number, None)
        self._replace()

    def _replace(self) -> None:
        """Forget where lanes run; the next interval places all of them anew."""
        self._placed.clear()
        works = {id(lane.work): lane.work for lane in self.lanes.values()}
        self.resident_kb = round(sum(work.bytes for work in works.values()) / 1024)

    def _cpus_of(self, lane: Lane) -> tuple[int, ...]:
        """Return one CPU per thread: the strongest allowed ones, free ones first."""
        known = self._placed.get(lane.number)
        if known and known[0] is lane.settings:
            return known[1]
        taken = {
            cpu
            for number, (_, cpus) in self._placed.items()
            if number != lane.number and not self._alternate(number, lane)
            for cpu in cpus
        }
        mask, offline = lane.settings.mask, self._chip.offline
        there = [cpu for cpu in self._chip.by_strength if cpu not in offline]
        # A thread whose last CPU is unplugged runs wherever there is one, as in Linux.
        allowed = [cpu for cpu in there if not mask or mask >> cpu & 1] or there
        allowed.sort(key=lambda cpu: cpu in taken)
        threads = 1 if lane.settings.on_gpu else max(1, lane.settings.threads)
        cpus = tuple(allowed[i % len(allowed)] for i in range(threads))
        self._placed[lane.number] = (lane.settings, cpus)
        return cpus

    @property
    def _gpu_lanes(self) -> int:
        return sum(lane.settings.on_gpu for lane in self.lanes.values())

    def _gpu_pace(self, lane: Lane, work: Work, cpu: int) -> Pace:
        chip = self._chip
        assert chip.gpu is not None
        share = 1.0 / self._gpu_lanes
        latency = self._paces.gpu_latency_s(work, cpu, share, self._memory_share(lane))
        gpu_w = chip.gpu.busy_w[chip.gpu.domain.point] * share
        moved = self._paces.demand(work).bytes
        power_w = gpu_w + moved / latency * chip.joule_per_byte
        return Pace(latency, power_w, cpu, 1, bytes=moved, gpu_w=gpu_w)

    def _paces_of(self, lane: Lane, cpus: tuple[int, ...], warmer_k: float) -> PaceAt:
        """Return what tells a plan the pace of its stretches at other clocks than the present."""
        known: dict[tuple[int, Points], Pace] = {}

        def pace_at(work: Work, points: Points) -> Pace:
            if (id(work), points) not in known:
                with self._clocks.at(points):
                    pace = self._pace(lane, work, cpus)
                    known[id(work), points] = pace.warmer_by(warmer_k)
            return known[id(work), points]

        return pace_at

    def _account(self, course: Course, load: list[float], t0_ns: int, t1_ns: int) -> float:
        """Charge what a course has drawn to the clusters as load at their present clocks.

        Return its traffic [B/s].
        """
        chip = self._chip
        seconds = (t1_ns - t0_ns) / NS
        for cluster, joule in enumerate(course.cores_j):
            core_w = chip.power[cluster].core_w[chip.policies[cluster].point]
            if joule and core_w:
                load[cluster] += joule / seconds / core_w
        course.cores_j = []
        course.gpu_j = 0.0
        moved, course.bytes = course.bytes, 0.0
        course.rest(t1_ns)
        self._clocks.leave_at(course.points, t1_ns)
        return moved / seconds

    def _pace(self, lane: Lane, work: Work, cpus: tuple[int, ...]) -> Pace:
        if lane.settings.on_gpu:
            return self._gpu_pace(lane, work, cpus[0])
        shares = tuple([self._share(lane, cpu) / cpus.count(cpu) for cpu in cpus])
        claim = Claim(shares, cpus, self._memory_share(lane))
        latency = self._paces.latency_s(work, claim)
        moved = self._paces.demand(work).bytes
        power_w, growth_w_k = self._paces.power_w(claim)
        power_w += moved / latency * self._chip.joule_per_byte
        cores_w = self._paces.cores_w(claim) if lane.course else ()
        return Pace(latency, power_w, cpus[0], len(cpus), cores_w, moved, growth_w_k=growth_w_k)

    def _memory_share(self, lane: Lane) -> float:
        """Return the share of the memory's bandwidth that others leave to `lane`."""
        others = sum(
            taken.bytes_per_s
            for number, taken in self.taken.items()
            if number != lane.number and self._compete(number, lane)
        )
        others += sum(self.background) * _BACKGROUND_BYTES
        return 1.0 / (1.0 + others / self._chip.bytes_per_s)

    def _in_turns(self, lane: Lane, pace: Pace) -> Pace:
        """Stretch a pace by the turns of others: a weighted round robin of lanes with shares.

        Turns that nobody takes are not lost: what is left over goes to the others by weight.
        """
        if lane.settings.share == 1.0:
            return pace
        shares = [other.settings.share for other in self.lanes.values()]
        share = lane.settings.share / sum(each for each in shares if each < 1.0)
        return pace._replace(
            latency_s=pace.latency_s / share,
            power_w=pace.power_w * share,
            growth_w_k=pace.growth_w_k * share,
            share=share,
        )

    def _share(self, lane: Lane, cpu: int) -> float:
        """Return the share of a CPU that a thread of `lane` gets."""
        background = min(self.background[cpu], _BACKGROUND_SHARE)
        if len(self.lanes) == 1:
            return 1.0 - background
        rivals = sum(
            self.taken[number].duty
            for number, (_, cpus) in self._placed.items()
            if number != lane.number and cpu in cpus and self._compete(number, lane)
        )
        return (1.0 - background) / (1.0 + rivals)

    def _compete(self, number: int, lane: Lane) -> bool:
        """Whether another lane computes at the same time as this one."""
        return number in self.taken and not self._alternate(number, lane)

    def _alternate(self, number: int, lane: Lane) -> bool:
        """Whether another lane and this one take turns."""
        return self.lanes[number].settings.share < 1.0 and lane.settings.share < 1.0

    def _spread(self, cores: float) -> tuple[float, ...]:
        """Spread work over CPUs, weakest cluster first, evenly within a cluster."""
        chip = self._chip
        share = [0.0] * chip.cpu_count
        for cluster in _clusters_weakest_first(chip):
            cpus = [cpu for cpu in cluster if cpu not in chip.offline]
            if not cpus:
                continue
            each = min(cores / len(cpus), 1.0)
            for cpu in cpus:
                share[cpu] = each
            cores -= each * len(cpus)
        return tuple(share)


def _clusters_weakest_first(chip: Chip) -> list[tuple[int, ...]]:
    seen = dict.fromkeys(chip.cluster_of[cpu] for cpu in reversed(chip.by_strength))
    return [chip.policies[cluster].cpus for cluster in seen]
