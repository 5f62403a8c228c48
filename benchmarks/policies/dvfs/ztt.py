"""zTT: a small network learns, once a second, which pair of clocks keeps the rate and stays cool.

Numbers as in the public sources of zTT (MobiSys 2021). Its second clock is the GPU's; here it is
the memory's, because the inference runs on the cores.
"""

from collections.abc import Iterable
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from benchmarks.policies.base import Action, Controller, Observation, Place, Plan, SetFreq, Task
from benchmarks.policies.dvfs.phone_policy import ClockPolicy, static_pair_of
from benchmarks.policies.dvfs.q_network import Floats, QNetwork, Step
from benchmarks.policies.dvfs.stage import Stage, stage_of
from devices.profile import DeviceProfile

LEVELS = 3  # of each clock: its low, middle and high third
LEARNING_RATE, RELEARNING_RATE, RELEARN_EVERY = 0.05, 0.1, 60
DISCOUNT, BATCH, FIRST_TRAINING = 0.99, 64, 150
EXPLORING = 0.08  # what each step of training leaves of the share of chance [1]
BETA = 2.0  # weight of power in the reward [100 mW]
COOL_K, SPEED_UP = 3.0, 0.3  # below the limit by so much: speed up with this probability


class Seen(NamedTuple):
    """One second, as the policy looks at it."""

    core: int  # level
    memory: int
    watts: float
    celsius: float
    per_s: float  # finished inferences

    @property
    def state(self) -> Floats:
        """Return the seven inputs, each of the size of 1."""
        hundred_mw = self.watts * 10.0
        heat = self.celsius / 100.0
        return np.array([self.core / 2, self.memory / 2, hundred_mw / 100, 0.0, heat, heat,
                         self.per_s / 60.0])  # fmt: skip


class Ztt(ClockPolicy):
    """Learns which pair of clocks keeps the rate, saves power and stays below a temperature.

    In the manner of zTT: nine actions, one a second, a Q-network of two small layers.
    """

    why: ClassVar[str] = (
        "It needs no rehearsal of layers and no model, and it minds the heat, which planners "
        "ignore. It pays with time: the first minutes are learning, and it sees seconds, not "
        "operators. Measure it over ten minutes or more; in a short run it is mostly chance."
    )
    source: ClassVar[str] = (
        "Kim et al., zTT, MobiSys 2021, numbers from its public sources; memory instead of GPU"
    )
    places: ClassVar[frozenset[Place]] = frozenset({Place.HOST})
    kind: Literal["ztt"] = "ztt"
    t_target_c: float = Field(65.0, ge=30, le=110, description="Stay below this. [°C]")

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return a controller that has learned nothing yet."""
        still = super().start(profile, task)
        stage = stage_of(task.facts)
        return still if stage is None else Learner(self, stage, task.seed)

    def planned(self, stage: Stage) -> Plan:
        """Give the clocks to whoever decides once a second."""
        facts = {"static_pair": static_pair_of(stage)}
        return Plan(knobs=stage.governors("userspace"), reason="decides once a second", facts=facts)


class Learner:
    """The memory of one trial."""

    def __init__(self, spec: Ztt, stage: Stage, seed: int) -> None:
        self._spec = spec
        self._stage = stage
        self._draw = np.random.default_rng(seed)
        self._network = QNetwork(7, LEVELS * LEVELS, seed)
        self._core, self._memory = LEVELS - 1, LEVELS - 1
        self._chance = 1.0
        self._steps = 0
        self._last: tuple[Seen, int] | None = None
        self._t_s = 0.0

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Learn from the second that has passed, and choose clocks for the next one."""
        now = self._look(seen)
        if now is None:
            return ()
        if self._last is not None:
            self._learn(self._last, now)
        action, why = self._choose(now)
        self._last = (now, action)
        return self._set(
            action, f"{why}; {now.per_s:.1f}/s, {now.watts:.2f} W, {now.celsius:.0f} °C"
        )

    def _look(self, seen: Observation) -> Seen | None:
        passed_s = seen.t_s - self._t_s
        zones = [v for name, v in seen.newest.items() if name.startswith("zone.")]
        watts = watts_of(seen)
        if passed_s <= 0 or not zones or watts is None:
            return None
        self._t_s = seen.t_s
        per_s = seen.finished / passed_s
        return Seen(self._core, self._memory, watts, max(zones), per_s)

    def reward(self, before: Seen, now: Seen) -> float:
        """Return what a second was worth: rate, heat and power."""
        target = 1.0 / self._stage.period_s
        rate = 1.0 if now.per_s >= 0.98 * target else float(np.exp(0.1 * (now.per_s - target)))
        limit = self._spec.t_target_c
        heat = 2.0 * (limit - now.celsius) if now.celsius > limit else 0.0
        crossing = -2.0 if before.celsius <= limit < now.celsius else 0.0
        return rate + heat + crossing + BETA / max(now.watts * 10.0, 1.0)

    def _learn(self, last: tuple[Seen, int], now: Seen) -> None:
        before, action = last
        reward = self.reward(before, now)
        step = Step(before.state, action, reward, now.state)
        self._network.replay.append(step)
        if not 0.0 <= reward <= 1.0:  # what is unusual is remembered twice
            self._network.replay.append(step)
        self._steps += 1
        if self._steps >= FIRST_TRAINING:
            is_due = self._steps % RELEARN_EVERY == 0
            rate = RELEARNING_RATE if is_due else LEARNING_RATE
            self._network.train(rate, DISCOUNT, BATCH)
            self._chance *= EXPLORING

    def _choose(self, now: Seen) -> tuple[int, str]:
        """Return an action and why: too hot, too slow and cool, by chance, or as learned."""
        limit = self._spec.t_target_c
        if now.celsius >= limit:
            return self._any(range(self._core + 1), range(self._memory + 1)), "too hot: no faster"
        is_slow = now.per_s < 0.98 / self._stage.period_s
        if is_slow and now.celsius <= limit - COOL_K and self._draw.random() < SPEED_UP:
            faster = range(self._core, LEVELS), range(self._memory, LEVELS)
            return self._any(*faster), "too slow and cool: no slower"
        if self._draw.random() < self._chance:
            return self._any(range(LEVELS), range(LEVELS)), "by chance"
        return int(self._network.values(now.state)[0].argmax()), "as learned"

    def _any(self, cores: Iterable[int], memories: Iterable[int]) -> int:
        core, memory = self._draw.choice(list(cores)), self._draw.choice(list(memories))
        return int(core) * LEVELS + int(memory)

    def _set(self, action: int, reason: str) -> tuple[Action, ...]:
        core, memory = divmod(action, LEVELS)
        table = self._stage.table
        actions = []
        if core != self._core:
            actions.append(SetFreq(self._stage.core_knob, level(table.core_khz, core), reason))
        if memory != self._memory and self._stage.memory_knob:
            khz = level(table.memory_khz, memory)
            actions.append(SetFreq(self._stage.memory_knob, khz, reason))
        self._core, self._memory = core, memory
        return tuple(actions)


def level(clocks: tuple[int, ...], number: int) -> int:
    """Return the low, middle or high one of some clocks: the top of each third."""
    return clocks[-(-len(clocks) * (number + 1) // LEVELS) - 1]


def watts_of(seen: Observation) -> float | None:
    """Return the phone's power as its most trusted meter tells it [W]."""
    if "system.power" in seen.newest:
        return seen.newest["system.power"]
    amps, volts = seen.newest.get("battery.current"), seen.newest.get("battery.voltage")
    return None if amps is None or volts is None else -amps * volts
