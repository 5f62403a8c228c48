"""The Celery application: doorbells on Valkey, nothing more."""

import os

from celery import Celery
from celery.signals import worker_shutting_down

from fleet.stopping import STOPPING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

app = Celery("fleet")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["fleet"])


@worker_shutting_down.connect
def _tell_the_runs(**_: object) -> None:
    """Let the runs of this process restore their phones before it goes."""
    STOPPING.set()
