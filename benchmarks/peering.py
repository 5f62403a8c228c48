"""Bringing a phone and a segment server together, for as long as a run lasts."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.catalog.base import Load
from benchmarks.cloud.service import ADDRESS_VARIABLE, TOKEN_VARIABLE, beside, from_environment
from benchmarks.conversation import Tick
from benchmarks.specs import RunSpec
from devices.agent.link import AgentLink
from devices.errors import StableDeviceError
from devices.phone import Phone

_LIMIT_S = 12.0  # host time; less than what a lease allows to one call


@contextmanager
def server_for(spec: RunSpec) -> Iterator[None]:
    """Start a segment server if a spec needs one and nobody has named one to this process."""
    needs = any(load.split for load in spec.benchmark.loads())
    if not needs or from_environment() is not None:
        yield
        return
    before = {name: os.environ.get(name) for name in (ADDRESS_VARIABLE, TOKEN_VARIABLE)}
    with beside() as service:
        os.environ[ADDRESS_VARIABLE] = f"{service.address.host}:{service.address.port}"
        os.environ[TOKEN_VARIABLE] = service.token
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value


def meet(
    link: AgentLink, phone: Phone, loads: Sequence[Load], found: dict[str, Any]
) -> Iterator[Tick]:
    """Let the agent find the server, where one is needed; what it learned goes into `found`.

    The phone reaches the server through `adb reverse` under the server's own port number, so an
    agent that can dial this machine directly uses the same words.

    Raises:
        DeviceError: if there is no server, or the phone cannot reach or use it.
    """
    load = next((load for load in loads if load.split), None)
    if load is None or load.split is None:
        return
    service = from_environment()
    if service is None:
        raise StableDeviceError(
            f"no segment server is known: start `python -m benchmarks.cloud` and set "
            f"{ADDRESS_VARIABLE} to HOST:PORT, as `manage.py up` does"
        )
    phone.reverse(service.address.port)
    yield Tick()
    split = load.split
    met = link.request(
        "peer",
        timeout_s=_LIMIT_S,
        host="127.0.0.1",
        port=service.address.port,
        token=service.token,
        model=load.workload,
        codec=split.codec,
        input_codec=split.input_codec,
        output_codec=split.output_codec,
        timeout_ms=round(split.timeout_s * 1000),
    )
    condition = split.network.at(0.0)
    if condition is not None:
        link.request("network", **condition.as_command())
    found[PEER] = {key: met[key] for key in _TOLD if key in met}
    yield Tick()


PEER = "peer"  # under this name in the findings of a preparation
_TOLD = ("compute_us", "q_us", "up_kbps", "down_kbps", "rtt_us", "synthetic", "packed")


def part(phone: Phone) -> None:
    """Take back the way to the server, if there was one."""
    service = from_environment()
    if service is not None:
        phone.unreverse(service.address.port)
