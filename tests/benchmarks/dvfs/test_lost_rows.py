"""A phone that had to drop rows of a rehearsal says so, and nobody waits for them."""

from benchmarks.rehearsed import Take
from devices.clock import NS_PER_S
from devices.samples import Event


def event(kind: str, **data: object) -> Event:
    return Event(0, 0, NS_PER_S, kind, data)


def test_a_take_is_over_without_the_rows_that_were_lost() -> None:
    take = Take(ops=2, wanted=8)
    take.notice(event("started"))
    take.add_rows([0, 1, 0, 1, 0], [0.1, 0.2, 0.1, 0.2, 0.1], [])
    take.notice(event("idle"))
    assert not take.is_complete
    take.notice(event("lost", g=3, rows=3, t0=0, t1=1))
    assert take.is_complete
    assert take.times_s().tolist() == [0.1, 0.2]
