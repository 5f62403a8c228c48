"""Uploading networks: what is stored, what is refused, and what removal leaves alone."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from benchmarks.workloads import workload_files
from fleet.body_limit import BodyLimit
from fleet.models import Run, Token, UploadedWorkload
from fleet.models.token import SCOPES
from fleet.submission import Refused, Wish, submit
from tests.benchmarks.networks import SMALL_PARAM, small_bin

pytestmark = pytest.mark.django_db


class Uploader:
    """A person with a token."""

    def __init__(self, scopes: tuple[str, ...] = SCOPES) -> None:
        self.user = get_user_model().objects.create_user(f"ada-{len(scopes)}")
        _, text = Token.issue(self.user.pk, "test", scopes)
        self.client = Client(headers={"Authorization": f"Bearer {text}"})

    def upload(self, name: str, **files: bytes | str) -> Any:
        body: dict[str, Any] = {"name": name}
        for kind, data in files.items():
            body[kind] = data if isinstance(data, str) else SimpleUploadedFile(f"x.{kind}", data)
        return self.client.post("/api/v1/workloads", body)

    def delete(self, name: str) -> Any:
        return self.client.delete(f"/api/v1/workloads/{name}")

    def listed(self) -> list[str]:
        items = self.client.get("/api/v1/workloads").json()["items"]
        return [item["name"] for item in items]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where uploaded files lie."""
    monkeypatch.setenv("SIMMER_WORKLOADS", str(tmp_path / "workloads"))
    return tmp_path / "workloads"


@pytest.fixture
def ada() -> Uploader:
    return Uploader()


def error_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    error: dict[str, str] = answer.json()["error"]
    return error


def wish(workload: str) -> Wish:
    return Wish("thermal_soak", {"workload": workload, "duration_s": 60, "period_ms": 5})


def test_an_uploaded_network_is_a_workload(ada: Uploader, folder: Path) -> None:
    answer = ada.upload("my-net", param=SMALL_PARAM, bin=small_bin())
    assert answer.status_code == 201, answer.content
    document = answer.json()
    assert document["input"] == [3, 16, 16]
    assert document["layers"]["Convolution"] == 1
    assert document["macs"] == 216 * 64 + 80
    assert document["created_by"] == "ada-6"
    assert "my-net" in ada.listed()
    assert ada.client.get("/api/v1/workloads/my-net").json() == document
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        document[kind]["sha256"] for kind in ("param", "bin")
    )
    assert submit(wish("my-net"), None).spec.benchmark.loads()[0].workload == "my-net"
    assert workload_files("my-net").bin == small_bin()


def test_a_light_network_needs_a_pace(ada: Uploader) -> None:
    ada.upload("my-net", param=SMALL_PARAM, bin=small_bin())
    flat_out = Wish("thermal_soak", {"workload": "my-net", "duration_s": 60})
    with pytest.raises(Refused, match=r"0\.014 MMAC, a matter of microseconds") as refused:
        submit(flat_out, None)
    assert refused.value.field == "params.period_ms"
    beside = {"workload": "resnet50", "duration_s": 60, "beside": "my-net"}
    with pytest.raises(Refused, match="choose a larger network"):
        submit(Wish("thermal_soak", beside), None)


def test_every_kind_that_takes_a_workload_lists_it(ada: Uploader) -> None:
    ada.upload("my-net", param=SMALL_PARAM, bin=small_bin())
    for kind in ada.client.get("/api/v1/benchmarks").json()["items"]:
        field = kind["schema"]["properties"].get("workload")
        assert field is None or "my-net" in field["enum"], kind["kind"]
    ada.client.force_login(ada.user)
    assert b'<option value="my-net"' in ada.client.get("/runs/new").content


def test_the_same_again_changes_nothing_and_other_content_is_refused(ada: Uploader) -> None:
    first = ada.upload("my-net", param=SMALL_PARAM, bin=small_bin())
    again = ada.upload("my-net", param=SMALL_PARAM, bin=small_bin())
    assert (again.status_code, again.json()) == (200, first.json())
    other = error_of(ada.upload("my-net", param=SMALL_PARAM, bin=small_bin(seed=2)))
    assert other["field"] == "name"
    assert "belongs to another network" in other["message"]
    assert "my-net-2" in other["message"]
    assert workload_files("my-net").bin == small_bin()


@pytest.mark.parametrize(
    ("name", "files", "field", "message"),
    [
        ("resnet50", {}, "name", "one of Simmer's own"),
        ("My Net", {}, "name", "must be 3 to 48 of a-z"),
        ("../etc", {}, "name", "must be 3 to 48 of a-z"),
        ("my-net", {"bin": None}, "bin", "the .param is here; choose its .bin"),
        ("my-net", {"param": None}, "param", "choose its .param"),
        ("my-net", {"param": None, "bin": None}, "param", "no file"),
        ("my-net", {"onnx": b"x"}, "param", "or one .onnx"),
        ("my-net", {"bin": small_bin()[:-4]}, "bin", "ends inside layer 'fc'"),
        ("my-net", {"bin": small_bin() + b"1234"}, "bin", "4 bytes more"),
        (
            "my-net",
            {"param": SMALL_PARAM.replace(b"Pooling pool 1 1 add", b"Pooling pool 1 1 odd")},
            "param",
            "line 7: blob 'odd' is used before any layer makes it",
        ),
        ("my-net", {"input_shape": "3,224"}, "input_shape", "channels, height and width"),
        ("my-net", {"input_shape": "3,32,32"}, "input_shape", "does not fit the .param"),
        ("my-net", {"param": None, "bin": None, "onnx": b"hello"}, "onnx", "no ONNX file"),
    ],
)
def test_a_bad_upload_is_refused_at_its_field_and_nothing_is_stored(
    ada: Uploader,
    folder: Path,
    name: str,
    files: dict[str, bytes | str | None],
    field: str,
    message: str,
) -> None:
    given = {"param": SMALL_PARAM, "bin": small_bin()} | files
    chosen = {kind: data for kind, data in given.items() if data is not None}
    error = error_of(ada.upload(name, **chosen))
    assert (error["field"], message in error["message"]) == (field, True), error
    assert not UploadedWorkload.objects.exists()
    assert not folder.exists()


def test_a_network_that_no_run_named_is_removed_with_its_files(ada: Uploader, folder: Path) -> None:
    ada.upload("my-net", param=SMALL_PARAM, bin=small_bin())
    ada.upload("its-twin", param=SMALL_PARAM, bin=small_bin(seed=2))  # the same .param
    assert ada.delete("my-net").json() == {"name": "my-net", "removed": "gone"}
    assert len(list(folder.iterdir())) == 2
    assert workload_files("its-twin").bin == small_bin(seed=2)
    assert ada.upload("my-net", param=SMALL_PARAM, bin=small_bin(seed=3)).status_code == 201


def test_a_network_that_a_run_waits_for_cannot_be_removed(ada: Uploader) -> None:
    ada.upload("my-net", param=SMALL_PARAM, bin=small_bin())
    run = submit(wish("my-net"), None)
    answer = ada.delete("my-net")
    assert answer.status_code == 409
    assert f"needed by run {run.pk}" in answer.json()["error"]["message"]


def test_a_network_that_runs_have_named_stays_for_them_only(ada: Uploader) -> None:
    ada.upload("my-net", param=SMALL_PARAM, bin=small_bin())
    run = submit(wish("my-net"), None)
    Run.objects.update(state="cancelled")
    assert ada.delete("my-net").json()["removed"] == "kept for its runs"
    assert "my-net" not in ada.listed()
    run.refresh_from_db()
    assert run.spec.benchmark.planned_s == 60
    with pytest.raises(Refused, match="my-net was removed"):
        submit(wish("my-net"), None)
    taken = error_of(ada.upload("my-net", param=SMALL_PARAM, bin=small_bin(seed=2)))
    assert taken["field"] == "name"
    assert ada.upload("my-net", param=SMALL_PARAM, bin=small_bin()).status_code == 200
    assert "my-net" in ada.listed()


def test_files_that_were_changed_on_the_disk_are_not_run(ada: Uploader, folder: Path) -> None:
    document = ada.upload("my-net", param=SMALL_PARAM, bin=small_bin(seed=9)).json()
    file = folder / document["bin"]["sha256"]
    file.chmod(0o644)
    file.write_bytes(small_bin(seed=10))
    with pytest.raises(Exception, match="was changed on the disk"):
        workload_files("my-net")
    file.unlink()
    with pytest.raises(Exception, match="is not in"):
        workload_files("my-net")


def test_uploads_can_be_variants_of_one_another(ada: Uploader) -> None:
    wider = SMALL_PARAM.replace(b"0=16 1=16", b"0=32 1=32")  # the same weights on a larger picture
    assert ada.upload("my-large", param=wider, bin=small_bin()).status_code == 201
    assert ada.upload("my-small", param=SMALL_PARAM, bin=small_bin(seed=2)).status_code == 201
    row = ["my-large", "my-small"]
    asked = {"networks": row, "accuracies": [0.7, 0.6], "period_ms": 5, "duration_s": 60}
    run = submit(Wish("shifting", asked), None)
    assert run.spec.benchmark.loads()[0].workloads == tuple(row)
    for name in row:
        assert ada.delete(name).status_code == 409, "a run waits for it"
    with pytest.raises(Refused) as refused:
        submit(Wish("shifting", {**asked, "networks": ["my-small", "my-large"]}), None)
    assert "name the largest first" in str(refused.value)


def test_a_network_in_a_tenants_family_cannot_be_removed_and_one_named_alike_can(
    ada: Uploader,
) -> None:
    for name, side in (("my.large", b"256"), ("my.small", b"192"), ("my-small", b"192"),
                       ("large", b"256")):  # fmt: skip
        param = SMALL_PARAM.replace(b"0=16 1=16", b"0=" + side + b" 1=" + side)
        assert ada.upload(name, param=param, bin=small_bin()).status_code == 201
    tenants = "resnet50:74:400,my.large=70+my.small=60:65:300"
    asked = {"tenants": tenants, "fewest": 1, "most": 2, "duration_s": 10}
    submit(Wish("multi_tenant", asked), None)
    answers = {name: ada.delete(name).status_code for name in
               ("my.large", "my.small", "my-small", "large")}  # fmt: skip
    assert answers == {"my.large": 409, "my.small": 409, "my-small": 200, "large": 200}


def test_our_own_workloads_cannot_be_removed(ada: Uploader) -> None:
    assert ada.delete("resnet50").status_code == 409
    assert ada.delete("nobody").status_code == 404


def test_a_token_needs_the_scope() -> None:
    reader = Uploader(("runs:read",))
    answer = reader.upload("my-net", param=SMALL_PARAM, bin=small_bin())
    assert answer.status_code == 403
    assert "workloads:write" in answer.json()["error"]["message"]
    assert reader.delete("my-net").status_code == 403


def test_a_run_of_an_unknown_workload_names_what_there_is(ada: Uploader) -> None:
    ada.upload("my-net", param=SMALL_PARAM, bin=small_bin())
    body = {"benchmark": "thermal_soak", "params": {"workload": "my-nett"}}
    answer = ada.client.post("/api/v1/runs", json.dumps(body), content_type="application/json")
    assert "Did you mean 'my-net'?" in error_of(answer)["message"]


def test_a_path_is_no_workload_of_a_farm(ada: Uploader, tmp_path: Path) -> None:
    (tmp_path / "secret.param").write_bytes(SMALL_PARAM)
    (tmp_path / "secret.bin").write_bytes(small_bin())
    with pytest.raises(Refused, match="There is no workload"):
        submit(wish(str(tmp_path / "secret.param")), None)


def test_the_command_takes_a_file_and_what_lies_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "my-net.param"
    path.write_bytes(SMALL_PARAM)
    with pytest.raises(CommandError, match=r"my-net\.bin cannot be read"):
        call_command("upload_workload", str(path))
    path.with_suffix(".bin").write_bytes(small_bin())
    call_command("upload_workload", str(path))
    assert "my-net is stored" in capsys.readouterr().out
    path.with_suffix(".bin").write_bytes(small_bin(seed=2))
    with pytest.raises(CommandError, match="name: the name my-net belongs to another network"):
        call_command("upload_workload", str(path))


def test_a_body_that_is_too_large_is_refused_before_anybody_reads_it() -> None:
    sent = asyncio.run(asked("/api/v1/runs", length=str(5 * 2**20)))
    assert sent[0]["status"] == 413
    assert b"may send at most 4194304 bytes" in sent[1]["body"]
    assert asyncio.run(asked("/api/v1/workloads", length=str(5 * 2**20)))[0]["status"] == 200
    assert asyncio.run(asked("/api/v1/workloads", length="-1"))[0]["status"] == 413


def test_a_body_that_is_longer_than_it_says_is_cut_off() -> None:
    sent = asyncio.run(asked("/api/v1/runs", length="10", body=bytes(5 * 2**20)))
    assert sent[0]["status"] == 499


async def asked(path: str, length: str, body: bytes = b"") -> list[dict[str, Any]]:
    """Return what is answered to one request by an application that reads it whole."""
    sent: list[dict[str, Any]] = []

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        is_whole = (await receive())["type"] == "http.request"
        await send({"type": "http.response.start", "status": 200 if is_whole else 499})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"path": path, "headers": [(b"content-length", length.encode())]}
    await BodyLimit(application)(scope, receive, send)
    return sent
