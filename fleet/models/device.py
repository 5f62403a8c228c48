"""Hosts and their devices: what hangs where, how it is, and who holds it."""

from django.db import models

from devices.profile import DeviceProfile
from fleet.lifecycle.device import Health, State


class Host(models.Model):
    """A machine whose adb server the phones hang on, with the heartbeats of its processes."""

    name = models.CharField(max_length=64, unique=True)
    watcher_at = models.DateTimeField(null=True)
    worker_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "fleet"

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """A phone's row in the farm; connection, health and lease are three facts that stay apart."""

    host = models.ForeignKey(Host, on_delete=models.PROTECT, related_name="devices")
    serial = models.CharField(max_length=128)
    kind = models.CharField(max_length=16, default="phone")
    name = models.CharField(max_length=128, blank=True)
    profile_json = models.JSONField(null=True)
    tags = models.JSONField(default=list)
    note = models.TextField(blank=True)

    connection = models.CharField(max_length=64, default="offline")
    health = models.CharField(max_length=16, choices=Health.choices, default=Health.UNKNOWN)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OFFLINE)
    reason = models.TextField(blank=True)  # why it is in this state, for people
    since = models.DateTimeField(auto_now_add=True)
    responsive_at = models.DateTimeField(null=True)
    latest = models.JSONField(default=dict)  # newest readings for the fleet page

    holder = models.CharField(max_length=128, null=True)
    until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    offered = models.BooleanField(default=False)

    class Meta:
        app_label = "fleet"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("host", "serial"), name="one_device_per_serial"),
            models.CheckConstraint(
                name="holder_and_until_together",
                condition=models.Q(holder__isnull=True, until__isnull=True)
                | models.Q(holder__isnull=False, until__isnull=False),
            ),
            models.CheckConstraint(
                name="only_held_devices_are_offered",
                condition=models.Q(offered=False) | models.Q(holder__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.name or self.serial

    @property
    def profile(self) -> DeviceProfile | None:
        """What the last probe found, or None before the first."""
        return DeviceProfile.model_validate(self.profile_json) if self.profile_json else None
