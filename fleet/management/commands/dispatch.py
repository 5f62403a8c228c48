"""`manage.py dispatch`: the farm's one dispatcher."""

import signal
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from devices.clock import HOST, NS_PER_S
from fleet import dispatch, leases
from fleet.stopping import STOPPING

#: The advisory lock of the farm; a second dispatcher waits in idleness.
LOCK = 7_301_001
TURN_S = 0.25
REAP_EVERY_S = 5.0
SWEEP_EVERY_S = 5.0


class Command(BaseCommand):
    """Match waiting runs with free phones until stopped."""

    help = "Match waiting runs with free phones, ring the workers, reap expired leases."

    def handle(self, *args: Any, **options: Any) -> None:
        """Turn until SIGTERM."""
        signal.signal(signal.SIGTERM, lambda *_: STOPPING.set())
        signal.signal(signal.SIGINT, lambda *_: STOPPING.set())
        self.stdout.write("ready")
        self.stdout.flush()
        reaped = swept = 0.0
        while not STOPPING.wait(TURN_S):
            now = HOST.now_ns() / NS_PER_S
            try:
                if not self._is_the_one():
                    continue
                dispatch.hand_out()
                if now - reaped > REAP_EVERY_S:
                    leases.reap()
                    reaped = now
                if now - swept > SWEEP_EVERY_S:
                    dispatch.sweep()
                    swept = now
            except OperationalError as error:
                self.stderr.write(f"Postgres is away: {error}")
                connection.close()
                STOPPING.wait(1.0)

    def _is_the_one(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "select exists (select from pg_locks where locktype = 'advisory' and granted"
                " and objid = %s and pid = pg_backend_pid()) or pg_try_advisory_lock(%s)",
                [LOCK, LOCK],
            )
            return bool(cursor.fetchone()[0])
