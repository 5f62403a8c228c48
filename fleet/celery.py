"""The Celery application: doorbells on Valkey, nothing more."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

from fleet import heartbeat
from fleet.stopping import STOPPING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

app = Celery("fleet")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["fleet"])


@worker_ready.connect
def _say_so(sender: Any, **_: object) -> None:
    """Let the dispatcher know that this host has a worker."""
    queues = sender.app.amqp.queues.consume_from
    if any(queue.startswith("host.") for queue in queues):
        heartbeat.start()


@worker_shutting_down.connect
def _tell_the_runs(**_: object) -> None:
    """Let the runs of this process restore their phones before it goes."""
    STOPPING.set()
