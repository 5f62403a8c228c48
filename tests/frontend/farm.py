"""A small farm with everything that a page can show: devices in many states, runs, real traces."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from benchmarks.specs import RunSpec
from devices.channels import Channel, Unit
from devices.samples import Group
from fleet.analysis import analyze
from fleet.models import Device, Event, Host, Run, Trial
from fleet.traces.store import TraceStore
from fleet.traces.stored import Block

US_PER_S = 1_000_000
ROWS_PER_BLOCK = 500
SENSOR_HZ = 10
CLUSTERS = {"little": 1_863_000, "mid": 2_090_000, "big": 2_860_000}  # top clock [kHz]

FAST = (
    Channel("zone.skin.temperature", Unit.CELSIUS, -3, "thermal:skin"),
    Channel("zone.cpu-big.temperature", Unit.CELSIUS, -3, "thermal:cpu-big"),
    Channel("zone.battery.temperature", Unit.CELSIUS, -3, "thermal:battery"),
    *(Channel(f"cpu.{name}.frequency", Unit.HERTZ, 3) for name in CLUSTERS),
    *(Channel(f"cpu.{name}.frequency_cap", Unit.HERTZ, 3) for name in CLUSTERS),
    Channel("system.power", Unit.WATT, -3, "phys:power"),
)
INFER = (
    Channel("inference.latency", Unit.SECOND, -6),
    Channel("inference.energy", Unit.JOULE, -6),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a probe would have found."""

    serial: str
    name: str
    kind: str
    soc: str
    speed: float = 20.0

    def as_profile(self) -> dict[str, Any]:
        """Return the profile's JSON."""
        clusters = [
            {"name": name, "policy": k, "cpus": [2 * k, 2 * k + 1], "max_khz": top}
            | {"frequencies_khz": [300_000, top]}
            for k, (name, top) in enumerate(CLUSTERS.items())
        ]
        return {
            "serial": self.serial,
            "kind": self.kind,
            "model": self.name,
            "soc": self.soc,
            "android": "" if self.kind == "host" else "12",
            "speed": self.speed,
            "clusters": clusters,
            "zones": [{"index": 0, "type": "cluster1"}],
            "fingerprint": f"maker/{self.serial}/12:user/release-keys",
        }


def device(facts: Facts, **columns: Any) -> Device:
    """Add a device with a profile."""
    host, _ = Host.objects.get_or_create(name="here")
    usual = {"state": "idle", "health": "good", "connection": "device"}
    return Device.objects.create(
        host=host,
        serial=facts.serial,
        name=facts.name,
        kind=facts.kind,
        profile_json=facts.as_profile(),
        **(usual | columns),
    )


def run_on(phone: Device, duration_s: float, **columns: Any) -> Run:
    """Add a run that measures on a device; its fence is the number of runs before it."""
    profile = phone.profile_json or {}
    spec = RunSpec.model_validate({"benchmark": {"kind": "thermal_soak", "duration_s": duration_s}})
    provenance = {
        "agent": {"build": "python-v1", "sha256": "6f" * 32},
        "runtime": "physics",
        "speed": profile["speed"],
        "clock_rate": profile["speed"],
        "seed": 1,
    }
    usual = {
        "benchmark": "thermal_soak",
        "spec_json": spec.model_dump(mode="json"),
        "device": phone,
        "device_json": profile,
        "provenance": provenance,
        "state": "measuring",
        "fence": Run.objects.count() + 1,
        "attempt": 1,
    }
    return Run.objects.create(**(usual | columns))


class SoakWriter:
    """Writes the trace of a soak as a phone could have measured it: 60 s settling, then load."""

    def __init__(self, run: Run, *, settling_s: float = 60.0, throttles: bool = True) -> None:
        connection.ensure_connection()
        assert run.fence is not None
        self.run = run
        self.store = TraceStore(connection.connection, run.pk, run.fence)
        self._settling_s = settling_s
        self._throttles = throttles
        self._rows: dict[tuple[int, int], int] = {}
        self._events = 0
        self._written: list[Block] = []
        self.settling = self._trial(0)
        self.measured = self._trial(1)

    def settle(self) -> None:
        """Write the settling before the load."""
        self._sensors(self.settling.pk, -self._settling_s, 0.0)

    def start(self) -> None:
        """Note that the load started."""
        self.event(0.0, "started", {"lane": 0})

    def soak(self, from_s: float, to_s: float) -> None:
        """Write a stretch of the soak [s since the load started]."""
        self._sensors(self.measured.pk, from_s, to_s)
        self._inferences(from_s, to_s)

    def blocks(self, from_s: float, to_s: float) -> list[Block]:
        """Write a stretch of the soak and return its blocks, for publishing."""
        self._written.clear()
        self.soak(from_s, to_s)
        return list(self._written)

    @property
    def last_seq(self) -> int:
        """The number of the newest block."""
        return self._written[-1].seq

    def end(self, at_s: float) -> None:
        """Note that the load ended, and close the trials as the agent does."""
        self.event(at_s, "idle", {"lane": 0})
        rows = [[group, n] for (trial, group), n in self._rows.items() if trial == self.measured.pk]
        self.event(at_s, "ended", {"rows": rows, "lost": []})

    def event(self, at_s: float, kind: str, data: Mapping[str, Any]) -> None:
        """Store one event of the measured trial."""
        at_us = round((at_s + self._settling_s) * US_PER_S)
        self.store.insert_event(self.measured.pk, self._events, at_us, kind, data)
        self._events += 1

    def _trial(self, number: int) -> Trial:
        trial = Trial.objects.create(run=self.run, attempt=1, number=number, origin_ns=0)
        fast = Group(trial.pk, 0, "fast", US_PER_S // SENSOR_HZ, FAST)
        self.store.declare_group(trial.pk, fast)
        if number:
            self.store.declare_group(trial.pk, Group(trial.pk, 2, "infer", None, INFER))
        return trial

    def _sensors(self, trial: int, from_s: float, to_s: float) -> None:
        t = np.arange(round(from_s * SENSOR_HZ), round(to_s * SENSOR_HZ)) / SENSOR_HZ
        seconds = np.maximum(t, 0.0)
        is_hot = self._is_throttled(seconds)
        noise = np.random.default_rng(7).normal(0, 0.15, t.size)
        junction = 31 + (44 - 11 * is_hot) * (1 - np.exp(-seconds / 40)) + 3 * noise
        skin = 27 + 17 * (1 - np.exp(-seconds / 420))
        battery = 26 + 9 * (1 - np.exp(-seconds / 700))
        load = (t >= 0).astype(float)
        rows = [skin * 1e3, junction * 1e3, battery * 1e3]
        caps = [top * np.where(is_hot & (name == "big"), 0.62, 1) for name, top in CLUSTERS.items()]
        rows += [np.where(load > 0, cap, 0.4 * cap) for cap in caps]
        rows += caps
        rows.append((0.35 + load * (5.6 - 2.3 * is_hot) + 0.3 * noise) * 1e3)
        self._store(trial, 0, t, np.array(rows).round().astype(np.int64))

    def _inferences(self, from_s: float, to_s: float) -> None:
        t = np.arange(round(from_s * 8), round(to_s * 8)) / 8
        noise = np.random.default_rng(11).gamma(2.0, 0.02, t.size)
        latency = 0.102 * (1 + 0.78 * self._is_throttled(t)) * (1 + noise)
        rows = np.array([latency * 1e6, latency * 4.1e6]).round().astype(np.int64)
        self._store(self.measured.pk, 2, t, rows)

    def _is_throttled(self, seconds: NDArray[np.float64]) -> NDArray[np.bool_]:
        """From the ninth minute on, 50 s in every 90: the skin's hysteresis."""
        cycle = np.mod(seconds - 540.0, 90.0)
        return (seconds >= 540.0) & (cycle < 50.0) & np.bool_(self._throttles)

    def _store(
        self, trial: int, group: int, t: NDArray[np.float64], raw: NDArray[np.int64]
    ) -> None:
        clock = np.round((t + self._settling_s) * US_PER_S).astype(np.int64)
        valid = np.ones(raw.shape, np.bool_)
        valid[0] = np.arange(t.size) % 97 != 96  # now and then a reading fails
        for at in range(0, t.size, ROWS_PER_BLOCK):
            part = slice(at, at + ROWS_PER_BLOCK)
            row = self._rows.get((trial, group), 0)
            block = self.store.insert_block(
                trial, group, row, clock[part], raw[:, part], valid[:, part]
            )
            self._rows[trial, group] = block.next_row
            self._written.append(block)


def finish(run: Run, writer: SoakWriter, duration_s: float) -> Run:
    """Write the whole soak of a run, seal and analyze it; return it completed."""
    writer.settle()
    writer.start()
    writer.soak(0.0, duration_s)
    writer.end(duration_s)
    baseline = {"gate": {"outcome": "settled", "waited_s": 62.0}}
    Trial.objects.filter(run=run).update(state="finished")
    Run.objects.filter(pk=run.pk).update(
        state="analyzing", fence=None, baseline=baseline, started_at=run.created_at
    )
    for word in ("queued", "leased", "preparing", "measuring", "restoring", "analyzing"):
        Event.objects.create(run=run, word=word, actor="worker here")
    analyze(run.pk)
    run.refresh_from_db()
    return run


HONOR = Facts("127.0.0.1:6000", "Honor V30 Pro", "virtual", "Kirin 990")
PIXEL = Facts("127.0.0.1:6001", "Pixel 6", "virtual", "Tensor")
GALAXY = Facts("127.0.0.1:6002", "Galaxy S20 FE", "virtual", "Snapdragon 865")
MACHINE = Facts("127.0.0.1:6100", "This machine", "host", "x86-64", speed=1.0)
REAL = Facts("R58M20ABCDE", "Redmi Note 9T", "phone", "Dimensity 800U", speed=1.0)
