"""A user's network is checked whole; nothing but our own error ever comes out of the check."""

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.__main__ import main
from benchmarks.catalog import CATALOG
from benchmarks.cloud.segments import SegmentRefused, Segments, Wanted
from benchmarks.naming import unknown
from benchmarks.uploads.checked import UploadError, check_files, shape_of
from benchmarks.uploads.library import files_on_disk
from benchmarks.uploads.store import MissingFiles, Store
from benchmarks.workloads import WorkloadFiles, find, workload_files
from devices.agent.loading import tolerance_e6
from tests.benchmarks.networks import SMALL_PARAM, small_bin


def refused(param: bytes, weights: bytes | None = None, shape: str = "") -> UploadError:
    with pytest.raises(UploadError) as error:
        check_files("my-net", param, small_bin() if weights is None else weights, shape_of(shape))
    return error.value


def test_a_network_is_taken_with_what_it_costs() -> None:
    made = check_files("my-net", SMALL_PARAM, small_bin())
    assert (made.shape, made.network.macs, made.note) == ((3, 16, 16), 13904, "")
    assert made.bin == small_bin()


def test_an_input_without_a_size_gets_the_one_that_is_typed() -> None:
    sizeless = SMALL_PARAM.replace(b" 0=16 1=16 2=3", b"")
    assert refused(sizeless).field == "input_shape"
    made = check_files("my-net", sizeless, small_bin(), shape_of("3 x 24 x 40"))
    assert made.shape == (3, 24, 40)
    assert refused(SMALL_PARAM, shape="3,24,40").field == "input_shape"


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        (b"data 0=16 1=16 2=3", b"data 0=16 1=16", "param", "channels"),
        (b"data 0=16", b"data 0=8193", "input_shape", "at most 8192 each"),
        (b"data 0=16 1=16", b"data 0=4096 1=4096", "input_shape", "4194304 numbers together"),
        (b"0 1 data 0", b"0 1 da/ta 0", "param", "used before any layer makes it"),
        (b"scores", b"my/scores", "param", "input and output need names"),
        (b"1 2 conv a b", b"1 3 conv a b c", "param", "nobody uses the blobs c"),
        (b"add 0=0\n", b"add 0=77\n", "param", "option 0 must be one of"),
    ],
)
def test_what_a_phone_cannot_be_asked_to_run_is_refused(
    old: bytes, new: bytes, field: str, message: str
) -> None:
    assert old in SMALL_PARAM
    param = SMALL_PARAM.replace(old, new, 1)
    if b" c\n" in new or b"a b c" in new:
        param = param.replace(b"6 7", b"6 8")
    error = refused(param)
    assert (error.field, message in str(error)) == (field, True), error


def test_two_inputs_are_refused() -> None:
    second = b"Input more 0 1 more 0=1 1=1 2=1\nConvolution"
    param = SMALL_PARAM.replace(b"6 7", b"7 8").replace(b"Convolution", second)
    assert "it has 2 inputs (data, more)" in str(refused(param))


def test_a_network_without_weights_is_refused() -> None:
    param = b"7767517\n2 2\nInput data 0 1 data 0=4 1=4 2=3\nReLU out 1 1 data out\n"
    assert "no layer has weights" in str(refused(param, b""))


def test_too_much_work_is_refused_before_any_weight_is_looked_at() -> None:
    weights = 4096 * 512 * 9
    wide = (
        "7767517\n3 3\nInput data 0 1 data 0=128 1=128 2=3\n"
        "Convolution a 1 1 data a 0=512 1=1 6=1536\n"
        f"Convolution b 1 1 a b 0=4096 1=3 4=1 6={weights}\n"
    )
    assert "one inference is 309 GMAC; at most 200" in str(refused(wide.encode(), b""))


def between(layer: str, channels: int = 3, side: int = 512) -> bytes:
    """Return a network of one layer between a picture and one small convolution."""
    return (
        f"7767517\n3 3\nInput data 0 1 data 0={side} 1={side} 2={channels}\n"
        f"{layer}\nConvolution out 1 1 x out 0=1 1=1 6=3\n"
    ).encode()


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("Convolution x 1 1 data x 0=3 1=1 4=4096 3=4096 6=9", "MiB at one time"),
        ("Pooling x 1 1 data x 0=1 1=200 2=1 5=1", "MiB at one time"),
        ("Pooling x 1 1 data x 0=0 1=9 2=1 3=4000 5=1", "MiB at one time"),
        ("Padding x 1 1 data x 0=9000 1=9000 2=9000 3=9000", "MiB at one time"),
        ("Interp x 1 1 data x 0=1 3=9000 4=9000", "MiB at one time"),
        ("LRN x 1 1 data x 0=0 1=100001", "MiB at one time"),
    ],
)
def test_a_window_that_needs_too_much_memory_is_refused(layer: str, message: str) -> None:
    assert message in str(refused(between(layer), b""))


def test_many_layers_that_move_too_much_are_refused() -> None:
    count = 3000
    lines = [f"Sigmoid s{n} 1 1 b{n} b{n + 1}" for n in range(count)]
    text = (
        f"7767517\n{count + 2} {count + 2}\nInput data 0 1 b0 0=1024 1=1024 2=3\n"
        + "\n".join(lines)
        + f"\nConvolution out 1 1 b{count} out 0=1 1=1 6=3\n"
    )
    assert "one inference moves 76 GB; at most 64" in str(refused(text.encode(), b""))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.binary(max_size=400))
def test_no_bytes_get_past_or_crash_the_check(param: bytes, weights: bytes) -> None:
    for text in (param, b"7767517\n" + param, SMALL_PARAM[:40] + param):
        with pytest.raises(UploadError):
            check_files("my-net", text, weights)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["drop", "double", "number", "swap", "byte"]))
def test_one_change_is_refused_or_leaves_a_network_that_computes(seed: int, how: str) -> None:
    chance = random.Random(seed)
    words = SMALL_PARAM.split(b" ")
    at, other = chance.randrange(len(words)), chance.randrange(len(words))
    if how == "drop":
        del words[at]
    elif how == "double":
        words.insert(at, words[other])
    elif how == "number":
        key, separator, _ = words[at].partition(b"=")
        words[at] = key + separator + str(chance.choice((-233, -1, 0, 1, 2, 99, 2**31))).encode()
    elif how == "swap":
        words[at], words[other] = words[other], words[at]
    else:
        words[at] = words[at][:-1] + bytes([chance.randrange(256)])
    try:
        made = check_files("my-net", b" ".join(words), small_bin())
    except UploadError:
        return
    files = WorkloadFiles("my-net", made.param, made.bin)
    assert len(files.reference) == 4 * files.network.blobs[files.output].elements


@pytest.mark.parametrize("text", ["3,224", "3,224,224,1", "a,b,c", "0,1,1", "3,9000,3", "3,-1,3"])
def test_a_shape_that_is_none_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(UploadError) as error:
        shape_of(text)
    assert error.value.field == "input_shape"


def test_the_golden_check_allows_what_float32_needs_and_no_more() -> None:
    assert tolerance_e6(b"") == 10
    for output, allowed in ((0.5, 10), (50.0, 500), (float("inf"), 0)):
        assert tolerance_e6(struct.pack("<f", output)) == allowed


# where files lie


def test_a_store_gives_back_what_was_put_and_nothing_else(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"content")
    assert store.put(b"content") == digest
    assert store.get(digest) == b"content"
    assert [path.name for path in tmp_path.iterdir()] == [digest]
    for bad in ("../passwd", "0" * 64, "", digest.upper()):
        with pytest.raises(MissingFiles):
            store.get(bad)
    store.remove(digest)
    assert not store.has(digest)


@pytest.fixture
def my_net(tmp_path: Path) -> Path:
    """The path of a network on disk."""
    (tmp_path / "my-net.bin").write_bytes(small_bin())
    path = tmp_path / "my-net.param"
    path.write_bytes(SMALL_PARAM)
    return path


def test_a_path_is_a_workload_on_the_command_line_only(my_net: Path) -> None:
    soak = CATALOG["thermal_soak"].spec_model
    with files_on_disk():
        wish = {"kind": "thermal_soak", "workload": str(my_net), "period_ms": 5}
        spec = soak.model_validate(wish)
        assert spec.loads()[0].workload == "my-net"
        assert workload_files("my-net").bin == small_bin()
    with pytest.raises(ValueError, match="There is no workload"):
        find("my-net")
    with pytest.raises(ValueError, match="There is no workload"):
        find(str(my_net))


def test_a_segment_server_finds_an_upload_by_what_is_in_it(my_net: Path) -> None:
    with files_on_disk():
        files = workload_files(str(my_net))
        wanted = Wanted("my-net", files.param_sha256, files.bin_sha256, "conv")
        segments = Segments(files=of_another_process)
        assert segments.stretch(wanted).start.blob == "conv"
        other = Wanted("my-net", files.param_sha256, "0" * 64, "conv")
        with pytest.raises(SegmentRefused, match="No upload"):
            segments.stretch(other)
        segments.close()


def of_another_process(name: str) -> WorkloadFiles:
    """Return nothing: no library of this process is known there."""
    raise unknown("workload", name, ())


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda path: path.with_suffix(".bin").write_bytes(b""), "ends inside layer 'conv'"),
        (lambda path: path.with_suffix(".bin").unlink(), "my-net.bin cannot be read"),
        (lambda path: path.rename(path.with_name("resnet50.param")), "cannot be read"),
        (
            lambda path: path.write_bytes(SMALL_PARAM.replace(b"1 2 conv", b"1 2 fc")),
            "line 5: blob 'fc' is used before any layer makes it",
        ),
    ],
)
def test_a_bad_file_is_refused_before_a_phone_is_looked_for(
    my_net: Path,
    break_it: Callable[[Path], object],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    break_it(my_net)
    words = ["run", "thermal_soak", "--serial", "nobody", "--param", f"workload={my_net}"]
    assert main(words) == 2
    assert sentence in capsys.readouterr().err


def test_the_converter_is_asked_for_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIMMER_DATA", str(tmp_path))
    assert main(["convert"]) == 2
    assert "name a FILE.onnx" in capsys.readouterr().err
    assert main(["convert", str(tmp_path / "no.onnx")]) == 2
    assert "cannot be read" in capsys.readouterr().err
