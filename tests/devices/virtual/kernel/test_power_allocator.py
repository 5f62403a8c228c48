"""The power_allocator to the milliwatt, as worked out by hand from the kernel's source."""

from dataclasses import replace

import pytest

from devices.virtual.kernel.power_allocator import (
    Errors,
    Gains,
    Share,
    budget,
    default_gains,
    divide,
)

CELSIUS = (66, 70, 74, 75, 75.5, 76, 76, 75.5, 75, 74.5, 74)
BUDGETS = [7268, 7268, 5399, 4500, 4230, 3916, 3826, 4005, 4230, 4680, 5129]
GAINS = default_gains(4500, switch_on_mc=65_000, control_mc=75_000)


def budgets(gains: Gains) -> list[int]:
    """Follow the temperatures of the vector with 4500 mW sustainable and 7268 mW at most."""
    errors, seen = Errors(), []
    for celsius in CELSIUS:
        power, errors = budget(round(celsius * 1000), 75_000, 4500, 7268, gains, errors)
        seen.append(power)
    return seen


def test_the_constants_that_the_kernel_chooses() -> None:
    assert (GAINS.k_po, GAINS.k_pu, GAINS.k_i) == (460, 921, 92)


def test_the_budget_follows_the_vector() -> None:
    assert budgets(GAINS) == BUDGETS


@pytest.mark.parametrize("broken", [{"k_po": 0}, {"k_pu": 0}, {"k_i": 0}, {"cutoff_mc": 1000}])
def test_without_one_of_its_constants_it_leaves_the_vector(broken: dict[str, int]) -> None:
    assert budgets(replace(GAINS, **broken)) != BUDGETS


@pytest.mark.parametrize(
    ("requests", "granted"),
    [((400, 2600), (706, 2294)), ((900, 300), (980, 2020)), ((0, 0), (0, 0))],
)
def test_the_budget_is_split_by_weight_and_what_is_left_over_goes_to_who_can_use_it(
    requests: tuple[int, int], granted: tuple[int, int]
) -> None:
    little, big = requests
    assert divide(3000, [Share(little, 980), Share(big, 6288, weight=512)]) == granted


def test_nothing_is_granted_beyond_the_budget() -> None:
    shares = [Share(5000, 6000), Share(5000, 6000), Share(1, 6000)]
    assert sum(divide(4000, shares)) <= 4001, "each share is rounded to the nearest milliwatt"
