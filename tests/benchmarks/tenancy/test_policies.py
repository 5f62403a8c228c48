"""Who gets what: the story of each policy, and how far the greedy ones are from the best."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.policies.tenancy.base import TenancyPolicy
from benchmarks.policies.tenancy.cached import Cached
from benchmarks.policies.tenancy.equal_shares import EqualShares
from benchmarks.policies.tenancy.exhaustive import Exhaustive
from benchmarks.policies.tenancy.greedy_fps import GreedyFps
from benchmarks.policies.tenancy.min_max import MinMax
from benchmarks.policies.tenancy.min_total import MinTotal
from benchmarks.policies.tenancy.status_quo import StatusQuo
from benchmarks.policies.tenancy.tenants import Allotment, Rung, Tenant, cost, resident_mb

PLENTY_MB = 1e6


def tenant(
    name: str,
    *rungs: tuple[float, float, float],
    wants_pct: float = 70.0,
    within_s: float = 0.1,
    knee: int = 0,
) -> Tenant:
    """Return a tenant of (accuracy %, latency s, MB)."""
    made = tuple(Rung(f"{name}-{at}", *rung) for at, rung in enumerate(rungs))
    return Tenant(name, made, wants_pct, within_s, knee)


LIGHT = tenant("light", (68, 0.01, 10), (72, 0.02, 20))
HEAVY = tenant("heavy", (70, 0.04, 40), (80, 0.12, 120), knee=1)


def costs(tenants: list[Tenant], places: Allotment, alpha: float = 0.04) -> list[float]:
    """Return what each tenant's place costs."""
    return [cost(t, places[t.name].rung, places[t.name].share, alpha) for t in tenants]


def test_the_cost_is_missing_accuracy_and_lateness() -> None:
    assert cost(HEAVY, 1, 1.0, 0.04) == pytest.approx(70 - 80 + 0.04 * 20)
    assert cost(HEAVY, 1, 0.5, 0.04) == pytest.approx(70 - 80 + 0.04 * 140)
    assert cost(LIGHT, 0, 0.5, 0.04) == pytest.approx(2.0)  # being early is worth nothing


@pytest.mark.parametrize("policy", [MinTotal(), MinMax(), Cached(), GreedyFps()])
def test_all_of_the_phone_is_given_out_and_nobody_gets_nothing(policy: TenancyPolicy) -> None:
    places = policy.sharing().allot([LIGHT, HEAVY], PLENTY_MB)
    assert sum(place.share for place in places.values()) == pytest.approx(1.0)
    assert min(place.share for place in places.values()) > 0


def test_without_a_price_on_lateness_everybody_takes_the_most_accurate() -> None:
    places = MinTotal(alpha=0).sharing().allot([LIGHT, HEAVY], PLENTY_MB)
    assert {name: place.rung for name, place in places.items()} == {"light": 1, "heavy": 1}


def test_with_a_high_price_small_variants_win() -> None:
    places = MinTotal(alpha=10).sharing().allot([LIGHT, HEAVY], PLENTY_MB)
    assert places["heavy"].rung == 0


def test_min_max_helps_whom_min_total_gives_up() -> None:
    """Two that are cheap to please outweigh one that is not, unless the worst one counts."""
    hard = tenant("hard", (50, 0.5, 10), wants_pct=70)
    easy = [tenant(name, (60, 0.06, 10), (75, 0.12, 20)) for name in ("a", "b")]
    total = MinTotal(alpha=0.05).sharing().allot([hard, *easy], PLENTY_MB)
    worst = MinMax(alpha=0.05).sharing().allot([hard, *easy], PLENTY_MB)
    assert worst["hard"].share > total["hard"].share
    everyone = [hard, *easy]
    assert max(costs(everyone, worst, 0.05)) < max(costs(everyone, total, 0.05))
    assert sum(costs(everyone, worst, 0.05)) > sum(costs(everyone, total, 0.05))


@pytest.mark.parametrize("policy", [MinTotal(alpha=0.05), MinMax(alpha=0.05)])
def test_who_has_priority_gets_more_of_the_phone(policy: TenancyPolicy) -> None:
    twins = [tenant(name, (60, 0.1, 10), (75, 0.2, 20), wants_pct=80) for name in ("a", "b")]
    even = policy.sharing().allot(twins, PLENTY_MB)
    first = policy.sharing().allot([replace(twins[0], priority=3.0), twins[1]], PLENTY_MB)
    assert even["a"].share == pytest.approx(even["b"].share, abs=0.02)
    assert first["a"].share > first["b"].share + 0.1


def test_memory_is_freed_where_a_megabyte_costs_least() -> None:
    free = MinTotal(alpha=0).sharing().allot([LIGHT, HEAVY], PLENTY_MB)
    tight = MinTotal(alpha=0).sharing().allot([LIGHT, HEAVY], 135)
    assert resident_mb([LIGHT, HEAVY], free) == 140
    # The heavy one loses 10 points for 80 MB, the light one 4 for 10: the heavy one is cheaper.
    assert (tight["light"].rung, tight["heavy"].rung) == (1, 0)


def test_tenants_that_can_never_fit_are_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"light, heavy need 50\.0 MB .* may use 30 MB"):
        MinTotal().sharing().allot([LIGHT, HEAVY], 30)


def test_a_family_that_gets_worse_as_it_grows_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"'odd': odd-1 costs more than odd-0 and is less accurate"
    ):
        tenant("odd", (70, 0.1, 10), (60, 0.2, 20))


def test_today_everybody_gets_the_same_time_and_the_newest_is_swapped_out() -> None:
    places = StatusQuo().sharing().allot([HEAVY, LIGHT], 125)
    assert (places["heavy"].rung, places["heavy"].share) == (1, 1.0)
    assert places["light"].share == 0.0


def test_today_an_application_brings_the_network_that_was_trained_alone() -> None:
    own = Rung("heavy-alone", 74, 0.12, 110)
    heavy = replace(HEAVY, alone=own)
    places = StatusQuo().sharing().allot([heavy, LIGHT], 125)
    assert heavy.at(places["heavy"]) is own
    assert LIGHT.at(places["light"]) is LIGHT.rungs[0]  # it has none of its own
    assert places["light"].share > 0  # 110 + 10 MB fit, 120 + 10 would not
    nested = MinTotal(alpha=0).sharing().allot([heavy, LIGHT], PLENTY_MB)
    assert heavy.at(nested["heavy"]) is heavy.rungs[1]


def test_equal_shares_take_the_end_they_are_asked_for() -> None:
    for policy, rung in ((EqualShares(size="largest"), 1), (EqualShares(size="smallest"), 0)):
        places = policy.sharing().allot([LIGHT, HEAVY], PLENTY_MB)
        assert {(place.rung, place.share) for place in places.values()} == {(rung, 0.5)}


def test_greedy_fps_gives_all_the_same_frame_rate() -> None:
    places = GreedyFps().sharing().allot([LIGHT, HEAVY], PLENTY_MB)
    rates = {places[t.name].share / t.rungs[places[t.name].rung].latency_s for t in (LIGHT, HEAVY)}
    assert len({round(rate, 9) for rate in rates}) == 1
    assert (places["light"].rung, places["heavy"].rung) == (1, 0)


def test_a_cached_allotment_starts_from_the_last_full_one() -> None:
    full = MinTotal().sharing()
    sharing = Cached(full_every=100).sharing()
    both = [LIGHT, HEAVY]
    assert sharing.allot(both, PLENTY_MB) == full.allot(both, PLENTY_MB)
    third = tenant("third", (65, 0.03, 10), (75, 0.05, 20))
    resumed = sharing.allot([*both, third], PLENTY_MB)
    assert sum(place.share for place in resumed.values()) == pytest.approx(1.0)
    fresh = full.allot([*both, third], PLENTY_MB)
    everyone = [*both, third]
    assert sum(costs(everyone, resumed)) <= sum(costs(everyone, fresh)) + 2.0


def test_the_oracle_refuses_what_it_could_not_finish() -> None:
    with pytest.raises(ValueError, match="at most 3 tenants, not 4"):
        Exhaustive().sharing().allot([LIGHT] * 4, PLENTY_MB)


@st.composite
def families(draw: st.DrawFn) -> list[Tenant]:
    """Return two or three tenants with two or three rungs each."""
    made = []
    for name in ("a", "b", "c")[: draw(st.integers(2, 3))]:
        count = draw(st.integers(2, 3))
        accuracies = sorted(draw(st.lists(st.floats(50, 90), min_size=count, max_size=count)))
        latencies = sorted(draw(st.lists(st.floats(0.005, 0.2), min_size=count, max_size=count)))
        sizes = [10.0 * (at + 1) for at in range(count)]
        made.append(tenant(name, *zip(accuracies, latencies, sizes, strict=True)))
    return made


@settings(max_examples=40, deadline=None)
@given(families(), st.sampled_from([0.01, 0.05, 0.2]))
def test_nothing_beats_the_oracle_on_its_own_grid(tenants: list[Tenant], alpha: float) -> None:
    oracle = Exhaustive(alpha=alpha, unit=0.1).sharing().allot(tenants, PLENTY_MB)
    greedy = MinTotal(alpha=alpha, unit=0.1).sharing().allot(tenants, PLENTY_MB)
    assert sum(costs(tenants, oracle, alpha)) <= sum(costs(tenants, greedy, alpha)) + 1e-9
    worst = Exhaustive(alpha=alpha, unit=0.1, objective="max").sharing().allot(tenants, PLENTY_MB)
    fair = MinMax(alpha=alpha, unit=0.1).sharing().allot(tenants, PLENTY_MB)
    assert max(costs(tenants, worst, alpha)) <= max(costs(tenants, fair, alpha)) + 1e-9
