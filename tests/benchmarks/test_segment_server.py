"""The segment server as a process: answers, batches, deadlines, hostile bytes, its end."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from benchmarks.cloud.batching import Batcher, Request
from benchmarks.cloud.service import Service, beside
from benchmarks.families.cuts import cuts_of
from benchmarks.families.reference import golden_input
from benchmarks.workloads import WorkloadFiles, workload_files
from devices.agent.codecs import CODECS, decode_tensor, encode_tensor
from devices.agent.peer import Peer, PeerError
from devices.agent.tensors import Frame, FrameReader, Kind

MS = 1_000_000


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with beside() as started:
        yield started


@pytest.fixture(scope="module")
def files() -> WorkloadFiles:
    return workload_files("mobilenet_v2")


def greeting(service: Service, files: WorkloadFiles, **other: Any) -> dict[str, Any]:
    digests = {"param_sha256": files.param_sha256, "model_sha256": files.bin_sha256}
    return {
        **{"token": service.token, "model": files.name, **digests},
        **{"cut": "data", "codec": "fp32", **other},
    }


def peer_of(service: Service, files: WorkloadFiles, **other: Any) -> Peer:
    return Peer(service.address, greeting(service, files, **other), timeout_s=10.0)


def test_the_whole_network_is_computed_there(service: Service, files: WorkloadFiles) -> None:
    peer = peer_of(service, files)
    image = encode_tensor(golden_input(files.shape), CODECS["fp32"], 1)
    answer = peer.ask(image)
    output, expected = decode_tensor(answer), np.frombuffer(files.reference, "<f4")
    assert output.argmax() == expected.argmax()
    assert np.abs(output - expected).max() < 1e-5
    queue_us, compute_us, batch = answer.timings
    assert (batch, queue_us >= 0, compute_us > 0) == (1, True, True)
    assert peer.facts["warm"] is True
    peer.close()


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"token": "guess"}, "auth", "token is wrong"),
        ({"model": "alexnet"}, "no_model", "There is no workload 'alexnet'"),
        ({"model_sha256": "0" * 64}, "bad_digest", "load the same files on both sides"),
        ({"cut": "blk1.a"}, "no_blob", "has no cut 'blk1.a'"),
        ({"codec": "jpeg"}, "bad_shape", "codec must be one of fp32"),
        ({"answer_codec": "png"}, "bad_shape", "answer_codec must be one of fp32"),
        ({"back": "blk1.a"}, "no_blob", "has no cut 'blk1.a'"),
        ({"cut": "blk8", "back": "blk3"}, "no_blob", "from 'blk8' back at 'blk3': it must come"),
    ],
)
def test_a_wrong_greeting_is_refused_in_words(
    service: Service, files: WorkloadFiles, wrong: dict[str, str], code: str, words: str
) -> None:
    with pytest.raises(PeerError, match=words) as refused:
        peer_of(service, files, **wrong).dial()
    assert refused.value.code == code


def test_a_tensor_of_another_cut_is_refused_and_the_connection_lives(
    service: Service, files: WorkloadFiles
) -> None:
    peer = peer_of(service, files, cut="gap")
    with pytest.raises(PeerError, match=r"gap is 1280, got 7"):
        peer.ask(encode_tensor(np.zeros(7, np.float32), CODECS["fp32"], 1))
    assert decode_tensor(
        peer.ask(encode_tensor(np.zeros(1280, np.float32), CODECS["int8"], 2))
    ).shape == (1000,)
    peer.close()


def test_a_synthetic_tensor_is_answered_at_once_with_the_modelled_time(
    service: Service, files: WorkloadFiles
) -> None:
    peer = peer_of(service, files, cut="blk8", synthetic=True)
    shape = {cut.blob: cut for cut in cuts_of(files.network)}["blk8"]
    answer = peer.ask(encode_tensor(np.zeros(shape.shape, np.float32), CODECS["fp16"], 1))
    assert answer.timings[1] == peer.facts["compute_us"] == round(shape.tail_macs / 70e9 * 1e6)
    assert not decode_tensor(answer).any()
    peer.close()


def test_what_waits_for_one_tail_is_computed_together(files: WorkloadFiles) -> None:
    with beside("--window-ms", "150") as service:
        peers = [peer_of(service, files, cut="blk15") for _ in range(4)]
        for peer in peers:
            peer.dial()
        cut = {cut.blob: cut for cut in cuts_of(files.network)}["blk15"]
        frame = encode_tensor(np.zeros(cut.shape, np.float32), CODECS["fp32"], 1)
        with ThreadPoolExecutor(4) as pool:
            batches = [answer.timings[2] for answer in pool.map(lambda p: p.ask(frame), peers)]
        assert max(batches) > 1, batches
        for peer in peers:
            peer.close()


def test_heads_of_equal_length_are_computed_together_and_others_apart(
    files: WorkloadFiles,
) -> None:
    """Whatever each does with the blob that comes back."""
    with beside("--window-ms", "150") as service:
        backs = ("blk8", "blk8", "blk8", "blk3")
        peers = [peer_of(service, files, back=back, answer_codec="fp16") for back in backs]
        for peer in peers:
            peer.dial()
        image = encode_tensor(golden_input(files.shape), CODECS["fp32"], 1)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda p: p.ask(image), peers))
        assert [answer.timings[2] for answer in answers[:3]] == [3, 3, 3]
        assert answers[3].timings[2] == 1
        cuts = {cut.blob: cut for cut in cuts_of(files.network)}
        assert [decode_tensor(a).shape for a in answers] == [cuts[b].shape for b in backs]
        assert {a.dtype for a in answers} == {CODECS["fp16"].dtype}
        for peer in peers:
            peer.close()


HOSTILE = {
    "no frame": b"GET / HTTP/1.1\r\n\r\n" + b"x" * 64,
    "endless": Frame(Kind.TENSOR).encode()[:56] + b"\xff\xff\xff\xff" + b"\0" * 4,
    "not a greeting": Frame(Kind.PING, 1, b"hello").encode(),
    "no JSON": Frame(Kind.HELLO, 0, b"[" * 4000).encode(),
    "a list": Frame(Kind.HELLO, 0, b"[]").encode(),
    "words that are numbers": Frame(Kind.HELLO, 0, b'{"token": 5}').encode(),
    "an answer": Frame(Kind.RESULT, 0, b"\0" * 16).encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_end_one_connection_and_no_other(
    service: Service, files: WorkloadFiles, name: str
) -> None:
    peer = peer_of(service, files)
    peer.dial()
    address = (service.address.host, service.address.port)
    with socket.create_connection(address, 10) as wire:
        wire.sendall(HOSTILE[name])
        (error,) = FrameReader().feed(wire.recv(65536))
        assert error.kind is Kind.ERROR
        assert error.text["code"] in ("bad_frame", "auth", "bad_shape")
        assert wire.recv(1) == b""
    assert peer.ask(Frame(Kind.PING, 3, b"still there?")).payload == b"still there?"
    peer.close()


def test_a_phone_that_leaves_before_its_answer_harms_nobody(
    service: Service, files: WorkloadFiles
) -> None:
    image = encode_tensor(golden_input(files.shape), CODECS["fp32"], 1)
    for _ in range(5):
        peer = peer_of(service, files)
        peer.dial()
        with pytest.raises(PeerError, match="did not answer in time"):
            peer.ask(image, timeout_s=0.001)
    peer = peer_of(service, files)
    assert decode_tensor(peer.ask(image)).shape == (1000,)
    peer.close()


def test_sigterm_ends_it_and_the_peer_backs_off(files: WorkloadFiles) -> None:
    with beside() as service:
        peer = peer_of(service, files)
        peer.dial()
    with pytest.raises(PeerError, match=r"hung up|broke") as first:
        peer.ask(Frame(Kind.PING, 1))
    with pytest.raises(PeerError, match="away a moment ago") as second:
        peer.ask(Frame(Kind.PING, 2))
    assert (first.value.code, second.value.code) == ("io", "connect")


def test_it_stops_gracefully_with_exit_code_0() -> None:
    command = [sys.executable, "-m", "benchmarks.cloud"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert [len(child.stdout.readline().split()), child.stdout.readline()] == [2, "ready\n"]
        child.send_signal(signal.SIGTERM)
        assert child.wait(5) == 0


def test_a_host_name_is_refused_because_phones_have_no_resolver() -> None:
    command = [sys.executable, "-m", "benchmarks.cloud", "--host", "example.org"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=30)
    assert (done.returncode, done.stderr) == (
        2, "--host must be a numeric address, not 'example.org'\n",
    )  # fmt: skip


def batcher(window_ms: int = 0, largest: int = 4) -> Batcher[str, int]:
    return Batcher(
        cost_ns=lambda _, size: size * 10 * MS, window_ns=window_ms * MS, largest=largest
    )


def test_a_batch_is_closed_when_full_or_after_its_window() -> None:
    queue = batcher(window_ms=50)
    queue.add("tail", Request(1, 0))
    assert (queue.take(49 * MS), queue.due_ns()) == (None, 50 * MS)
    for number in (2, 3, 4):
        queue.add("tail", Request(number, 10 * MS))
    full = queue.take(10 * MS)
    assert full is not None
    assert [request.what for request in full.requests] == [1, 2, 3, 4]


def test_a_batch_closes_before_its_oldest_request_runs_out_of_slack() -> None:
    queue = batcher(window_ms=500)
    queue.add("tail", Request(1, 0, deadline_ns=100 * MS))
    assert queue.due_ns() == 80 * MS  # 100 minus what two would cost


def test_a_request_whose_deadline_has_passed_is_not_computed() -> None:
    queue = batcher()
    queue.add("tail", Request(1, 0, deadline_ns=5 * MS))
    queue.add("tail", Request(2, 0))
    batch = queue.take(6 * MS)
    assert batch is not None
    assert [r.what for r in batch.requests] == [2]
    assert [r.what for r in batch.expired] == [1]


def test_requests_for_different_tails_never_share_a_batch() -> None:
    queue = batcher()
    queue.add("one", Request(1, 0))
    queue.add("other", Request(2, 0))
    batches = [queue.take(MS), queue.take(MS), queue.take(MS)]
    assert [batch.key if batch else None for batch in batches] == ["one", "other", None]
