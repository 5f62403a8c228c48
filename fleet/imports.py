"""Numbers of other tools become runs of kind `imported`: they are shown, and judge nothing."""

from collections.abc import Mapping

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from benchmarks.analysis.metrics import ANALYSIS_VERSION
from benchmarks.imports import TOOLS, read
from benchmarks.imports.imported import Imported, NotImportable
from fleet.lifecycle.run import State
from fleet.models import Event, Metric, Run
from fleet.submission import Refused

KIND = "imported"


def import_results(
    text: str, tool: str, device: str, labels: Mapping[str, str], by: AbstractBaseUser | None
) -> list[Run]:
    """Keep every result in a text as a completed run. Raises Refused, and then nothing is stored.

    device: what it was measured on, in the words of whoever imports it
    """
    try:
        found = read(text, tool)
    except NotImportable as error:
        field = "tool" if tool and tool not in TOOLS else "text"
        raise Refused(str(error), field=field) from None
    with transaction.atomic():
        return [_kept(one, device, labels, by) for one in found]


def _kept(
    found: Imported, device: str, labels: Mapping[str, str], by: AbstractBaseUser | None
) -> Run:
    run = Run.objects.create(
        benchmark=KIND,
        spec_json={"benchmark": {"kind": KIND, "workload": found.name, "tool": found.tool}},
        labels=dict(labels),
        created_by_id=by.pk if by else None,
        state=State.COMPLETED,
        finished_at=timezone.now(),
        device_json={"kind": KIND, "model": device, "speed": 1.0},
        provenance={"tool": found.tool, "facts": dict(found.facts), "unknown": list(found.unknown)},
        analysis=ANALYSIS_VERSION,
    )
    Metric.objects.bulk_create(
        Metric(run=run, analysis=ANALYSIS_VERSION, **metric.as_dict()) for metric in found.metrics
    )
    Event.objects.create(run=run, word=KIND, actor=str(by) if by else "simmer", reason=found.tool)
    return run
