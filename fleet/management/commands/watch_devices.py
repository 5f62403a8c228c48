"""`manage.py watch_devices`: keeps this host's device rows true."""

import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection
from django.utils import timezone

from devices.adb.tracking import Tracker
from devices.errors import DeviceError
from fleet.discovery import Watch
from fleet.models import Host
from fleet.stopping import STOPPING

TURN_S = 0.25
PROBES_AT_ONCE = 4


class Command(BaseCommand):
    """Follow the adb server of this host until stopped."""

    help = "Discover, probe and watch the devices of this host's adb server."

    def handle(self, *args: Any, **options: Any) -> None:
        """Turn until SIGTERM."""
        signal.signal(signal.SIGTERM, lambda *_: STOPPING.set())
        signal.signal(signal.SIGINT, lambda *_: STOPPING.set())
        host, _ = Host.objects.get_or_create(name=settings.HOST_NAME)
        self.stdout.write("ready")
        self.stdout.flush()
        with ThreadPoolExecutor(PROBES_AT_ONCE) as pool, Tracker() as tracker:
            watch = Watch(host, pool)
            while not STOPPING.is_set():
                self._turn(host, watch, tracker)

    def _turn(self, host: Host, watch: Watch, tracker: Tracker) -> None:
        try:
            watch.hear(tracker.listed(TURN_S))
            watch.look_after_all()
            Host.objects.filter(pk=host.pk).update(watcher_at=timezone.now())
        except DeviceError as error:
            self.stderr.write(f"the adb server is away: {error}")
            STOPPING.wait(1.0)
        except OperationalError as error:
            self.stderr.write(f"Postgres is away: {error}")
            connection.close()
            STOPPING.wait(1.0)
