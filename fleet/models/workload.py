"""Networks that users uploaded: a name for content that never changes."""

from django.conf import settings
from django.db import models


class UploadedWorkload(models.Model):
    """One network; its files lie in the store under their digests."""

    name = models.CharField(max_length=48, unique=True)
    param_sha256 = models.CharField(max_length=64)
    bin_sha256 = models.CharField(max_length=64)
    param_bytes = models.BigIntegerField()
    bin_bytes = models.BigIntegerField()
    source = models.CharField(max_length=8)  # what was uploaded: param, onnx
    source_sha256 = models.CharField(max_length=64)  # of the uploaded .bin or .onnx
    note = models.CharField(max_length=200, blank=True)  # what became of it on the way
    shape = models.JSONField()  # of the input: channels, height, width
    layers = models.JSONField()  # how many of each type
    macs = models.BigIntegerField()  # of one inference
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="workloads"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # No new run may name it any more; its name and files stay for the runs that did.
    removed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "fleet"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
