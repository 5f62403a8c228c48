"""What adb's shell and files are on any device: words arrive as words, answers arrive whole."""

import secrets

import pytest

from devices import cpuinfo, properties
from devices.clock import HOST
from devices.dumpsys import battery
from devices.phone import Phone
from devices.root import ask
from devices.sysfs.thermal import read_zones

TMP = "/data/local/tmp"


def test_output_errors_and_status_are_kept_apart(phone: Phone) -> None:
    done = phone.run(["sh", "-c", "echo out; echo err >&2; exit 7"])
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 7)


@pytest.mark.parametrize("word", ["two words", "$HOME", "a'b\"c", "*", "", "ä€", "-n", "a\\nb;id"])
def test_a_word_arrives_as_it_was(phone: Phone, word: str) -> None:
    assert phone.run(["printf", "%s", word]).stdout == word


def test_a_program_that_is_not_there_is_told_by_its_status(phone: Phone) -> None:
    done = phone.run(["no-such-program"])
    assert done.returncode == 127
    assert "not found" in done.stderr


def test_a_long_answer_arrives_whole(phone: Phone) -> None:
    script = "i=0; while [ $i -lt 3000 ]; do echo line $i of a long answer; i=$((i+1)); done"
    lines = phone.run(["sh", "-c", script], timeout_s=30).stdout.splitlines()
    assert lines == [f"line {number} of a long answer" for number in range(3000)]


def test_what_is_pushed_comes_back(phone: Phone) -> None:
    path, data = f"{TMP}/conformance-file", secrets.token_bytes(300_000)
    phone.push(data, path)
    try:
        assert phone.pull(path) == data
        assert phone.run(["wc", "-c", path]).stdout.split()[0] == str(len(data))
    finally:
        phone.run(["rm", "-f", path])
    assert phone.run(["ls", path]).returncode != 0


def test_properties_are_whole_and_say_who_it_is(phone: Phone) -> None:
    report = properties.read(phone)
    assert not report.truncated
    assert report.identity.model
    assert report.identity.abis
    one = phone.run(["getprop", "ro.product.model"]).stdout
    assert one == f"{report.props['ro.product.model']}\n"


def test_time_since_boot_goes_on(phone: Phone) -> None:
    before_ns = phone.now_ns()
    HOST.wait(0.05)
    assert phone.now_ns() > before_ns


def test_cores_are_listed(phone: Phone) -> None:
    report = cpuinfo.read(phone)
    assert report is not None
    assert report.n >= 1
    assert report.complete or report.single_part is not None or report.arch == "arm"


def test_zones_and_battery_read_within_reason(phone: Phone) -> None:
    warm = [zone.c for zone in read_zones(phone).zones if zone.c is not None]
    assert all(-30 <= celsius <= 150 for celsius in warm)
    report = battery.read(phone)
    if report is not None and report.present:
        assert report.level_pct is not None
        assert 0 <= report.level_pct <= 100


def test_who_asks_for_root_gets_an_answer(phone: Phone) -> None:
    as_root, report = ask(phone)
    assert (as_root is not None) is report.root
    reasons = ("root", "restricted", "not_root", "no_su", "bad_syntax", "denied", "no_answer")
    assert report.reason in reasons
