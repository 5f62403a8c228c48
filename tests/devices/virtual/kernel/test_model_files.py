"""The kernel's files are made once per model; what a phone says, allows and changes is its own."""

import errno
import gc
from collections.abc import Iterator
from types import FunctionType, ModuleType

import pytest

from devices.virtual.catalog import load, names
from devices.virtual.clock import PhoneClock
from devices.virtual.kernel import sysfs
from devices.virtual.kernel.clock import Clock
from devices.virtual.kernel.grid import Grid
from devices.virtual.kernel.guard import Guard
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.sysfs import files_of
from devices.virtual.kernel.zones import Zones
from devices.virtual.phone import VirtualPhone
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.inodes import ROOT
from tests.devices.virtual.kernel.files import CPUFREQ, get, put

_CAP = f"{CPUFREQ}/policy0/scaling_max_freq"
_OF_ONE_PHONE = (Grid, Clock, Guard, Zones)


def _held(thing: object) -> Iterator[object]:
    """Yield what an object keeps alive, without the modules that its code lives in."""
    seen, waiting = {id(thing)}, [thing]
    while waiting:
        one = waiting.pop()
        yield one
        parts = [one.__closure__, one.__defaults__] if isinstance(one, FunctionType) else [one]
        for below in gc.get_referents(*parts):
            if id(below) not in seen and not isinstance(below, ModuleType | type):
                seen.add(id(below))
                waiting.append(below)


def _tree(number: int) -> FileTree:
    phone = VirtualPhone(load("pixel-6"), number, ContentStore(), PhoneClock(), 1)
    phone.world()
    return phone.tree.as_user(ROOT)


@pytest.mark.parametrize("name", names())
def test_the_files_of_a_model_keep_nothing_of_a_phone(name: str) -> None:
    files = files_of(Machine(load(name), 1))
    mine = [thing for thing in _held(files) if isinstance(thing, _OF_ONE_PHONE)]
    assert not mine


def test_a_file_that_would_keep_a_phone_is_found() -> None:
    machine = Machine(load("pixel-6"), 1)
    assert any(thing is machine for thing in _held(lambda: machine.now_ns))


def test_phones_of_a_model_share_its_files_and_answer_for_themselves() -> None:
    one, other = Machine(load("pixel-6"), 1), Machine(load("pixel-6"), 2)
    assert one.files is other.files
    before = get(other, _CAP)
    put(one, _CAP, 574000)
    assert get(one, _CAP) == "574000"
    assert get(other, _CAP) == before


def test_a_model_of_ones_own_takes_its_files_along_when_it_goes() -> None:
    spec = load("pixel-6").model_copy(update={"name": "mine"})
    key = id(spec)
    assert Machine(spec, 1).files is sysfs._MODELS[key]
    del spec
    gc.collect()
    assert key not in sysfs._MODELS


def test_changed_rights_stay_on_the_phone_that_changed_them() -> None:
    one, other = _tree(1), _tree(2)
    one.chmod(_CAP, 0o600)
    one.chmod("/sys/class/thermal", 0o700)
    assert one.stat(_CAP).mode & 0o777 == 0o600
    assert one.stat("/sys/class/thermal").mode & 0o777 == 0o700
    assert one.listdir("/sys/class/thermal") == other.listdir("/sys/class/thermal")
    assert other.stat(_CAP).mode & 0o777 == 0o644
    assert other.stat("/sys/class/thermal").mode & 0o777 == 0o755


def test_no_name_of_the_kernel_can_be_taken_away() -> None:
    tree = _tree(1)
    folder = tree.volume.root.entries["sys"]
    with pytest.raises(OSError, match="Operation not permitted"):
        tree.remove(_CAP)
    with pytest.raises(PermissionError) as refused:
        del folder.entries["class"].entries["thermal"]  # type: ignore[attr-defined]
    assert refused.value.errno == errno.EPERM
    assert "thermal" in tree.listdir("/sys/class")
