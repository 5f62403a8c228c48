"""Each import contract breaks on the wrong import that it is there to catch."""

import copy
from pathlib import Path

import grimp
import pytest
from importlinter.api import read_configuration
from importlinter.application.use_cases import _get_built_in_contract_types

REPOSITORY = Path(__file__).resolve().parents[2]
WRONG = {
    "folders": ("devices.samples", "benchmarks.specs"),
    "plain": ("benchmarks.trial", "django"),
    "blind": ("fleet.discovery", "devices.virtual.catalog"),
    "apart": ("devices.virtual.userspace.files", "devices.sysfs.thermal"),
    "phone": ("devices.virtual.physics.thermal", "devices.virtual.kernel.machine"),
    "sans-io": ("devices.agent.wire", "socket"),
    "adbutils": ("fleet.discovery", "adbutils"),
    "measuring": ("benchmarks.analysis.throttling", "benchmarks.trial"),
    "stories": ("fleet.models.run", "fleet.submission"),
    "starter": ("fleet.local.up", "fleet.models"),
    "pages": ("frontend.views.run", "fleet.traces.store"),
}


CONFIGURATION = read_configuration(str(REPOSITORY / "pyproject.toml"))


@pytest.fixture(scope="module")
def contracts() -> dict[str, dict[str, object]]:
    return {contract["id"]: contract for contract in CONFIGURATION["contracts_options"]}


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    folders = ("frontend", "fleet", "benchmarks", "devices")
    return grimp.build_graph(*folders, include_external_packages=True, cache_dir=None)


def is_kept(contract: dict[str, object], imports: grimp.ImportGraph) -> bool:
    contract_class = dict(_get_built_in_contract_types())[str(contract["type"])]
    options = {key: value for key, value in contract.items() if key not in {"id", "type"}}
    checked = contract_class(str(contract["name"]), CONFIGURATION["session_options"], options)
    return bool(checked.check(copy.deepcopy(imports), verbose=False).kept)


def test_every_contract_has_an_import_to_catch(contracts: dict[str, object]) -> None:
    assert contracts.keys() == WRONG.keys()


@pytest.mark.parametrize(
    ("name", "importer"),
    [
        ("blind", "benchmarks.trial"),
        ("blind", "benchmarks.reproductions.phones"),
        ("apart", "devices.virtual.phone"),
    ],
)
def test_an_exception_is_for_one_door_only(
    name: str,
    importer: str,
    contracts: dict[str, dict[str, object]],
    imports: grimp.ImportGraph,
) -> None:
    """The function that holds a phone in this process may be called; nothing behind it may."""
    wrong = copy.deepcopy(imports)
    behind = "devices.virtual.phone" if name == "blind" else "devices.phone"
    wrong.add_import(importer=importer, imported=behind)
    assert not is_kept(contracts[name], wrong)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_import_breaks_its_contract(
    name: str, contracts: dict[str, dict[str, object]], imports: grimp.ImportGraph
) -> None:
    importer, imported = WRONG[name]
    assert importer in imports.modules
    assert is_kept(contracts[name], imports)
    wrong = copy.deepcopy(imports)
    if imported not in wrong.modules:
        wrong.add_module(imported, is_squashed=True)
    wrong.add_import(importer=importer, imported=imported)
    assert not is_kept(contracts[name], wrong)
