"""A whole farm as people start it: `manage.py up` on a free port with a directory of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from devices.clock import HOST, NS_PER_S
from devices.virtual.control import ask
from tests.parts.adb import free_port

ROOT = Path(__file__).parents[2]
UP = (sys.executable, "manage.py", "up")
START_LIMIT_S = 60.0
ASK_EVERY_S = 0.05


@dataclass
class RunningFarm:
    """A farm, its doors, and the hand that may kill its parts."""

    process: subprocess.Popen[bytes]
    data: Path
    port: int
    printed: Path  # what `up` has said
    login: str = ""
    password: str = ""
    token: str = ""

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> Any:
        """Return the JSON of a GET below /api/v1."""
        return self._call("GET", path, None)

    def post(self, path: str, body: object = None) -> Any:
        """Return the JSON of a POST below /api/v1; an error's body comes back as well."""
        return self._call("POST", path, body)

    def submit(self, device: str = "", **params: Any) -> int:
        """Queue a soak and return the run's number."""
        body: dict[str, Any] = {"benchmark": "thermal_soak", "params": params}
        gate = {"hold_s": 5, "timeout_s": 60, "relative_c": 30, "slope_c_per_min": 60}
        body["preconditions"] = {"start_gate": gate}
        if device:
            body["device"] = device
        answer = self.post("/runs", body)
        assert "id" in answer, answer
        return int(answer["id"])

    def wait_for_run(self, run: int, *states: str, limit_s: float = 60.0) -> Any:
        """Return the run's document once it is in one of `states`."""

        def reached() -> Any:
            document = self.get(f"/runs/{run}")
            return document if document["state"] in states else None

        return self.wait(reached, f"run {run} is {'/'.join(states)}", limit_s)

    def wait_for_phones(self, number: int, state: str = "idle") -> list[Any]:
        """Return the devices in `state` once there are so many virtual ones."""

        def there() -> Any:
            found = [d for d in self.get("/devices")["items"] if d["device_kind"] == "virtual"]
            found = [device for device in found if device["state"] == state]
            return found if len(found) >= number else None

        return list(self.wait(there, f"{number} phones are {state}", 30.0))

    def wait(self, condition: Callable[[], Any], what: str, limit_s: float = 30.0) -> Any:
        """Return what `condition` gives as soon as it gives something."""
        deadline = HOST.now_ns() + round(limit_s * NS_PER_S)
        while HOST.now_ns() < deadline:
            if found := condition():
                return found
            HOST.wait(ASK_EVERY_S)
        raise AssertionError(f"after {limit_s:g} s it is not so that {what}\n{self.last_words()}")

    def pid_of(self, part: str) -> int:
        """Return the process id of one part, as the farm notes it."""
        pids = json.loads((self.data / "run" / "state.json").read_text())["pids"]
        return int(pids[part])

    def kill(self, part: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to one part."""
        os.kill(self.pid_of(part), number)

    def ctl(self, serial: str, *words: str) -> str:
        """Say a word to the control door of the virtual phones."""
        return ask(self.data / "run" / "control.sock", serial, list(words))

    def last_words(self, lines: int = 15) -> str:
        """Return the ends of all logs, for a failing test."""
        logs = [self.printed, *sorted((self.data / "log").glob("*.log"))]
        return "\n".join(
            f"== {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
            for log in logs
        )

    def left_behind(self) -> list[psutil.Process]:
        """Return the processes that still have anything to do with this farm's directory."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            environment = process.environ()
            words = process.cmdline()
        except psutil.Error:
            return False
        name = str(self.data)
        return environment.get("SIMMER_DATA") == name or any(name in word for word in words)

    def stop(self, number: int = signal.SIGINT) -> float:
        """Stop the farm as Ctrl-C would; return the seconds until nothing of it was left."""
        asked = HOST.now_ns()
        self.process.send_signal(number)
        self.wait(lambda: not self.left_behind(), "nothing is left", 30.0)
        self.process.wait(10)
        return (HOST.now_ns() - asked) / NS_PER_S

    def _call(self, method: str, path: str, body: object) -> Any:
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            data=None if body is None and method == "GET" else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)


def start_farm(data: Path, *arguments: str, begin: Sequence[str] = UP, **how: Any) -> RunningFarm:
    """Start `manage.py up`; return at once, before it is ready.

    begin: other words that start it
    how: what else `Popen` is told, as another user
    """
    port = free_port()
    command = [*begin, "--data", str(data), "--port", str(port)]
    printed = data.with_name(f"{data.name}.out")
    with printed.open("wb") as out:
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **how,
        )
    return RunningFarm(process, data, port, printed)


def wait_until_up(farm: RunningFarm) -> None:
    """Return once `up` has printed how to get in."""

    def is_up() -> bool:
        assert farm.process.poll() is None, f"`up` ended\n{farm.last_words()}"
        return "\ntoken" in farm.printed.read_text()

    farm.wait(is_up, "the farm is up", START_LIMIT_S)
    words = farm.printed.read_text().split()
    farm.login, farm.password = words[words.index("login") + 1], words[words.index("/") + 1]
    farm.token = words[words.index("token") + 1]


@contextmanager
def running_farm(*arguments: str) -> Iterator[RunningFarm]:
    """Yield a farm that is up; nothing of it is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="simmer-farm-") as directory:
        farm = start_farm(Path(directory) / "data", *arguments)
        try:
            wait_until_up(farm)
            yield farm
        finally:
            if farm.process.poll() is None:
                farm.stop()
