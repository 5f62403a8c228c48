"""What a plot must know beside the trace itself."""

from typing import Any

from fleet.models import Run


def trace_facts(run: Run) -> dict[str, Any]:
    """Return what the page of a run gives its plot, as JSON.

    `spans` are the throttled stretches of the analysis [s since the load started]; None before
    there is one, and the plot shades what it sees itself.
    """
    return {"spans": run.details.get("throttled") if run.analysis is not None else None}
