"""Inferences divided between a device and a real segment server, over a real adb server."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.cloud.service import Service, beside
from benchmarks.workloads import WorkloadFiles, workload_files
from devices.agent.link import AgentLink
from devices.agent.loading import load_workload
from devices.agent.messages import FLAG_FINISHED_LOCALLY
from devices.agent.tensors import TIMINGS
from devices.channels import Unit
from devices.clock import HOST, NS_PER_S
from devices.errors import StableDeviceError, TransientDeviceError, WorkloadError
from devices.phone import Phone, connect
from devices.samples import Batch, Event, Group, Item
from tests.parts.adb import VirtualPhones, virtual_phones

LIMIT_S = 30.0  # of host time


@pytest.fixture(scope="module")
def farm() -> Iterator[VirtualPhones]:
    with virtual_phones("honor-v30-pro", speed=20, host_device=True) as phones:
        yield phones


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with beside() as started:
        yield started


@pytest.fixture(scope="module")
def files() -> WorkloadFiles:
    return workload_files("mobilenet_v2")


@pytest.fixture
def phone(farm: VirtualPhones) -> Phone:
    return connect(farm.serials[0], server=farm.server)


@pytest.fixture(params=["virtual", "host"])
def device(request: pytest.FixtureRequest, farm: VirtualPhones) -> Phone:
    serial = farm.serials[0] if request.param == "virtual" else farm.serials[-1]
    return connect(serial, server=farm.server)


def peer_of(service: Service, files: WorkloadFiles, **other: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": service.address.port,
        "token": service.token,
        "model": files.name,
        **other,
    }


@contextmanager
def loaded(phone: Phone, service: Service, files: WorkloadFiles) -> Iterator[AgentLink]:
    """Yield an agent that has the network and can reach the server's port."""
    phone.reverse(service.address.port)
    try:
        with AgentLink.start(phone, deployment="test", fence=1) as link:
            load_workload(link, phone, files, threads=(1,))
            yield link
    finally:
        phone.unreverse(service.address.port)


class Rows:
    """The inferences of a trial, column by column."""

    def __init__(self, items: list[Item]) -> None:
        (group,) = (item for item in items if isinstance(item, Group) and item.name == "infer")
        self._names = [channel.source for channel in group.channels]
        self._batches = [i for i in items if isinstance(i, Batch) and i.group == group.number]
        self.events = [item for item in items if isinstance(item, Event)]

    def column(self, name: str) -> list[int | None]:
        at = self._names.index(name)
        return [
            int(batch.raw[at, row]) if batch.valid[at, row] else None
            for batch in self._batches
            for row in range(batch.rows)
        ]

    def numbers(self, name: str) -> NDArray[np.int64]:
        """Return a column that has a value in every row."""
        return np.array([int(value) for value in self.column(name) if value is not None])

    def told(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]


def follow(link: AgentLink, until: str, items: list[Item]) -> None:
    """Collect items up to an event of this kind."""
    deadline = HOST.now_ns() + round(LIMIT_S * NS_PER_S)
    while not any(isinstance(item, Event) and item.kind == until for item in items):
        assert HOST.now_ns() < deadline, f"no {until} within {LIMIT_S:g} s"
        items += link.receive(0.2)
        link.ping()


def ran(link: AgentLink, **settings: Any) -> Rows:
    """Run a lane to its end."""
    items: list[Item] = []
    link.request("begin", trial=1)
    link.request("start", lane=0, no_sensors=True, threads=1, **settings)
    follow(link, "idle", items)
    link.request("end")
    follow(link, "ended", items)
    return Rows(items)


def test_a_cut_inference_tells_where_its_time_went(
    device: Phone, service: Service, files: WorkloadFiles
) -> None:
    with loaded(device, service, files) as link:
        met = link.request("peer", **peer_of(service, files, codec="fp16"))
        assert met["rtt_us"] > 0
        rows = ran(link, model=files.name, cut="blk8", n=8)
        assert rows.column("err") == [0] * 8
        assert set(rows.column("tx")) == {64 * 14 * 14 * 2}
        assert set(rows.column("rx")) <= {4000, 4016}
        whole, head, away, compute = (
            rows.numbers(name) for name in ("lat_us", "head_us", "net_us", "srv_us")
        )
        assert (compute < away).all()
        # Usually: between two readings of a clock, a busy machine may do something else.
        assert np.median(abs(head + away - whole)) < 0.1 * np.median(whole) + 300
        real_top = {int(value) for value in rows.column("top") if value is not None}
        if "real_output" in link.caps:
            assert real_top == {int(_golden_top(files))}
            assert met["synthetic"] is False
        else:
            assert not real_top
            assert met["synthetic"] is True


def test_a_server_that_begins_gets_the_input_and_sends_a_blob_back(
    device: Phone, service: Service, files: WorkloadFiles
) -> None:
    """The phone's part is what lies behind the answer, and little of its time before it."""
    with loaded(device, service, files) as link:
        link.request("peer", **peer_of(service, files, codec="fp16", input_codec="fp32"))
        rows = ran(link, model=files.name, cut="data", back="blk8", n=8)
        assert rows.column("err") == [0] * 8
        assert set(rows.column("tx")) == {3 * 224 * 224 * 4}
        assert set(rows.column("rx")) <= {64 * 14 * 14 * 2, 64 * 14 * 14 * 2 + TIMINGS.size}
        whole, head, away = (rows.numbers(name) for name in ("lat_us", "head_us", "net_us"))
        assert np.median(whole - away) > 3 * np.median(head)
        (applied,) = rows.told("applied")
        assert (applied.data["cut"], applied.data["back"]) == ("data", "blk8")


def _golden_top(files: WorkloadFiles) -> int:
    return int(np.frombuffer(files.reference, "<f4").argmax())


def test_packed_blobs_weigh_what_the_server_has_tried(
    device: Phone, service: Service, files: WorkloadFiles
) -> None:
    """On a device that computes and on one that only simulates; without packing nothing is told."""
    with loaded(device, service, files) as link:
        assert link.request("peer", **peer_of(service, files, codec="fp16"))["packed"] == {}
        met = link.request("peer", **peer_of(service, files, codec="int8+zstd"))
        rows = ran(link, model=files.name, cut="blk8", n=3)
        assert set(rows.column("tx")) == {met["packed"]["blk8"]}
        assert met["packed"]["blk8"] < 64 * 14 * 14
        assert not {"data", ""} & met["packed"].keys()


@pytest.mark.parametrize(
    ("cut", "back"), [("blk8", ""), ("data", "blk8")], ids=["phone first", "server first"]
)
def test_a_killed_server_is_noticed_and_its_return_too(
    device: Phone, files: WorkloadFiles, cut: str, back: str
) -> None:
    """The load goes on: what the peer does not finish is finished here; later the peer is back.

    Where the server comes first, the phone still has what it had sent, and starts from there.
    """
    with beside() as service, loaded(device, service, files) as link:
        link.request("peer", **peer_of(service, files))
        items: list[Item] = []
        link.request("begin", trial=1)
        period_us = round(5_000 * link.rate)
        link.request(
            "start", lane=0, no_sensors=True, model=files.name, threads=1, cut=cut,
            back=back, period_us=period_us,
        )  # fmt: skip
        _until_rows(link, items, 20)
        service.kill(signal.SIGKILL)
        _until_state(link, items, "down")
        before = _count(items)
        _until_rows(link, items, before + 20)
        with beside("--port", str(service.address.port), token=service.token):
            _until_state(link, items, "up")
            _until_rows(link, items, _count(items) + 20)
            link.request("end")
            follow(link, "ended", items)
    rows = Rows(items)
    assert set(rows.column("err")) == {0}
    local = [bool((flags or 0) & FLAG_FINISHED_LOCALLY) for flags in rows.column("flags")]
    assert not local[0]
    assert any(local)
    assert not local[-1]
    if "real_output" in link.caps:
        assert set(rows.column("top")) == {_golden_top(files)}
    assert [e.data["state"] for e in rows.told("peer")][-2:] == ["down", "up"]


def _count(items: list[Item]) -> int:
    return len(Rows(items).column("err")) if any(isinstance(i, Batch) for i in items) else 0


def _until_rows(link: AgentLink, items: list[Item], count: int) -> None:
    deadline = HOST.now_ns() + round(LIMIT_S * NS_PER_S)
    while _count(items) < count:
        assert HOST.now_ns() < deadline, f"{_count(items)} of {count} inferences"
        items += link.receive(0.2)
        link.ping()


def _until_state(link: AgentLink, items: list[Item], state: str) -> None:
    deadline = HOST.now_ns() + round(LIMIT_S * NS_PER_S)
    while [e.data["state"] for e in Rows(items).told("peer")][-1:] != [state]:
        assert HOST.now_ns() < deadline, f"the peer is never {state}"
        items += link.receive(0.2)
        link.ping()


def test_a_shaped_network_is_as_slow_as_it_says(
    phone: Phone, service: Service, files: WorkloadFiles
) -> None:
    with loaded(phone, service, files) as link:
        link.request("peer", **peer_of(service, files))
        link.request("network", up_kbps=4000, down_kbps=4000, rtt_us=20_000)
        rows = ran(link, model=files.name, cut="blk8", n=3)
        expected_us = 64 * 14 * 14 * 4 * 8 / 4e6 * 1e6 + 4000 * 8 / 4e6 * 1e6 + 20_000
        for away, compute in zip(rows.column("net_us"), rows.column("srv_us"), strict=True):
            assert away - compute == pytest.approx(expected_us, rel=0.25)  # type: ignore[operator]


def test_rates_of_the_network_are_channels_of_the_trial(
    phone: Phone, service: Service, files: WorkloadFiles
) -> None:
    with loaded(phone, service, files) as link:
        link.request("peer", **peer_of(service, files))
        link.request("sample", g=1, period_us=100_000, ids=["net:up", "net:down", "net:rtt"])
        items: list[Item] = []
        link.request("begin", trial=1)
        link.request("start", lane=0, no_sensors=True, model=files.name, threads=1, n=5)
        follow(link, "idle", items)
        link.request("end")
        follow(link, "ended", items)
        (slow,) = (item for item in items if isinstance(item, Group) and item.name == "slow")
        assert [(c.name, c.unit) for c in slow.channels] == [
            ("network.up", Unit.BIT_PER_SECOND),
            ("network.down", Unit.BIT_PER_SECOND),
            ("network.rtt", Unit.SECOND),
        ]


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        ({"port": 9}, TransientDeviceError, "peer"),
        ({"token": "guess"}, StableDeviceError, "token is wrong"),
        ({"codec": "jpeg"}, WorkloadError, "codec must be one of fp32"),
        ({"host": "example.org"}, WorkloadError, "host must be a numeric IPv4 address"),
    ],
)
def test_a_peer_that_cannot_be_used_is_refused_before_the_load(
    phone: Phone, service: Service, files: WorkloadFiles, wrong: dict[str, Any],
    kind: type[Exception], words: str,
) -> None:  # fmt: skip
    with loaded(phone, service, files) as link, pytest.raises(kind, match=words):
        link.request("peer", **peer_of(service, files, **wrong))


def test_a_cut_needs_a_peer_and_must_exist(
    phone: Phone, service: Service, files: WorkloadFiles
) -> None:
    with loaded(phone, service, files) as link:
        link.request("begin", trial=1)
        start: dict[str, Any] = {"lane": 0, "no_sensors": True, "model": files.name, "threads": 1}
        with pytest.raises(WorkloadError, match="needs a peer: name one first"):
            link.request("start", **start, cut="blk8")
        link.request("end")
        link.request("peer", **peer_of(service, files))
        link.request("begin", trial=2)
        with pytest.raises(WorkloadError, match=r"has no cut 'blk2.expand'; it has data, stem"):
            link.request("start", **start, cut="blk2.expand")
        with pytest.raises(WorkloadError, match=r"nothing lies between 'blk8' and 'blk3'"):
            link.request("start", **start, cut="blk8", back="blk3")
