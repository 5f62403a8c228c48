"""The bootstrap makes an environment on a bare machine, once, and says why when it cannot."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BARE_PYTHON = getattr(sys, "_base_executable", sys.executable)
DOCTOR = """
import os, sys
def main(arguments):
    print(sys.prefix, os.getpid(), *arguments)
    return 7
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that needs no package, with a `doctor` that says where it runs."""
    root = tmp_path_factory.mktemp("house")
    (root / "fleet" / "local").mkdir(parents=True)
    shutil.copy(REPOSITORY / "manage.py", root)
    shutil.copy(REPOSITORY / "fleet" / "bootstrap.py", root / "fleet")
    (root / "fleet" / "local" / "doctor.py").write_text(DOCTOR)
    for lock in ("requirements.lock", "requirements-test.lock"):
        (root / lock).write_text("# nothing\n")
    return root


def manage(house: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [BARE_PYTHON, "manage.py", *arguments],
        cwd=house,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_command_runs_inside_the_environment_with_the_pid_that_was_started(house: Path) -> None:
    (house / ".venv" / "requirements.sha256").unlink(missing_ok=True)
    process = manage(house, "doctor", "--port", "1")
    out, err = process.communicate(timeout=60)
    assert out.split() == [str(house / ".venv"), str(process.pid), "--port", "1"]
    assert "installing 0 packages of requirements.lock" in err
    assert process.returncode == 7


def test_the_second_start_asks_pip_nothing(house: Path) -> None:
    manage(house, "doctor").communicate(timeout=60)
    _, err = manage(house, "doctor", PATH="/nowhere").communicate(timeout=60)
    assert err == ""


def test_a_changed_lock_is_installed(house: Path) -> None:
    manage(house, "doctor").communicate(timeout=60)
    (house / "requirements.lock").write_text("# nothing more\n")
    _, err = manage(house, "doctor").communicate(timeout=60)
    assert "installing 0 packages of requirements.lock" in err


def test_an_install_that_was_interrupted_is_done_again(house: Path) -> None:
    manage(house, "doctor").communicate(timeout=60)
    (house / ".venv" / "requirements.sha256").unlink()
    (house / ".venv" / "bin" / "python").unlink()
    out, err = manage(house, "doctor").communicate(timeout=60)
    assert "making" in err
    assert out.startswith(str(house / ".venv"))


def test_a_package_that_cannot_be_had_is_a_sentence_and_no_stamp(house: Path) -> None:
    kept = (house / "requirements.lock").read_text()
    (house / "requirements.lock").write_text(f"simmer-kettle==1 --hash=sha256:{'0' * 64}\n")
    process = manage(house, "doctor", PIP_NO_INDEX="1")
    out, err = process.communicate(timeout=60)
    (house / "requirements.lock").write_text(kept)
    assert process.returncode == 3
    assert out == ""
    assert "pip could not install the locked packages" in err
    assert "simmer-kettle" in err
    assert "Traceback" not in err


def test_an_old_python_is_told_what_is_needed() -> None:
    pretend = "import sys, runpy; sys.version_info = (3, 10, 9, 'final', 0); "
    done = subprocess.run(
        [sys.executable, "-c", pretend + "runpy.run_path('manage.py', run_name='__main__')"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "Simmer needs Python 3.11 or newer, and this is 3.10.9.\n"
    assert done.returncode == 1


def test_nothing_but_the_standard_library_is_needed_to_begin() -> None:
    code = "import fleet.bootstrap, sys; print(*sys.modules)"
    done = subprocess.run(
        [BARE_PYTHON, "-S", "-c", code],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    ours = {"fleet", "fleet.bootstrap", "__main__"}
    first_names = {name.partition(".")[0] for name in set(done.stdout.split()) - ours}
    assert first_names <= set(sys.stdlib_module_names) | {"sitecustomize"}
