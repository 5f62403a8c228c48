"""What came of one run, in sentences with numbers."""

from collections.abc import Iterator, Mapping


def sentences_of(found: Mapping[str, float | None]) -> Iterator[str]:
    """Yield the outcome of a run from its metrics."""
    hit, saved = found.get("sla_hit"), found.get("cloud_saved")
    if hit is not None:
        yield f"{hit:.0%} of the answers came in time."
    if saved is not None:
        yield f"The server worked {saved:.0%} less than if it did everything."
    tenants, late = found.get("tenants"), found.get("late_fraction")
    if tenants and late is not None:
        yield f"{tenants:.0f} tenants came, and {late:.1%} of their frames were late."
    onset, fraction, k = (
        found.get(name) for name in ("first_throttle_s", "throttled_fraction", "k")
    )
    if fraction is None:
        yield "Whether it throttled cannot be told: there was no sensor for it."
    elif onset is None:
        yield "It did not throttle."
    else:
        yield f"It throttled after {onset / 60:.1f} min and for {fraction:.0%} of the soak."
    shifts, accuracy = found.get("shifts_per_hour"), found.get("accuracy_estimate")
    if shifts is not None and accuracy is not None:
        yield f"It shifted {shifts:.0f} times per hour; the mix would be {accuracy:.1%} accurate."
    if k is not None:
        yield f"Throttled, an inference took {k:.2f} times as long."
