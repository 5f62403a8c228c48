"""The pages of experiments and comparisons in a real browser: reachable, clean, in every size."""

from collections.abc import Callable

import pytest

from fleet.models import Device
from tests.frontend.paired_runs import experiment_of
from tests.parts.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1600, "dark")])
def test_the_pages_fit_their_window_and_everybody(
    visit: Callable[..., Visit], honor: Device, width: int, scheme: str
) -> None:
    experiment = experiment_of(honor)
    tab = visit(width=width, color_scheme=scheme)
    for path in (
        f"/reports/comparison?experiment={experiment.pk}",
        f"/experiments/{experiment.pk}/",
        "/experiments/new",
    ):
        tab.open(path)
        assert tab.overhang_px <= 0, path
        assert tab.violations == [], path
        assert tab.accessibility_faults() == [], path
    assert tab.complaints == []


def test_a_verdict_is_told_by_its_mark_its_word_and_its_place(
    visit: Callable[..., Visit], honor: Device
) -> None:
    experiment = experiment_of(honor)
    tab = visit(f"/reports/comparison?experiment={experiment.pk}")
    row = tab.page.locator(".changes tr", has_text="Latency p50")
    assert row.locator(".state").inner_text().replace("\n", " ") == "+ worse"
    zero, estimate = (
        row.locator(f".interval__{part}").bounding_box() for part in ("zero", "estimate")
    )
    assert zero is not None
    assert estimate is not None
    assert estimate["x"] > zero["x"] + 10  # more, and more is worse here
