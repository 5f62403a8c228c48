"""The history of runs and devices: who moved what, when and why; rows are only added."""

from django.db import models
from django.db.models.functions import Now

from fleet.models.device import Device
from fleet.models.run import Run


class Event(models.Model):
    """One step of a run or a device."""

    run = models.ForeignKey(Run, null=True, on_delete=models.CASCADE, related_name="events")
    device = models.ForeignKey(Device, null=True, on_delete=models.CASCADE, related_name="events")
    word = models.CharField(max_length=32)
    actor = models.CharField(max_length=128, null=True)
    reason = models.TextField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "fleet"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("run",),
                condition=models.Q(word__in=("completed", "failed", "cancelled", "aborted")),
                name="one_ending_per_run",
            ),
        )

    def __str__(self) -> str:
        return f"{self.word} by {self.actor}"
