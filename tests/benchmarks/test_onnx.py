"""ONNX: refused in words before the converter sees it, and converted in a cage."""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import ncnn
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.families.reference import golden_input
from benchmarks.onnx import cage, executable
from benchmarks.onnx.cage import Limits
from benchmarks.onnx.conversion import convert, sized
from benchmarks.onnx.model import OnnxError, read
from benchmarks.uploads.checked import Upload, UploadError, check_onnx
from benchmarks.workloads import WorkloadFiles
from devices.clock import HOST, NS_PER_S
from tests.benchmarks.networks import SMALL_PARAM, small_bin
from tests.benchmarks.onnx_files import attending, block, small, value, whole

Script = Callable[[str], Path]
#: One that nobody may start, too: root's own may lie in root's home.
PYTHON = next((path for path in ("/usr/bin/python3",) if Path(path).exists()), sys.executable)


@pytest.fixture(scope="session")
def pnnx() -> Path:
    """The real converter; in CI it is downloaded."""
    try:
        return executable.fetch() if os.environ.get("CI") else executable.find()
    except executable.NotFetched as why:
        pytest.skip(f"the converter is not here: {why}")


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Make an executable that stands where the converter would, and behaves badly."""

    def made(body: str) -> Path:
        path = tmp_path / "converter"
        path.write_text(f"#!{PYTHON} -IS\n{body}\n")
        path.chmod(0o755)
        return path

    return made


# what a file says of itself


def test_a_file_says_inputs_and_operators() -> None:
    model = read(small(sides=("N", 3, 16, 16)))
    assert [(one.name, one.sides) for one in model.inputs] == [("x", (None, 3, 16, 16))]
    assert model.operators["Conv"] == 2


@pytest.mark.parametrize(
    ("data", "shape", "field", "message"),
    [
        (b"hello world, this is no model", None, "onnx", "this is no ONNX file"),
        (b"", None, "onnx", "this is no ONNX file"),
        (small()[:-30], None, "onnx", "this is no ONNX file"),
        (b"\x80\x04\x95pickle", None, "onnx", "this is no ONNX file"),
        (b"7767517\n1 1\n", None, "onnx", "this is no ONNX file"),
        (small(sides=(1, 3, "h", "w")), None, "input_shape", r"'x' is 3 × \? × \?: say channels"),
        (small(sides=(1, 3, "h", "w")), (4, 32, 32), "input_shape", "does not fit the file"),
        (small(sides=(1, 3, "h", "w")), (3, 9999, 9), "input_shape", "outside 1 to 8192"),
        (small(sides=(8, 3, 16, 16)), None, "onnx", "its batch is 8"),
        (small(sides=(1, 10)), None, "onnx", "has 2 dimensions"),
        (small(element=10), None, "onnx", "is not float32"),
        (small(more_inputs=[value("z", (1, 3))]), None, "onnx", r"2 inputs \('x', 'z'\)"),
        (small(domain="com.acme"), None, "onnx", "operator com.acme::Relu is not supported"),
        (small(more_of_weights=whole(14, 1)), None, "onnx", "weights lie in a second file"),
    ],
)
def test_a_file_is_refused_before_the_converter_sees_it(
    data: bytes, shape: tuple[int, int, int] | None, field: str, message: str
) -> None:
    with pytest.raises(OnnxError, match=message) as refused:
        convert(data, shape, Path("/never/run"))
    assert refused.value.field == field


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    for file in (data, block(7, data) + block(8, whole(2, 17))):
        try:
            read(file)
        except OnnxError:
            continue


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(small()) - 1), st.integers(0, 255))
def test_one_changed_byte_is_read_or_refused(at: int, byte: int) -> None:
    data = bytearray(small())
    data[at] = byte
    try:
        read(bytes(data))
    except OnnxError:
        return


def test_an_input_gets_its_size_where_it_has_none() -> None:
    param = b"7767517\n1 1\nInput                    in0                      0 1 in0\n"
    assert sized(param, (3, 8, 9)).endswith(b"0 1 in0 0=9 1=8 2=3\n")
    assert sized(SMALL_PARAM, (3, 8, 9)) == SMALL_PARAM


# the cage


def refusal(program: Path, limits: Limits | None = None) -> str:
    """Return why a conversion by this program is refused."""
    with pytest.raises(OnnxError) as refused:
        convert(small(), None, program, limits or Limits(wall_s=20, memory_bytes=2**30))
    return str(refused.value)


def test_a_program_that_takes_too_long_is_stopped(script: Script) -> None:
    endless = script("import time\nwhile True: time.sleep(1)")
    assert "took longer than 1 s and was stopped" in refusal(endless, Limits(wall_s=1))


def test_a_program_that_computes_too_long_is_stopped(script: Script) -> None:
    busy = script("while True: pass")
    assert "was stopped" in refusal(busy, Limits(wall_s=60, cpu_s=1))


def test_a_program_that_wants_too_much_memory_is_refused(script: Script) -> None:
    greedy = script(
        "import sys\ntry: bytearray(4 << 30)\nexcept MemoryError: sys.exit('bad_alloc')"
    )
    assert "more than 1 GiB of memory" in refusal(greedy)


def test_a_program_that_writes_too_much_is_stopped(script: Script) -> None:
    writer = script("open('model.ncnn.bin', 'wb').write(bytes(3 << 20))")
    said = refusal(writer, Limits(wall_s=20, file_bytes=1 << 20))
    assert "the converter ended with" in said


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Error No Op registered for Foo with domain", "the operator Foo is not supported"),
        ("unexpected op_type Bar\\nno such function with name Baz", "operators Bar, Baz are not"),
        ("ort CreateSession failed Node (c) Op (Conv) bad", "refuses it: Node (c) Op (Conv) bad"),
        ("\\x1b[31mpardon?", "ended with exit code 3 and said:"),
    ],
)
def test_what_the_converter_says_becomes_a_sentence(
    script: Script, said: str, sentence: str
) -> None:
    found = refusal(script(f"import sys; print('{said}', file=sys.stderr); sys.exit(3)"))
    assert sentence in found
    assert found.isprintable()


def test_a_program_that_crashes_is_told(script: Script) -> None:
    assert "signal 11" in refusal(script("import os; os.kill(os.getpid(), 11)"))


def test_a_program_that_writes_nothing_or_a_link_is_refused(script: Script) -> None:
    assert "wrote no network" in refusal(script("pass"))
    links = "import os\nfor end in ('param', 'bin'): os.symlink('/etc/hosts', 'model.ncnn.' + end)"
    assert "wrote no network" in refusal(script(links))


def test_the_cage_has_no_secrets_no_input_and_no_network(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMMER_DB_PASSWORD", "canary")
    monkeypatch.setenv("https_proxy", "http://canary")
    server = socket.create_server(("127.0.0.1", 0))
    program = script(
        "import os, resource, socket, sys\n"
        "print(sorted(os.environ), repr(sys.stdin.read()), os.getcwd(), os.listdir())\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), 'uid', os.getuid())\n"
        "try:\n"
        f"    socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2)\n"
        "    print('REACHED')\n"
        "except OSError: print('alone')\n"
    )
    with server, cage.ran([str(program)], {"only": b""}, Limits(wall_s=20)) as ended:
        folder, said = ended.folder, ended.said
    assert ended.code == 0, said
    assert "canary" not in said
    assert "SIMMER" not in said
    assert "''" in said
    assert "['only']" in said
    assert "(0, 0)" in said
    assert "uid 0" not in said
    assert not folder.exists()
    if "alone" not in said:
        pytest.skip("this system lets nobody leave the network; the rest holds")


def test_what_a_program_started_is_ended_with_it(script: Script, tmp_path: Path) -> None:
    program = script(
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    print(os.getpid(), flush=True)\n"
        "    time.sleep(600)\n"
        "time.sleep(0.5)\n"
    )
    with cage.ran([str(program)], {}, Limits(wall_s=20)) as ended:
        child = int(ended.said.split()[0])
    due_ns = HOST.now_ns() + 5 * NS_PER_S
    while _lives(child) and HOST.now_ns() < due_ns:
        HOST.wait(0.01)
    assert not _lives(child)


def _lives(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


# the converter itself


def test_a_converter_that_is_not_here_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(executable.NotFetched, match="python -m benchmarks convert --fetch"):
        executable.find(tmp_path)


def test_another_wheel_than_the_pinned_one_is_not_used(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text(f"pnnx==20261020 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(executable.NotFetched, match="could not be downloaded"):
        executable.fetch(tmp_path, lock)
    assert not list(tmp_path.glob("**/pnnx"))


def made_of(data: bytes, pnnx: Path, shape: tuple[int, int, int] | None = None) -> Upload:
    return check_onnx("my-net", data, shape, lambda file, sides: convert(file, sides, pnnx))


@pytest.mark.parametrize(
    ("data", "shape", "kind"),
    [
        (small(), None, "ConvolutionDepthWise"),
        (small(sides=(1, 3, "h", "w")), (3, 24, 40), "Pooling"),
        (attending(), None, "MatMul"),
    ],
)
def test_a_converted_network_computes_what_our_own_reference_says(
    pnnx: Path, tmp_path: Path, data: bytes, shape: tuple[int, int, int] | None, kind: str
) -> None:
    made = made_of(data, pnnx, shape)
    assert made.shape == (shape or (3, 16, 16))
    assert kind in {layer.type for layer in made.network.layers}
    files = WorkloadFiles("my-net", made.param, made.bin)
    (tmp_path / "bin").write_bytes(made.bin)
    net = ncnn.Net()
    net.opt.use_fp16_storage = net.opt.use_fp16_packed = net.opt.use_fp16_arithmetic = False
    assert net.load_param_mem(made.param.decode()) == 0
    assert net.load_model(str(tmp_path / "bin")) == 0
    image = golden_input(files.shape)  # a Mat keeps no array alive
    with net.create_extractor() as extractor:
        extractor.input(files.input, ncnn.Mat(image).clone())
        seen = np.array(extractor.extract(files.output)[1])
    expected = np.frombuffer(files.reference, "<f4")
    assert expected.shape == (10,)
    assert seen == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        ("Erf", "the operator Erf is not supported"),  # converted, and no layer of ours
        ("Foo", "the operator Foo is not supported"),  # unknown to ONNX
        ("Det", "the converter refuses it: Node"),  # known, and of another shape
    ],
)
def test_an_operator_that_cannot_be_converted_is_named(
    pnnx: Path, activation: str, message: str
) -> None:
    with pytest.raises(UploadError, match=message) as refused:
        made_of(small(activation), pnnx)
    assert refused.value.field == "onnx"


def test_a_layer_under_another_name_is_named_with_the_operators_of_the_file() -> None:
    made = SMALL_PARAM.replace(b"Pooling", b"Deconvolution")
    with pytest.raises(UploadError, match=r"\(Deconvolution\), from its operators Add, Conv, "):
        check_onnx("my-net", small(), None, lambda *_: (made, small_bin()))


def test_weights_of_another_file_do_not_pass_as_converted() -> None:
    with pytest.raises(UploadError, match=r"as the converter wrote it, the .bin ends inside"):
        check_onnx("my-net", small(), None, lambda *_: (SMALL_PARAM, small_bin()[:-4]))
