"""The page that takes networks in: what is wrong stands beside its field."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fleet.models import UploadedWorkload
from tests.benchmarks.networks import SMALL_PARAM, small_bin

pytestmark = pytest.mark.django_db

GOOD = {"my-net.param": SMALL_PARAM, "my-net.bin": small_bin()}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where uploaded files lie; there is no converter here."""
    monkeypatch.setenv("SIMMER_DATA", str(tmp_path))
    monkeypatch.setenv("SIMMER_WORKLOADS", str(tmp_path / "workloads"))
    return tmp_path


def upload(
    person: Client, files: dict[str, bytes], name: str = "my-net", input_shape: str = ""
) -> tuple[int, str]:
    chosen = [SimpleUploadedFile(file, data) for file, data in files.items()]
    body = {"name": name, "input_shape": input_shape, "files": chosen}
    answer = person.post("/workloads/upload", body, follow=True)
    return answer.status_code, answer.content.decode()


def test_a_network_is_taken_listed_and_offered_to_runs(person: Client) -> None:
    status, html = upload(person, GOOD)
    assert status == 200
    assert "my-net is stored: runs may name it now." in html
    assert "3 × 16 × 16" in html
    assert 'href="/runs/new?params.workload=my-net"' in html
    form = person.get("/runs/new?params.workload=my-net").content.decode()
    assert '<option value="my-net" selected' in form
    assert "workload=path/to/my-net.param" in form
    form = person.get(
        "/runs/new?benchmark=shifting&params.networks=my-net,resnet50-0.25&params.accuracies=0.7,0.6"
    ).content.decode()
    assert "networks=path/to/my-net.param,resnet50-0.25" in form
    row = "resnet50=76%2Bmy-net=60:70:300,mobilenet_v2:68:150"
    form = person.get(f"/runs/new?benchmark=multi_tenant&params.tenants={row}").content.decode()
    assert "tenants=resnet50=76+path/to/my-net.param=60:70:300,mobilenet_v2:68:150" in form


@pytest.mark.parametrize(
    ("files", "typed", "field", "message"),
    [
        ({}, {}, "files", "No file: choose a .param and its .bin, or one .onnx"),
        ({"a.param": SMALL_PARAM}, {}, "files", "choose its .bin as well"),
        ({"a.exe": b"MZ"}, {}, "files", "The file a.exe ends not in"),
        ({"a.bin": b"", "b.bin": b""}, {}, "files", "Two files end in .bin"),
        (GOOD | {"my-net.bin": small_bin()[:-4]}, {}, "files", "ends inside layer &#x27;fc&#x27;"),
        (GOOD, {"name": "resnet50"}, "name", "one of Simmer&#x27;s own workloads"),
        (GOOD, {"name": "<b>"}, "name", "name &#x27;&lt;b&gt;&#x27; must be"),
        (GOOD, {"input_shape": "3,9"}, "input_shape", "must be channels, height and width"),
        ({"a.onnx": b"nothing"}, {}, "files", "This is no ONNX file"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    person: Client, files: dict[str, bytes], typed: dict[str, str], field: str, message: str
) -> None:
    status, html = upload(person, files, **typed)
    assert status == 422
    error = html.split(f'id="id_{field}_error"')[1].split("</p>")[0]
    assert message in error
    assert not UploadedWorkload.objects.exists()


def test_the_page_says_how_to_get_the_converter(person: Client) -> None:
    html = person.get("/workloads/upload").content.decode()
    assert "python -m benchmarks convert --fetch" in html


def test_a_network_is_removed_with_a_word(person: Client) -> None:
    upload(person, GOOD)
    row = UploadedWorkload.objects.get()
    html = person.post(f"/workloads/{row.pk}/removal", follow=True).content.decode()
    assert "my-net is removed." in html
    assert "None yet." in html
