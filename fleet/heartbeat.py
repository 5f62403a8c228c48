"""A worker's sign of life in the database: without one its host is offered no runs."""

import logging
import threading

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from fleet.stopping import STOPPING

log = logging.getLogger(__name__)

EVERY_S = 5.0
AGAIN_S = 0.25  # a worker may be ready before the tables are, and its host waits for the beat


def start() -> None:
    """Beat in a thread of this worker's process until it stops."""
    threading.Thread(target=_beat_until_stopped, name="heartbeat", daemon=True).start()


def _beat_until_stopped() -> None:
    # This module is imported before Django's apps are loaded, hence no import of the model.
    hosts = apps.get_model("fleet", "Host").objects
    while True:
        pause_s = EVERY_S
        try:
            hosts.update_or_create(name=settings.HOST_NAME, defaults={"worker_at": timezone.now()})
        except DatabaseError as error:
            log.warning("no heartbeat: %s", error)
            connection.close()
            pause_s = AGAIN_S
        if STOPPING.wait(pause_s):
            connection.close()
            return
