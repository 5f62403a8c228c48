"""`manage.py reanalyze`: metrics and verdicts anew from stored traces; no phone is touched."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from pydantic import ValidationError

from benchmarks.analysis.metrics import ANALYSIS_VERSION
from fleet.analysis import reanalyze
from fleet.lifecycle.run import State
from fleet.models import Run


class Command(BaseCommand):
    """Bring runs up to the present analysis."""

    help = "Draw metrics and verdicts anew from stored traces."

    def add_arguments(self, parser: Any) -> None:
        """Take the runs."""
        parser.add_argument("runs", nargs="*", type=int, metavar="RUN")
        parser.add_argument(
            "--outdated", action="store_true", help="all runs that an older analysis has judged"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through the runs; one line each."""
        if bool(options["runs"]) == options["outdated"]:
            raise CommandError("name the runs, or say --outdated")
        rows = Run.objects.filter(state=State.COMPLETED, attempt__gt=0).order_by("pk")
        if options["runs"]:
            rows = rows.filter(pk__in=options["runs"])
            missing = sorted(set(options["runs"]) - set(rows.values_list("pk", flat=True)))
            if missing:
                raise CommandError(f"run {missing[0]} is not there, or is not completed")
        else:
            rows = rows.exclude(analysis=ANALYSIS_VERSION)
        kept: list[int] = []
        for run in rows.iterator():
            before = f"{run.verdict}, analysis {run.analysis}"
            try:
                reanalyze(run)
            except ValidationError as error:  # it was asked for before its rule was made
                kept.append(run.pk)
                self.stderr.write(f"run {run.pk} keeps {before}: {_first(error)}")
                continue
            run.refresh_from_db()
            self.stdout.write(f"run {run.pk}: {before} -> {run.verdict}, analysis {run.analysis}")
        if kept:
            raise CommandError(f"{len(kept)} runs cannot be read by the rules of today")


def _first(error: ValidationError) -> str:
    return error.errors()[0]["msg"]
