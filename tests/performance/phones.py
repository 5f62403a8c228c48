"""What virtual phones cost: many of them idle and soaking in one process, and one for an hour."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks.workloads import workload_files
from devices.clock import HOST, NS_PER_S
from devices.phone import connect
from devices.virtual.catalog import names
from tests.devices.soaking import soak
from tests.parts.adb import ROOT, virtual_phones
from tests.performance import stepping
from tests.performance.figures import Figure, median

PHONES = int(os.environ.get("SIMMER_BENCH_PHONES", "200"))
IDLE_S = 20.0
SOAK_S = 30.0
TEN_MINUTES_S = 600.0  # of device time
ROUNDS = 3
_QUESTION = ("cat", "/sys/class/thermal/thermal_zone0/temp")
_PATIENCE_S = 1800.0
_MIB = 1 << 20


def measure() -> list[Figure]:
    """Return cores and memory of many phones, what an hour of one takes, and what a batch gains."""
    return [*idle(), *soaking(), *hour(), *stepping.measure()]


def idle() -> list[Figure]:
    """Measure a process whose phones are connected and left alone, before and after a question."""
    catalog = names()
    with virtual_phones(*(catalog[i % len(catalog)] for i in range(PHONES))) as phones:
        process = psutil.Process(phones.process.pid)
        fresh = process.memory_info().rss / _MIB
        cores = _cores(process, lambda: HOST.wait(IDLE_S))
        for serial in phones.serials:
            connect(serial, server=phones.server).run(_QUESTION)
        asked = process.memory_info().rss / _MIB
        awake = _cores(process, lambda: HOST.wait(IDLE_S))
    name = f"{PHONES} phones in one process"
    return [
        Figure(f"{name}, idle: CPU", f"{cores:.2f} cores", "", cores, "cores", 0.5),
        Figure(f"{name}, idle: memory", f"{fresh:.0f} MiB", "", fresh, "MiB", 100),
        Figure(f"{name}, each asked once: CPU", f"{awake:.2f} cores", "", awake, "cores", 0.5),
        Figure(f"{name}, each asked once: memory", f"{asked:.0f} MiB", "", asked, "MiB", 100),
    ]


def soaking() -> list[Figure]:
    """Measure phones that all soak and are sampled at 10 Hz."""
    with tempfile.TemporaryDirectory(prefix="weights-") as name:
        folder = Path(name)
        _write_network(folder)
        now, later = _soaking("cores", folder, SOAK_S), _soaking("memory", folder, TEN_MINUTES_S)
    title = f"{PHONES} phones soaking in one process"
    shown = f"{now['cores']:.2f} cores, {now['late_s']:.2f} s late at worst"
    held = f"weights of {later['weights_mib']:.0f} MiB among it"
    return [
        Figure(f"{title}, real time: CPU", shown, "", now["cores"], "cores", 1.0),
        Figure(f"{title}: memory after ten minutes", f"{later['mib']:.0f} MiB", held, later["mib"],
               "MiB", 250),
    ]  # fmt: skip


def hour() -> list[Figure]:
    """Measure an hour of ResNet50 without adb."""
    took = tuple(_cpu_s(lambda: soak()) for _ in range(ROUNDS))
    return [
        Figure("an hour's soak of one phone, without adb", f"{median(took):.2f} s", "",
               median(took), "s", 1.0, rounds=took),
    ]  # fmt: skip


def _write_network(folder: Path) -> None:
    """Write what is pushed for ResNet50, so that the measured process need not make it."""
    files = workload_files("resnet50")
    (folder / "net.param").write_bytes(files.param)
    (folder / "net.bin").write_bytes(files.bin)
    shape = {"w": 224, "h": 224, "c": 3, "in": files.input, "out": files.output}
    (folder / "net.json").write_text(json.dumps(shape))


def _soaking(what: str, folder: Path, seconds: float) -> dict[str, float]:
    """Return what a process says that soaks for so long."""
    module = "tests.performance.soaking_phones"
    command = [sys.executable, "-m", module, what, str(PHONES), str(folder), str(seconds)]
    told = subprocess.check_output(command, cwd=ROOT, timeout=_PATIENCE_S)
    measured: dict[str, float] = json.loads(told)
    return measured


def _cores(process: psutil.Process, wait: Callable[[], None]) -> float:
    """Return how many cores a process uses meanwhile."""
    before, began_ns = process.cpu_times(), HOST.now_ns()
    wait()
    after, took_s = process.cpu_times(), (HOST.now_ns() - began_ns) / NS_PER_S
    return (after.user + after.system - before.user - before.system) / took_s


def _cpu_s(work: Callable[[], object]) -> float:
    """Return the CPU time that something takes in this process [s]."""
    before = psutil.Process().cpu_times()
    work()
    after = psutil.Process().cpu_times()
    return after.user + after.system - before.user - before.system
