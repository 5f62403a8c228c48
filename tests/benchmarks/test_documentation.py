"""Each kind and policy documents itself from its own definition."""

import pytest

from benchmarks.__main__ import main
from benchmarks.catalog import CATALOG
from benchmarks.documentation import kind_page, policy_page
from benchmarks.policies import POLICIES


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_a_kind_says_why_it_is_there_and_what_each_parameter_means(name: str) -> None:
    page = kind_page(name)
    assert len(page.why) > 100
    assert {p.name for p in page.parameters} == CATALOG[name].spec_model.model_fields.keys() - {
        "kind"
    }
    assert all(parameter.meaning for parameter in page.parameters)


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_a_policy_says_what_it_does_and_for_which_benchmark(name: str) -> None:
    page = policy_page(name)
    assert page.summary.endswith(".")
    assert dict(page.facts)["for"]
    assert all(parameter.meaning for parameter in page.parameters)


@pytest.mark.parametrize("name", [n for n, spec in POLICIES.items() if "shifting" in spec.suits])
def test_a_shifting_policy_says_why(name: str) -> None:
    assert len(policy_page(name).why) > 100


def test_an_optional_number_shows_its_bounds_and_that_it_may_be_empty() -> None:
    limit = next(p for p in policy_page("dynamic_shifting").parameters if p.name == "t_lim_c")
    assert (limit.default, limit.bounds, limit.unit) == ("empty", "30 … 110", "°C")


def test_the_command_line_shows_a_policy_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "dynamic_shifting"]) == 0
    assert "arXiv 2206.10849" in capsys.readouterr().out
