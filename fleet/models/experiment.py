"""Experiments: an agenda, and the runs that it became."""

from django.conf import settings
from django.db import models


class Experiment(models.Model):
    """All runs of one agenda; how far it is, is read from them."""

    name = models.CharField(max_length=100)
    agenda_json = models.JSONField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="experiments"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    cancel_requested_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "fleet"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name
