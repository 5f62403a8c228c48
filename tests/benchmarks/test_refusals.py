"""The terminal refuses what cannot be: a sentence, exit code 2, and an untouched phone."""

from collections.abc import Iterator

import pytest

from benchmarks.__main__ import main
from benchmarks.specs import SpecError, parse
from devices.phone import connect
from tests.parts.adb import VirtualPhones, virtual_phones
from tests.refusals import OF_THE_PHONE, OF_THE_WISH, Asked


@pytest.fixture(scope="module")
def farm() -> Iterator[VirtualPhones]:
    with virtual_phones("honor-v30-pro", speed=50) as phones:
        yield phones


def command(asked: Asked, serial: str) -> list[str]:
    words = ["run", asked.benchmark, "--serial", serial, "--policy", asked.policy["kind"]]
    policy = {f"policy.{name}": value for name, value in asked.policy.items() if name != "kind"}
    for name, value in (asked.params | policy).items():
        words += ["--param", f"{name}={value}"]
    return words


def check(asked: Asked, shown: str) -> None:
    assert all(words in shown for words in asked.words), shown
    assert "{'" not in shown  # a person's sentence, not a dump of what was asked


@pytest.mark.parametrize("asked", OF_THE_WISH, ids=lambda asked: asked.name)
def test_a_wish_is_refused_before_a_phone_is_looked_for(
    asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(asked, "nobody")) == 2
    check(asked, capsys.readouterr().err)
    with pytest.raises(SpecError) as refused:
        parse({"benchmark": {"kind": asked.benchmark, **asked.params}, "policy": asked.policy})
    assert refused.value.field == asked.place


def test_what_a_phone_lacks_is_refused_before_anything_is_pushed(
    farm: VirtualPhones, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(farm.server.port))
    for asked in OF_THE_PHONE:
        assert main(command(asked, farm.serials[0])) == 2, asked.name
        check(asked, capsys.readouterr().err)
    phone = connect(farm.serials[0], server=farm.server)
    assert "simmer" not in phone.run(["ls", "/data/local/tmp"]).stdout.split()


def test_the_same_wishes_without_their_mistake_are_accepted() -> None:
    for asked in (*OF_THE_WISH, *OF_THE_PHONE):
        parse({"benchmark": {"kind": asked.benchmark}})
