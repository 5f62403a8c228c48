"""What of a planned run is refused before a phone is asked."""

from typing import Any

import pytest

from benchmarks.catalog import CATALOG
from benchmarks.policies import POLICIES
from benchmarks.specs import SpecError, parse

CLOCKS = [name for name, policy in POLICIES.items() if policy.suits == {"dvfs"}]


def refusal(policy: str = "stock", **params: Any) -> str:
    with pytest.raises(SpecError) as refused:
        parse({"benchmark": {"kind": "dvfs", **params}, "policy": {"kind": policy}})
    return str(refused.value)


def test_an_advisory_run_cannot_have_a_policy_that_writes_clocks() -> None:
    for policy in (
        "race_to_idle",
        "userspace_fixed",
        "sysscale_like",
        "predjoule_like",
        "ztt",
        "oracle",
    ):
        assert "mode = 'advisory' does not; use neurobalancer" in refusal(policy, mode="advisory")
    for policy in ("stock", "static_pair", "neurobalancer"):
        parse({"benchmark": {"kind": "dvfs", "mode": "advisory"}, "policy": {"kind": policy}})


def test_a_wrong_number_is_named_with_its_bounds() -> None:
    assert "slack = 0.9: input should be greater than or equal to 1" in refusal(slack=0.9)
    assert "leave `cluster` empty" in refusal(processor="gpu", cluster="big")
    assert "There is no parameter 'core_khz'" in refusal(core_khz=1)


def test_policies_about_clocks_are_for_this_kind_only() -> None:
    assert len(CLOCKS) == 8
    with pytest.raises(SpecError, match="policy neurobalancer is for dvfs, not for thermal_soak"):
        parse({"benchmark": {"kind": "thermal_soak"}, "policy": {"kind": "neurobalancer"}})


@pytest.mark.parametrize("name", CLOCKS)
def test_every_policy_says_why_it_is_there(name: str) -> None:
    policy = POLICIES[name]
    assert len(policy.why) > 100
    assert policy.__doc__


def test_what_is_reconstructed_says_so() -> None:
    words = "algorithm reconstructed from the abstract; the full text was not available"
    assert words in POLICIES["neurobalancer"].source
    assert "reconstructed from the abstract" in str(POLICIES["neurobalancer"].__doc__)
    assert CATALOG["dvfs"].why


def test_only_the_oracle_rehearses_every_pair_of_clocks() -> None:
    asked = {"kind": "dvfs", "grid_cores": 4, "grid_memory": 2, "repeats": 30}
    for policy in (*CLOCKS, "stock"):
        grid = parse({"benchmark": asked, "policy": {"kind": policy}}).grid()
        assert grid is not None
        wanted = (None, None) if policy == "oracle" else (4, 2)
        assert (grid.cores, grid.memory, grid.repeats) == (*wanted, 30)
    least = parse({"benchmark": {"kind": "dvfs"}, "policy": {"kind": "oracle"}}).grid()
    assert least is not None
    assert (least.repeats, least.every) == (10, 1)
