"""A soak on every idle virtual phone, so that there is something to see; asked for over REST.

No process of its own: importing Django once more would cost a second, in the seconds in which
somebody waits for the first plot.
"""

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any

from devices.clock import HOST, NS_PER_S

PATIENCE_S = 30.0
ASK_EVERY_S = 0.25
TIMEOUT_S = 5.0
UNFINISHED = "queued,leased,preparing,measuring,restoring,analyzing"
SOAK = {
    "benchmark": "thermal_soak",
    "params": {"workload": "resnet50", "duration_s": 3600},
    "labels": {"demo": "first start"},
    "seed": 1,
}


async def queue_demo(url: str, token: str, phones: int) -> None:
    """Wait for so many idle virtual phones, then queue a soak on each that has nothing to do."""
    deadline = HOST.now_ns() + PATIENCE_S * NS_PER_S
    while len(idle := await _idle_phones(url, token)) < phones and HOST.now_ns() < deadline:
        await HOST.wait_async(ASK_EVERY_S)
    if not idle:
        return
    runs = await _ask(url, token, f"runs?state={UNFINISHED}")
    busy = {(run["device"] or {}).get("serial") for run in runs["items"]}
    for serial in idle:
        if serial not in busy:
            await _ask(url, token, "runs", {**SOAK, "device": serial})


async def _idle_phones(url: str, token: str) -> list[str]:
    try:
        devices = await _ask(url, token, "devices")
    except urllib.error.URLError:
        return []  # the web server is not there yet
    return [
        str(device["serial"])
        for device in devices["items"]
        if device["device_kind"] == "virtual" and device["state"] == "idle"
    ]


async def _ask(url: str, token: str, path: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        f"{url}api/v1/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )

    def answer() -> Any:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            return json.load(response)

    return await asyncio.to_thread(answer)
