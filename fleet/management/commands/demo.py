"""`manage.py demo`: a soak on every idle virtual phone, so that there is something to see."""

from typing import Any

from django.core.management.base import BaseCommand

from devices.clock import HOST, NS_PER_S
from fleet.lifecycle.device import State
from fleet.lifecycle.run import ENDED
from fleet.models import Device, Run
from fleet.submission import Wish, submit

PATIENCE_S = 30.0
LABELS = {"demo": "first start"}


class Command(BaseCommand):
    """Queue the demonstration."""

    help = "Queue a one-hour soak on each virtual phone that has nothing to do."

    def add_arguments(self, parser: Any) -> None:
        """Take the number of phones to wait for."""
        parser.add_argument("--phones", type=int, default=1, help="wait for so many idle phones")

    def handle(self, *args: Any, **options: Any) -> None:
        """Wait for the phones, then queue."""
        deadline = HOST.now_ns() + PATIENCE_S * NS_PER_S
        while len(_free_phones()) < options["phones"] and HOST.now_ns() < deadline:
            HOST.wait(0.1)
        for device in _free_phones():
            run = submit(
                Wish(
                    "thermal_soak",
                    params={"workload": "resnet50", "duration_s": 3600},
                    device=device.serial,
                    labels=LABELS,
                    seed=1,
                ),
                by=None,
            )
            self.stdout.write(f"run {run.pk} on {device}")


def _free_phones() -> list[Device]:
    busy = Run.objects.exclude(state__in=ENDED).values_list("wanted_id", flat=True)
    rows = Device.objects.filter(kind="virtual", state=State.IDLE)
    return [device for device in rows if device.pk not in set(busy)]
