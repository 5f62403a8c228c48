"""The order of the queue: priority, fairness, age; each phone is given away once."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from fleet.scheduler import Free, Waiting, accepts, match

PIXEL = Free(1, {"kind": "virtual", "model": "Pixel 6", "tags": ["bench", "window"]})
HONOR = Free(2, {"kind": "virtual", "model": "Honor V30 Pro", "tags": []})


def test_the_older_run_of_equal_priority_goes_first() -> None:
    waiting = [Waiting(7, 50, 1, None), Waiting(9, 50, 1, None)]
    assert match(waiting, [PIXEL], Counter()) == [(7, 1)]


def test_a_greater_priority_overtakes_age() -> None:
    waiting = [Waiting(7, 50, 1, None), Waiting(9, 80, 1, None)]
    assert match(waiting, [PIXEL], Counter()) == [(9, 1)]


def test_an_owner_with_nothing_running_goes_before_one_with_much() -> None:
    waiting = [Waiting(7, 50, 1, None), Waiting(9, 50, 2, None)]
    assert match(waiting, [PIXEL], Counter({1: 3})) == [(9, 1)]


def test_a_run_that_wants_a_busy_phone_does_not_hold_up_the_others() -> None:
    waiting = [Waiting(7, 50, 1, 99), Waiting(9, 50, 1, None)]
    assert match(waiting, [PIXEL], Counter()) == [(9, 1)]


def test_a_selector_chooses_by_facts() -> None:
    waiting = [Waiting(7, 50, 1, None, {"model": ["Honor V30 Pro"]})]
    assert match(waiting, [PIXEL, HONOR], Counter()) == [(7, 2)]


def test_tags_must_all_be_there() -> None:
    assert accepts({"tags": ["bench", "window"]}, PIXEL.facts)
    assert not accepts({"tags": ["bench", "metered"]}, PIXEL.facts)


runs = st.builds(
    Waiting,
    run=st.integers(1, 40),
    priority=st.integers(0, 100),
    owner=st.integers(1, 3),
    device=st.none() | st.integers(1, 6),
)


@given(st.lists(runs, max_size=12, unique_by=lambda run: run.run), st.integers(0, 5))
def test_no_phone_and_no_run_is_given_away_twice(waiting: list[Waiting], phones: int) -> None:
    free = [Free(number, {}) for number in range(1, phones + 1)]
    pairs = match(waiting, free, Counter())
    assert len({run for run, _ in pairs}) == len(pairs)
    assert len({device for _, device in pairs}) == len(pairs)
    wants = {run.run: run.device for run in waiting}
    assert all(wants[run] in (None, device) for run, device in pairs)
    unserved = [run for run in waiting if run.run not in dict(pairs) and run.device is None]
    assert not unserved or len(pairs) == phones
