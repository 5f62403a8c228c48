"""From a plan to what the silicon does: blobs become stretches of layers, knobs become clocks."""

from collections.abc import Sequence
from itertools import pairwise

from devices.virtual.agent.body import PlanOrder, Refused, RungOrder, WindowsOrder
from devices.virtual.kernel.course import Points, Route, Rung
from devices.virtual.kernel.plan_clocks import PlanClocks
from devices.virtual.kernel.windows import Windows
from devices.virtual.physics.cpu import Work

_US_PER_S = 1e6


def route_of(order: PlanOrder, work: Work, clocks: PlanClocks) -> Route:
    """Return a plan's route through a network; raises Refused naming the blob or knob."""
    domains = [_domain(knob, clocks) for knob in order.knobs]
    windows = _windows(order.windows, clocks) if order.windows else None
    delayed = [*domains, *([windows.domain] if windows else [])]
    return Route(
        works=_stretches(order.to, work),
        rungs=tuple(_rung(rung, domains, clocks) for rung in order.rungs),
        delays_ns={domain: clocks.delay_ns(domain) for domain in delayed},
        budget_s=order.budget_us / _US_PER_S,
        patience_s=order.patience_us / _US_PER_S,
        every=order.every,
        windows=windows,
    )


def _windows(order: WindowsOrder, clocks: PlanClocks) -> Windows:
    domain = _domain(order.knob, clocks)
    if not clocks.is_memory(domain):
        raise Refused("knob", f"windows watch the memory's traffic, and {order.knob} is no memory")
    low, high = (_point(domain, value, clocks) for value in (order.low, order.high))
    seconds = order.us / _US_PER_S
    most_bytes = order.at_pm / 1000 * clocks.bytes_per_s(low) * seconds
    return Windows(domain, low, high, order.us * 1000, most_bytes)


def _domain(knob: str, clocks: PlanClocks) -> int:
    domain = clocks.domain_of(knob)
    if domain is None:
        raise Refused("knob", f"a plan cannot set {knob}; it can set {', '.join(clocks.knobs)}")
    if not clocks.is_users(domain):
        thing = knob.partition(".")[0]
        raise Refused("knob", f"{knob} needs the governor userspace: set {thing}.gov first")
    return domain


def _stretches(to: Sequence[str], work: Work) -> tuple[Work, ...]:
    ends = [0]
    made = {layer.blob: number for number, layer in enumerate(work.layers, start=1)}
    for blob in to:
        if blob and blob not in made:
            raise Refused("no_blob", f"{work.name} has no layer that makes {blob[:64]!r}")
        end = made[blob] if blob else len(work.layers)
        if end <= ends[-1]:
            raise Refused("no_blob", f"segment to {blob or 'the output'!r} has no layer in it")
        ends.append(end)
    if ends[-1] != len(work.layers):
        raise Refused("no_blob", "the last segment must end with the output")
    return tuple(Work(work.name, work.layers[a:b]) for a, b in pairwise(ends))


def _rung(rung: RungOrder, domains: Sequence[int], clocks: PlanClocks) -> Rung:
    points: list[Points] = [
        tuple(
            (domain, _point(domain, value, clocks))
            for domain, value in zip(domains, row, strict=True)
        )
        for row in rung.values
    ]
    tails_s, left_s = [], 0.0
    for us in reversed(rung.us):
        left_s += us / _US_PER_S
        tails_s.append(left_s)
    return Rung(tuple(points), tuple(reversed(tails_s)))


def _point(domain: int, value: int, clocks: PlanClocks) -> int:
    if value not in clocks.values(domain):
        listed = " ".join(map(str, clocks.values(domain)))
        raise Refused("bad_arg", f"{clocks.knobs[domain]} can be {listed}, not {value}")
    return clocks.values(domain).index(value)
